"""How likely comments are to be off topic: each is compared with the article it stands below."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.features.encoder import Encoder
from model.features.joint import JointReader
from model.reading.characters import is_readable
from model.reading.pieces import in_pieces
from model.reading.text import NormalisedText
from model.records import Article, Comment
from model.relevance import ArticleView, Relevance, Texts, article_texts, readable_part

#: Articles that are kept as they were read: twice those that a comment is compared with.
_KEPT = 2000

#: Characters of a body among which its beginning is found.
_BEGINNING = 2000

Normalise = Callable[[Sequence[str]], Sequence[NormalisedText]]


class ArticleReader:
    """Compares comments with their articles; an article is read once for all comments below it.

    Parameters
    ----------
    relevance
        Measures.
    encoder
        The bundle's: if it can, it reads each comment together with its article, too.
    normalise
        Normalises texts as the scorer does.
    """

    def __init__(self, relevance: Relevance, encoder: Encoder, normalise: Normalise) -> None:
        self._relevance, self._encoder, self._normalise = relevance, encoder, normalise
        self._joint = encoder if isinstance(encoder, JointReader) else None
        self._view = lru_cache(maxsize=_KEPT)(self._read_article)
        self._beginning = lru_cache(maxsize=_KEPT)(self._read_beginning)

    def whole(
        self, texts: Sequence[NormalisedText], heard: Sequence[NormalisedText], vectors: NDArray[np.float32]
    ) -> Texts:
        """Return N comments with their quotations, which tell what they are about.

        Parameters
        ----------
        texts, heard
            N comments; and what was heard of them: the same, but where something was left out.
        vectors
            What the encoder made of what was heard: N x D.
        """
        changed = [i for i, (text, own) in enumerate(zip(texts, heard, strict=True)) if own is not text]
        if changed:
            cut = in_pieces([texts[i] for i in changed])
            vectors = vectors.copy()
            vectors[changed] = cut.mean(self._encoder.encode(cut.plain).embedding)
        return Texts([text.text for text in texts], vectors)

    def features(
        self, comments: Sequence[Comment], texts: Texts, owners: Sequence[Article], others: Sequence[Article]
    ) -> NDArray[np.float32]:
        """Measure N comments; see `model.relevance.Relevance.features`.

        Parameters
        ----------
        comments, texts, owners
            N comments, the same as they were read, and what each stands below.
        others
            The paper's articles, where known.
        """
        replies = [i for i, comment in enumerate(comments) if comment.parent_text and is_readable(comment.parent_text)]
        return self._relevance.features(
            texts,
            self._read([comments[i].parent_text or "" for i in replies]),
            replies,
            [self._view(owner.title, readable_part(owner.body)) for owner in owners],
            np.array([self._view(other.title, readable_part(other.body)).centre for other in others], dtype=np.float32),
        )

    def joint(self, comments: Sequence[Comment], texts: Texts, owners: Sequence[Article]) -> NDArray[np.float32] | None:
        """Read N comments together with their articles, where the encoder can: N log-odds."""
        if self._joint is None:
            return None
        parents = [text.text for text in self._normalise([comment.parent_text or "" for comment in comments])]
        beginnings = [self._beginning(one.title, readable_part(one.body)) for one in owners]
        return self._joint.off_topic(beginnings, parents, texts.plain)

    def _read_article(self, title: str, body: str) -> ArticleView:
        """Encode an article's title and passages."""
        return self._relevance.view(self._read(article_texts(title, body)), titled=bool(title.strip()))

    def _read_beginning(self, title: str, body: str) -> list[int]:
        """Return the tokens of an article's beginning, for the encoder that reads it beside a comment."""
        head, lead = self._normalise([title, body[:_BEGINNING]])
        return [] if self._joint is None else self._joint.beginning(head.text, lead.text)

    def _read(self, texts: Sequence[str]) -> Texts:
        """Normalise and encode texts."""
        return Texts.encoded([text.text for text in self._normalise(texts)], self._encoder)


def stands_below(
    comments: Sequence[Comment], article: Article | None, articles: Mapping[str, Article]
) -> list[Article | None]:
    """Return what each comment stands below: the one article, or the one that it names."""
    return [article or articles.get(comment.article_id or "") for comment in comments]


def holds_text(article: Article) -> bool:
    """Return whether an article can be read."""
    return is_readable(article.title) or is_readable(article.body)
