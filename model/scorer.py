"""From comments to scores: the one path, for one comment or a million."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial
from itertools import islice
from types import MappingProxyType

import joblib
import numpy as np
import sklearn
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.bundling.manifest import Bundle
from model.errors import BundleError, InvalidInput, UnknownAttribute
from model.fallback import Fallback
from model.features.encoder import load_encoder
from model.heads import HiddenHead, LinearHeads
from model.reading.characters import is_readable
from model.reading.pieces import in_pieces
from model.reading.text import NormalisedText, TextNormaliser
from model.reasons.spans import SpanFinder
from model.reasons.subjects import Subjector
from model.records import Article, Comment, Scores, Span, Subjects, Unscorable
from model.relevance import ArticleView, Background, Relevance, Texts, article_texts, beginning

#: Comments that are worked on together: more gain no speed and cost memory.
_BATCH = 1024
#: Other articles that a comment is compared with: enough to know what the
#: paper writes about, few enough for their vectors to be kept.
_OTHERS = 1000
_OFF_TOPIC = "off_topic"
_NONE: Mapping[str, Article] = MappingProxyType({})
_NO_TEXT = Unscorable("The comment holds no text that can be scored.")


class Scorer:
    """Scores comments with one bundle; made by `load_bundle`.

    Parameters
    ----------
    bundle
        What scores.
    threads
        Texts that the encoder reads at the same time; as many as there are
        cores if left out.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        #: What the bundle says of itself.
        self.manifest = manifest = bundle.manifest
        if manifest.libraries["scikit-learn"].split(".")[:2] != sklearn.__version__.split(".")[:2]:
            raise BundleError(
                f"{bundle.path} was made with scikit-learn {manifest.libraries['scikit-learn']}, installed is "
                f"{sklearn.__version__}: fit it anew with `python -m training fit`."
            )
        words = bundle.file("words.txt").read().decode().split()
        #: The words that the bundle knows.
        self.words = frozenset(words)
        #: What a text falls back to where reading it fails.
        self.fallback = Fallback()
        self._normaliser = TextNormaliser(words)
        self._subjector = Subjector(words)
        self._ngrams = NgramWeights.load(bundle.file("ngrams.npz"))
        heads = joblib.load(bundle.file("heads.joblib"))
        if set(heads) != {"abuse", "mark_threshold"}:
            raise BundleError(f"{bundle.path / 'heads.joblib'} is of an older make: fit the bundle anew.")
        self._abuse = LinearHeads(heads["abuse"])
        self._off_topic = HiddenHead.load(bundle.file("off_topic.npz"))
        self._spans = SpanFinder(self._ngrams, self._abuse, manifest.thresholds, float(heads["mark_threshold"]))
        self._encoder = load_encoder(manifest.tier, bundle.file, threads)
        self._relevance = Relevance(Background.load(bundle.file("background.npz")), words)
        # An article is encoded once for all comments below it.
        self._view = lru_cache(maxsize=2 * _OTHERS)(self._read_article)

    def score(self, comment: Comment, article: Article | None = None, *, spans: bool = False) -> Scores:
        """Score one comment; see `score_many`."""
        return self.score_many([comment], article, spans=spans)[0]

    @staticmethod
    def is_scorable(comment: Comment) -> bool:
        """Return whether a comment holds anything that can be read."""
        return is_readable(comment.text)

    def score_many(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        articles: Mapping[str, Article] = _NONE,
        attributes: Collection[str] | None = None,
        spans: bool = False,
    ) -> list[Scores]:
        """Score comments that can all be read, in their order; see `score_each`.

        Raises
        ------
        InvalidInput
            If a comment or its article holds no text that could be read.
        UnknownAttribute
            If an attribute is none that this bundle models.
        """
        for owner in set(_owners(comments, article, articles)):
            if owner is not None and not _holds_text(owner):
                raise InvalidInput(
                    f"Article {owner.id or ''} has neither a title nor a body: relevance needs one of them."
                )
        found: list[Scores] = []
        each = self.score_each(comments, article, articles=articles, attributes=attributes, spans=spans)
        for comment, scores in zip(comments, each, strict=True):
            if isinstance(scores, Unscorable):
                raise InvalidInput(
                    f"The comment {comment.id or ''} holds no text that can be scored.".replace("  ", " ")
                )
            found.append(scores)
        return found

    def score_each(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        articles: Mapping[str, Article] = _NONE,
        attributes: Collection[str] | None = None,
        spans: bool = False,
    ) -> list[Scores | Unscorable]:
        """Score comments in their order, stepping over what cannot be read.

        Parameters
        ----------
        comments
            Any number; a score does not depend on what it is scored with.
        article
            What all of them stand below. A comment without an article, or
            below one that holds nothing to read, gets no `off_topic`.
        articles
            The paper's articles by their ids. Without `article`, a comment
            stands below the one that its `article_id` names. Each comment is
            compared with the other ones too (the first thousand): one that
            fits another article better is the likelier to be beside the
            point.
        attributes
            What to score; all that the bundle models if left out.
        spans
            Return the words behind the scores too, which takes longer.

        Returns
        -------
        list
            Scores for each comment, or `Unscorable` where it holds no text.

        Raises
        ------
        UnknownAttribute
            If an attribute is none that this bundle models.
        """
        wanted = self._wanted(attributes)
        texts = self._normalised([comment.text for comment in comments])
        found: list[Scores | Unscorable] = [_NO_TEXT] * len(comments)
        readable = [place for place, text in enumerate(texts) if text.text and not text.text.isspace()]
        owners: list[Article | None] = [None] * len(comments)
        if _OFF_TOPIC in wanted:
            owners = [owner if owner and _holds_text(owner) else None for owner in _owners(comments, article, articles)]
        others = [one for one in islice(articles.values(), _OTHERS) if _holds_text(one)] if any(owners) else []
        for start in range(0, len(readable), _BATCH):
            places = readable[start : start + _BATCH]
            scores = self._score_batch(
                [comments[place] for place in places],
                [texts[place] for place in places],
                [owners[place] for place in places],
                wanted,
                others,
                spans=spans,
            )
            for place, one in zip(places, scores, strict=True):
                found[place] = one
        return found

    def _wanted(self, attributes: Collection[str] | None) -> frozenset[str]:
        if attributes is None:
            return frozenset(self.manifest.attributes)
        for name in attributes:
            if name not in self.manifest.attributes:
                known = ", ".join(self.manifest.attributes)
                raise UnknownAttribute(f"This bundle does not score {name!r}; it scores {known}.")
        return frozenset(attributes)

    def _score_batch(
        self,
        comments: Sequence[Comment],
        texts: Sequence[NormalisedText],
        owners: Sequence[Article | None],
        wanted: frozenset[str],
        others: Sequence[Article],
        *,
        spans: bool,
    ) -> list[Scores]:
        cut = in_pieces(texts)
        plain = [piece.text for piece in cut.texts]
        grams = self._ngrams.ngrams(plain)
        has_owner = np.array([owner is not None for owner in owners])
        encoded = self._encoder.encode(plain, np.flatnonzero(has_owner[cut.owner]).tolist(), tokens=spans)
        by_piece = self._abuse.probabilities(np.concatenate([self._ngrams.score(grams), encoded.odds], axis=1))
        # A comment is as abusive as its worst piece.
        table = cut.worst(by_piece)
        names = self._abuse.names
        keep = [i for i, name in enumerate(names) if name in wanted]
        kept = [names[i] for i in keep]
        values = [dict(zip(kept, row, strict=True)) for row in table[:, keep].tolist()]
        below = np.flatnonzero(has_owner).tolist()
        if below:
            encoded_below = in_pieces([texts[i] for i in below]).mean(encoded.embedding)
            off_topic = self._off_topic_of(
                [comments[i] for i in below],
                Texts([texts[i].text for i in below], encoded_below),
                [owner for owner in owners if owner is not None],
                others,
            )
            for i, probability in zip(below, off_topic.tolist(), strict=True):
                values[i][_OFF_TOPIC] = probability
        if not spans:
            return [Scores(row) for row in values]
        found: list[tuple[Span, ...]] = [()] * len(texts)
        for i, piece in enumerate(cut.texts):
            scores = dict(zip(kept, by_piece[i, keep].tolist(), strict=True))
            tokens = encoded.tokens[i] if encoded.tokens else None
            marked: tuple[Span, ...] = ()
            found[cut.owner[i]] += self.fallback.run(
                "spans", partial(self._spans.find, piece, scores, grams, i, tokens), marked
            )
        about: list[Subjects | None] = [None] * len(texts)
        for i, (comment, owner) in enumerate(zip(comments, owners, strict=True)):
            if owner is not None:
                subjects = partial(self._subjector.subjects, texts[i].text, comment.text, owner)
                about[i] = self.fallback.run("subjects", subjects, None)
        return [Scores(*row) for row in zip(values, found, about, strict=True)]

    def _normalised(self, texts: Sequence[str]) -> list[NormalisedText]:
        found = self.fallback.run("reading", partial(self._normaliser.normalise_many, texts), None)
        if found is not None:
            return found
        # One of them must not take the disguises of the others for plain text.
        return [
            self.fallback.run("reading", partial(self._normaliser.normalise, text), NormalisedText(_encodable(text)))
            for text in texts
        ]

    def _off_topic_of(
        self,
        comments: Sequence[Comment],
        texts: Texts,
        owners: Sequence[Article],
        others: Sequence[Article],
    ) -> NDArray[np.float32]:
        replies = [i for i, comment in enumerate(comments) if comment.parent_text and is_readable(comment.parent_text)]
        features = self._relevance.features(
            texts,
            self._read([comments[i].parent_text or "" for i in replies]),
            replies,
            [self._view_of(owner) for owner in owners],
            np.array([self._view_of(other).centre for other in others], dtype=np.float32),
        )
        return self._off_topic.probabilities(features)

    def _view_of(self, article: Article) -> ArticleView:
        return self._view(article.title, beginning(article.body))

    def _read_article(self, title: str, body: str) -> ArticleView:
        return self._relevance.view(self._read(article_texts(title, body)), titled=bool(title.strip()))

    def _read(self, texts: Sequence[str]) -> Texts:
        return Texts.encoded([text.text for text in self._normalised(texts)], self._encoder)


def _owners(
    comments: Sequence[Comment], article: Article | None, articles: Mapping[str, Article]
) -> list[Article | None]:
    """Return what each comment stands below."""
    return [article or articles.get(comment.article_id or "") for comment in comments]


def _holds_text(article: Article) -> bool:
    return is_readable(article.title) or is_readable(article.body)


def _encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, character for character."""
    return text.encode("utf-8", "replace").decode()
