"""From comments to scores: the one path, for one comment or a million."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import islice
from types import MappingProxyType

import numpy as np

from model.abuse import NgramWeights
from model.bundling.manifest import Bundle
from model.errors import BundleError, InvalidInput, UnknownAttribute
from model.features.loading import load_encoder
from model.features.phrases.finder import PhraseFinder, raised
from model.features.phrases.self_harm import SELF_HARM
from model.features.phrases.veiled_threats import VEILED_THREATS
from model.heads import LinearHeads, OffTopicHead
from model.off_topic import ArticleReader, holds_text, stands_below
from model.reading.characters import is_readable
from model.reading.fallback import Fallback, FallbackNormaliser
from model.reading.names import names_read
from model.reading.pieces import in_pieces
from model.reading.quotes import Sources, may_quote, own_words
from model.reading.text import NormalisedText, TextNormaliser
from model.reasons.spans import SpanFinder
from model.reasons.subjects import Subjector
from model.records import Article, Comment, Scores, Span, Subjects, Unscorable
from model.relevance import Background, Relevance

#: Comments that are worked on together: more gain no speed and cost memory.
_BATCH = 1024
#: Pieces of one comment in which words are marked, those with the highest scores: nobody reads more marks.
_MOST_MARKED = 64
#: Other articles that a comment is compared with: enough to know what the
#: paper writes about, few enough for their vectors to be kept.
_OTHERS = 1000
#: Share of a threshold from which on a quotation is abusive.
_NEAR = 0.5
_OFF_TOPIC = "off_topic"
_NONE: Mapping[str, Article] = MappingProxyType({})
_PHRASES = PhraseFinder((SELF_HARM, VEILED_THREATS))
_NO_TEXT = Unscorable("The comment has no text to score.")


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
        words = bundle.file("words.txt").read().decode().split()
        #: The words that the bundle knows.
        self.words = frozenset(words)
        #: What a text falls back to where reading it fails.
        self.fallback = Fallback()
        self._normaliser = FallbackNormaliser(TextNormaliser(words), self.fallback)
        self._subjector = Subjector(words)
        self._ngrams = NgramWeights.load(bundle.file("ngrams.npz"))
        self._abuse = LinearHeads.load(bundle.file("heads.npz"))
        self._near = _NEAR * np.array([manifest.thresholds.get(name, 1.0) for name in self._abuse.names])
        self._spans = self._span_finder()
        self._encoder = load_encoder(manifest.tier, bundle.file, threads)
        # The encoder's log-odds stand beside the n-grams' sums.
        seen = self._ngrams.margins.shape[1] * (2 if manifest.tier == "accurate" else 1)
        if {*self._abuse.names} != {*manifest.attributes} - {_OFF_TOPIC} or len(self._abuse.weights) != seen:
            raise BundleError(f"The parts of {bundle.path} do not belong together: fit the bundle again.")
        relevance = Relevance(Background.load(bundle.file("background.npz")), words)
        self._articles = ArticleReader(relevance, self._encoder, self._normaliser.normalise_many)
        self._off_topic = OffTopicHead.load(bundle.file("off_topic.npz"))

    def use_operating_point(self, point: str) -> None:
        """Use an operating point's thresholds from now on: `cautious`, `balanced` or `thorough`.

        Raises
        ------
        InvalidInput
            If the bundle has no such operating point.
        """
        self.manifest = self.manifest.at(point)
        self._spans = self._span_finder()

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
        for owner in set(stands_below(comments, article, articles)):
            if owner is not None and not holds_text(owner):
                raise InvalidInput(
                    f"Article {owner.id or ''} has neither a title nor a body: relevance needs one.".replace("  ", " ")
                )
        found: list[Scores] = []
        each = self.score_each(comments, article, articles=articles, attributes=attributes, spans=spans)
        for comment, scores in zip(comments, each, strict=True):
            if isinstance(scores, Unscorable):
                raise InvalidInput(f"The comment {comment.id or ''} has no text to score.".replace("  ", " "))
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
        texts = self._normaliser.normalise_many([comment.text for comment in comments])
        found: list[Scores | Unscorable] = [_NO_TEXT] * len(comments)
        readable = [place for place, text in enumerate(texts) if text.text and not text.text.isspace()]
        owners = [owner if owner and holds_text(owner) else None for owner in stands_below(comments, article, articles)]
        others: list[Article] = []
        if _OFF_TOPIC in wanted and any(owners):
            others = [one for one in islice(articles.values(), _OTHERS) if holds_text(one)]
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

    def _span_finder(self) -> SpanFinder:
        """Make what finds the words behind scores, for the thresholds in force."""
        return SpanFinder(self._ngrams, self._abuse, self.manifest.thresholds, self.manifest.mark_threshold)

    def _wanted(self, attributes: Collection[str] | None) -> frozenset[str]:
        """Return the attributes to score; refuse those that the bundle does not model."""
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
        """Score comments that can all be read: abuse, relevance and, if wanted, the words behind it."""
        heard = self.fallback.run("quotes", partial(self._heard, comments, texts, owners), texts)
        cut = in_pieces(heard)
        grams = self._ngrams.ngrams(cut.plain)
        has_owner = np.array([owner is not None and _OFF_TOPIC in wanted for owner in owners])
        encoded = self._encoder.encode(cut.plain, np.flatnonzero(has_owner[cut.owner]).tolist(), tokens=spans)
        by_piece = self._abuse.probabilities(np.concatenate([self._ngrams.score(grams), encoded.odds], axis=1))
        # A comment is as abusive as its worst piece.
        names = self._abuse.names
        said = _PHRASES.find([text.text for text in heard])
        sentences = [said[i].kind.sentence if i in said else None for i in range(len(texts))]
        unraised = cut.worst(by_piece)
        table = raised(unraised, names, said)
        keep = [i for i, name in enumerate(names) if name in wanted]
        kept = [names[i] for i in keep]
        values = [dict(zip(kept, row, strict=True)) for row in table[:, keep].tolist()]
        if below := np.flatnonzero(has_owner).tolist():
            vectors = in_pieces([heard[i] for i in below]).mean(encoded.embedding)
            read = (
                [comments[i] for i in below],
                self._articles.whole([texts[i] for i in below], [heard[i] for i in below], vectors),
                [owner for owner in owners if owner is not None],
            )
            off_topic = self._off_topic.probabilities(
                self._articles.features(*read, others), self._articles.joint(*read)
            )
            for i, probability in zip(below, off_topic.tolist(), strict=True):
                values[i][_OFF_TOPIC] = probability
        if not spans:
            return [Scores(row, threat_sentence=sentences[i]) for i, row in enumerate(values)]
        found: list[tuple[Span, ...]] = [()] * len(texts)
        for i in cut.highest(by_piece.max(axis=1), _MOST_MARKED):
            piece = cut.texts[i]
            scores = dict(zip(kept, by_piece[i, keep].tolist(), strict=True))
            tokens = encoded.tokens[i] if encoded.tokens else None
            marked: tuple[Span, ...] = ()
            found[cut.owner[i]] += self.fallback.run(
                "spans", partial(self._spans.find, piece, scores, grams, i, tokens), marked
            )
        for i, one in said.items():
            share = round(1 / len(one.places), 4)
            places = [heard[i].original(*place) for place in one.places]
            phrases = [Span(*place, name, share) for name in one.kind.more for place in places]
            before = dict(zip(kept, unraised[i, keep].tolist(), strict=True))
            found[i] = self._spans.with_phrases(found[i], phrases, before, values[i])
        about = self._subjects(comments, texts, owners if _OFF_TOPIC in wanted else [None] * len(texts))
        return [Scores(values[i], found[i], about[i], sentences[i]) for i in range(len(texts))]

    def _heard(
        self, comments: Sequence[Comment], texts: Sequence[NormalisedText], owners: Sequence[Article | None]
    ) -> list[NormalisedText]:
        """Return of each comment what tells of abuse: its writer's own words, and names as names."""
        sources = {
            i: Sources(comment.text, comment.parent_text or "", (owner.title, owner.body) if owner else ())
            for i, (comment, owner) in enumerate(zip(comments, owners, strict=True))
            if may_quote(texts[i].text)
        }
        return names_read(own_words(texts, sources, self._are_abusive))

    def _are_abusive(self, texts: Sequence[NormalisedText]) -> list[bool]:
        """Return which texts come near a threshold of abuse by themselves."""
        cut = in_pieces(texts)
        odds = self._encoder.encode(cut.plain, []).odds
        grams = self._ngrams.ngrams(cut.plain)
        by_piece = self._abuse.probabilities(np.concatenate([self._ngrams.score(grams), odds], axis=1))
        near: list[bool] = np.any(cut.worst(by_piece) >= self._near, axis=1).tolist()
        said = _PHRASES.find([text.text for text in texts])
        return [one or i in said for i, one in enumerate(near)]

    def _subjects(
        self, comments: Sequence[Comment], texts: Sequence[NormalisedText], owners: Sequence[Article | None]
    ) -> list[Subjects | None]:
        """Return what each comment and its article are about."""
        about: list[Subjects | None] = [None] * len(texts)
        for i, owner in enumerate(owners):
            if owner is not None:
                subjects = partial(self._subjector.subjects, texts[i].text, comments[i].text, owner)
                about[i] = self.fallback.run("subjects", subjects, None)
        return about
