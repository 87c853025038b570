"""How far a comment is from its article, in numbers: by its encoding and by its words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from model.features.encoder import Encoder
from model.features.overlap import ArticleWords, WordOverlap
from model.reading.characters import is_readable

#: Neighbours whose mean likeness tells how crowded a comment's subject is.
_NEIGHBOURS = 10
#: Passages of an article (and general remarks) that a comment is held against.
_PASSAGES = 3
#: Characters of a body that are read: a long read has as many. Whoever waits for a score waits for this.
_LONGEST = 50_000
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_PARTS = ("articles", "comments", "remarks")


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article as comments are compared with it.

    Attributes
    ----------
    passages
        K x D, unit length, the title first where there is one.
    centre
        D, unit length: their mean.
    crowd
        Mean likeness of the centre to the comments from elsewhere that are
        most like it.
    words
        The words in it.
    """

    passages: NDArray[np.float32]
    centre: NDArray[np.float32]
    crowd: float
    words: ArticleWords


@dataclass(frozen=True, slots=True)
class Texts:
    """N texts, normalised, and what the encoder makes of them: N x D, unit length."""

    plain: Sequence[str]
    vectors: NDArray[np.float32]

    @classmethod
    def encoded(cls, plain: Sequence[str], encoder: Encoder) -> "Texts":
        """Encode normalised texts."""
        return cls(plain, encoder.encode(plain).embedding if plain else np.empty((0, 0), np.float32))


@dataclass(frozen=True, slots=True)
class Background:
    """Texts that belong to no article, and remarks that belong to every one.

    Attributes
    ----------
    articles
        M x D, unit length: articles unrelated to every comment.
    comments
        L x D, unit length: comments unrelated to every article.
    remarks
        R x D, unit length: remarks such as "well said", at home everywhere.
    """

    articles: NDArray[np.float32]
    comments: NDArray[np.float32]
    remarks: NDArray[np.float32]

    def save(self, file: Path) -> None:
        """Write the background that relevance is measured against, as int8; loading scales it to unit length."""
        parts = {}
        for name in _PARTS:
            vectors = getattr(self, name)
            parts[name] = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(np.int8)
        np.savez_compressed(file, **parts)

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "Background":
        """Read what `save` wrote."""
        stored = np.load(file, allow_pickle=False)
        parts = {name: stored[name].astype(np.float32) for name in _PARTS}
        return cls(**{name: part / np.linalg.norm(part, axis=1, keepdims=True) for name, part in parts.items()})


class Relevance:
    """Measures comments against articles; values in, numbers out.

    A plain cosine says more about how general a comment or an article is
    than about whether they belong together. So the likeness of either to its
    nearest unrelated texts stands beside it (cross-domain similarity local
    scaling, Conneau et al. 2018, arXiv:1710.04087).
    """

    def __init__(self, background: Background, words: Sequence[str]) -> None:
        self._background = background
        self._overlap = WordOverlap(words)

    def view(self, article: Texts, *, titled: bool) -> ArticleView:
        """Make an article's view.

        Parameters
        ----------
        article
            The texts of `article_texts`, encoded.
        titled
            Whether the first of them is its title.
        """
        centre = article.vectors.mean(axis=0)
        centre /= np.linalg.norm(centre)
        crowd = float(_nearest(self._background.comments @ centre))
        words = self._overlap.article(article.plain[0] if titled else "", " \n".join(article.plain[titled:]))
        return ArticleView(article.vectors, centre, crowd, words)

    def features(
        self,
        comments: Texts,
        parents: Texts,
        replies: Sequence[int],
        articles: Sequence[ArticleView],
        others: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Measure N comments against the articles that they stand below.

        Parameters
        ----------
        comments
            N of them.
        parents
            The P comments that some of them answer.
        replies
            P: the places of those that do, among the N.
        articles
            N of them.
        others
            M x D: the centres of the paper's articles, where known; a
            comment's own may be among them.

        Returns
        -------
        N x F: what is measured of the comment; the same of its parent, and
        how alike the two are, or zeros; the comment's vector.
        """
        own = self._measure(comments, articles, others)
        of_parent = np.zeros((len(own), own.shape[1] + 2), dtype=np.float32)
        if replies:
            of_parent[replies, :-2] = self._measure(parents, [articles[i] for i in replies], others)
            of_parent[replies, -2] = 1.0
            of_parent[replies, -1] = (parents.vectors * comments.vectors[replies]).sum(axis=1)
        return np.concatenate([own, of_parent, comments.vectors], axis=1)

    def _measure(
        self, texts: Texts, articles: Sequence[ArticleView], others: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Measure how near each comment is to its article, to other articles and to general remarks."""
        near = np.zeros((len(texts.plain), 9), dtype=np.float32)
        remarks = _likeness(texts.vectors, self._background.remarks)
        near[:, 0] = _nearest(remarks, _PASSAGES)
        near[:, 1] = remarks.max(axis=1)
        near[:, 2] = _nearest(_likeness(texts.vectors, self._background.articles))
        elsewhere = _likeness(texts.vectors, others).max(axis=1) if len(others) else np.full(len(near), -1.0)
        # One article after the other; the same one is the same object.
        rows: dict[int, list[int]] = {}
        for i, article in enumerate(articles):
            rows.setdefault(id(article), []).append(i)
        for places in rows.values():
            article = articles[places[0]]
            own = _likeness(texts.vectors[places], np.vstack([article.centre, article.passages]))
            near[places, 3] = own[:, 0]
            near[places, 4] = own[:, 1]
            near[places, 5] = own[:, 1:].max(axis=1)
            # A comment takes up a few passages of a long article, not all.
            near[places, 6] = _nearest(own[:, 1:], _PASSAGES)
            near[places, 7] = article.crowd
        # Better at home below another article. A comment's own is no better than itself.
        near[:, 8] = np.maximum(elsewhere - near[:, 3], 0.0)
        return np.concatenate([near, self._overlap.measure(texts.plain, [a.words for a in articles])], axis=1)


def article_texts(title: str, body: str) -> list[str]:
    """Return what the encoder is to read of an article: its title, where it has one, and its passages."""
    return [text for text in (title.strip(), *passages(body)) if text]


def readable_part(body: str) -> str:
    """Cut a very long article to the part that relevance reads, from its first readable character."""
    if len(body) <= _LONGEST:
        return body
    start = next((i for i, character in enumerate(body) if is_readable(character)), 0)
    return body[start : start + _LONGEST]


def passages(text: str, words: int = 90) -> list[str]:
    """Cut a text into passages of whole sentences, of up to `words` words."""
    found: list[str] = []
    sentences: list[str] = []
    length = 0
    for sentence in _SENTENCE_END.split(text):
        count = len(sentence.split())
        if sentences and length + count > words:
            found.append(" ".join(sentences))
            sentences, length = [], 0
        if count:
            sentences.append(sentence)
            length += count
    return [*found, " ".join(sentences)] if sentences else found


def _likeness(rows: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cosines of N unit vectors with M others: N x M.

    Row by row: with another number of rows, BLAS takes other ways, whose last
    bits differ. A score must not tell what it was scored with.
    """
    return np.stack([others @ row for row in rows])


def _nearest(likeness: NDArray[np.float32], most: int = _NEIGHBOURS) -> NDArray[np.float32]:
    """Return the mean likeness to the nearest neighbours."""
    count = min(most, likeness.shape[-1])
    mean: NDArray[np.float32] = np.partition(likeness, -count, axis=-1)[..., -count:].mean(axis=-1)
    return mean
