"""How near a comment is to its article, against how near comments and articles are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from model.reading.characters import is_readable
from model.records import Article

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

#: Neighbours whose mean likeness tells how crowded a comment's subject is.
_NEIGHBOURS = 10
#: Passages of an article (and general remarks) that a comment is held against.
_PASSAGES = 3
#: Characters of a body that are read: a long read has as many. Whoever waits for a score waits for this.
_LONGEST = 50_000
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class ArticleVectors:
    """An article as the encoder sees it.

    `passages` is K x D, unit length, the title first where there is one;
    `centre` (D, unit length) is their mean; `crowd` is the mean likeness of
    the centre to the comments that are most like it.
    """

    passages: NDArray[np.float32]
    centre: NDArray[np.float32]
    crowd: float


class Relevance:
    """Measures comments against articles.

    A plain cosine says more about how general a comment or an article is
    than about whether they belong together. So the likeness is taken
    relative to the likeness of either to its nearest strangers (cross-domain
    similarity local scaling, Conneau et al. 2018, arXiv:1710.04087).

    Parameters
    ----------
    embed
        Texts to unit vectors, N x D.
    articles
        M x D, unit length: articles that are strangers to every comment.
    comments
        L x D, unit length: comments that are strangers to every article.
    remarks
        R x D, unit length: remarks such as "well said", at home everywhere.
    """

    def __init__(
        self,
        embed: Embed,
        articles: NDArray[np.float32],
        comments: NDArray[np.float32],
        remarks: NDArray[np.float32],
    ) -> None:
        self._embed = embed
        self._remarks = remarks
        self._articles = articles
        self._comments = comments
        self._remembered = lru_cache(maxsize=4096)(self._vectors)

    def vectors(self, title: str, body: str) -> ArticleVectors:
        """Encode an article, or remember it."""
        return self._remembered(title, _beginning(body))

    def _vectors(self, title: str, body: str) -> ArticleVectors:
        texts = [text for text in (title.strip(), *passages(body)) if text]
        found = self._embed(texts)
        centre = found.mean(axis=0)
        centre /= np.linalg.norm(centre)
        return ArticleVectors(found, centre, float(_nearest(self._comments @ centre)))

    def features(
        self, comments: NDArray[np.float32], owners: Sequence[Article | None], others: Sequence[Article] = ()
    ) -> NDArray[np.float32]:
        """Measure N comments against the articles that they stand below.

        Parameters
        ----------
        comments
            N x D, unit vectors.
        owners
            N articles whose title, body or both hold text.
        others
            The paper's articles, where known: a comment that fits another of
            them better is the likelier to be beside the point.

        Returns
        -------
        N x 2: the likeness to the whole and to the nearest passages, less
        what comment and article have in common with their nearest strangers;
        and the likeness to the nearest general remarks.
        """
        found = np.zeros((len(comments), 2), dtype=np.float32)
        found[:, 1] = _nearest(_likeness(comments, self._remarks), _PASSAGES)
        rows: dict[tuple[str, str], list[int]] = {}
        for i, owner in enumerate(owners):
            if owner is not None:
                rows.setdefault((owner.title, owner.body), []).append(i)
        columns: dict[tuple[str, str], list[int]] = {}
        for i, other in enumerate(others, start=len(self._articles)):
            columns.setdefault((other.title, other.body), []).append(i)
        centres = [self.vectors(other.title, other.body).centre for other in others]
        strangers = _likeness(comments, self._articles)
        if centres:
            strangers = np.hstack([strangers, _likeness(comments, np.vstack(centres))])
        for key, numbers in rows.items():
            vectors = self.vectors(*key)
            # An article is no stranger to what is written below it. In rows again: means of columns round otherwise.
            others_only = np.delete(strangers[numbers], columns.get(key, []), axis=1)
            crowd = _nearest(np.ascontiguousarray(others_only))
            own = _likeness(comments[numbers], np.vstack([vectors.centre, vectors.passages]))
            # A comment takes up a few passages of a long article, not all.
            found[numbers, 0] = own[:, 0] + _nearest(own[:, 1:], _PASSAGES) - crowd - vectors.crowd
        return found


def _likeness(rows: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the cosines of N unit vectors with M others: N x M.

    Row by row: with another number of rows, BLAS takes other ways, whose last
    bits differ. A score must not tell what it was scored with.
    """
    return np.stack([others @ row for row in rows])


def _nearest(likeness: NDArray[np.float32], most: int = _NEIGHBOURS) -> NDArray[np.float32]:
    count = min(most, likeness.shape[-1])
    mean: NDArray[np.float32] = np.partition(likeness, -count, axis=-1)[..., -count:].mean(axis=-1)
    return mean


def _beginning(body: str) -> str:
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
