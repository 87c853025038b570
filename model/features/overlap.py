"""Which words a comment shares with its article, weighed by how rare they are in comments at large."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[a-z0-9£$€]+(?:['-][a-z0-9]+)*")
#: Not at the start of a sentence, where every word has a capital.
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][a-z]{2,}\b|\b\d[\d,.]*\b")
_ANY_NAME = re.compile(r"\b[A-Z][a-z]{2,}\b|\b\d[\d,.]*\b")
_ENDING = re.compile(r"(?:ing|ed|es|s|ly|ers|er|e)$")
_SHORT = 4
#: Rarity up to which a word says nothing of a subject.
_COMMON = 2.0
#: How many numbers `WordOverlap.measure` gives.
WIDTH = 10


@dataclass(frozen=True, slots=True)
class ArticleWords:
    """The stems in an article and in its title, and its names and numbers, in lower case."""

    stems: frozenset[str]
    title: frozenset[str]
    names: frozenset[str]


class WordOverlap:
    """Measures what comments share with their articles, word by word.

    Parameters
    ----------
    words
        The words of comments at large, most frequent first.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._stems = _Stems((word, stem(word)) for word in words)
        self._rarity = _Rarity(words)

    def article(self, title: str, body: str) -> ArticleWords:
        """Read an article as the encoder does."""
        return ArticleWords(
            frozenset([*self._read(title), *self._read(body)]),
            frozenset(self._read(title)),
            frozenset(name.lower() for name in _ANY_NAME.findall(f"{title} {body}")),
        )

    def measure(self, texts: Sequence[str], articles: Sequence[ArticleWords]) -> NDArray[np.float32]:
        """Measure N texts against the articles that they stand below: N x `WIDTH`.

        In this order: the share of a text's rarity that the article shares,
        its sum, and its rarest shared word; the rarest word not shared and
        the sum of those; the share that the title shares; the names and
        numbers that are shared and those that are not; how many words there
        are; whether something is asked.
        """
        found = np.zeros((len(texts), WIDTH), dtype=np.float32)
        # A blank stands for itself, so that no text is without a word: `reduceat` has no empty segments.
        read = [self._read(text) or [""] for text in texts]
        counts = np.fromiter(map(len, read), dtype=np.int64, count=len(read))
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        rarity = np.array([value for stems in read for value in map(self._rarity.__getitem__, stems)])
        pairs = list(zip(read, articles, strict=True))
        shared = np.array([known for stems, article in pairs for known in map(article.stems.__contains__, stems)])
        titled = np.array([known for stems, article in pairs for known in map(article.title.__contains__, stems)])
        telling = np.maximum(rarity - _COMMON, 0.0)
        total = np.add.reduceat(rarity, starts) + 1e-6
        found[:, 0] = np.add.reduceat(rarity * shared, starts) / total
        found[:, 1] = np.log1p(np.add.reduceat(telling * shared, starts))
        found[:, 2] = np.maximum.reduceat(rarity * shared, starts)
        found[:, 3] = np.maximum.reduceat(rarity * ~shared, starts)
        found[:, 4] = np.log1p(np.add.reduceat(telling * ~shared, starts))
        found[:, 5] = np.add.reduceat(rarity * titled, starts) / total
        names = [{name.lower() for name in _NAME.findall(text)} for text in texts]
        common = np.array([len(some & article.names) for some, (_, article) in zip(names, pairs, strict=True)])
        found[:, 6] = np.log1p(common)
        found[:, 7] = np.log1p(np.fromiter(map(len, names), dtype=np.int64, count=len(names)) - common)
        found[:, 8] = np.log1p(counts)
        found[:, 9] = ["?" in text for text in texts]
        return found

    def _read(self, text: str) -> list[str]:
        """Return the stems of a text's words."""
        # Each once, in their order: that of a set is another in each process.
        return list(dict.fromkeys(map(self._stems.__getitem__, _WORD.findall(text.lower()))))


def stem(word: str) -> str:
    """Cut off an English word's endings, roughly."""
    plain = word.removesuffix("'s")
    return _ENDING.sub("", plain) if len(plain) > _SHORT else plain


class _Stems(dict[str, str]):
    """The stem of each word, worked out once."""

    def __missing__(self, word: str) -> str:
        return stem(word)


class _Rarity(dict[str, float]):
    """By Zipf's law, the logarithm of a word's rank. In 256ths: their sums are exact, whatever their order."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__({"": 0.0})
        for rank, word in enumerate(words):
            self.setdefault(stem(word), _of_rank(rank))
        self._last = _of_rank(len(words))

    def __missing__(self, stemmed: str) -> float:
        return self._last


def _of_rank(rank: int) -> float:
    """Return the weight of a word by how frequent it is."""
    return round(256 * float(np.log1p(rank / 10))) / 256
