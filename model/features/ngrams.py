"""Hashed character and word n-grams of a batch of texts, without a loop over them.

A text is read as lower-cased UTF-8 bytes. Its features are all runs of a few
bytes, all words, and all pairs of neighbouring words, each hashed into one
of `2 ** bits` buckets (the hashing trick, Weinberger et al. 2009,
arXiv:0902.2206). The hash is a polynomial over the bytes modulo 2**32, so
that each length follows from the one before by one multiplication and one
addition over the whole batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

#: Lengths of the byte runs of a text, and of a single word, which has few.
LENGTHS, OF_WORDS = range(3, 7), range(2, 7)
_BASE = np.uint32(0x01000193)
_INVERSE = np.uint32(pow(0x01000193, -1, 1 << 32))
#: Knuth's multiplicative hash: the upper bits of the product are well mixed.
_GOLDEN = np.uint32(0x9E3779B1)
_WORD_SALT = np.uint32(0x85EBCA6B)
_PAIR = np.uint32(0xC2B2AE35)
_SPACE = 32


def _folding_table() -> NDArray[np.uint8]:
    """Return what each byte is read as: letters lower-case, most signs as spaces."""
    table = np.full(256, _SPACE, dtype=np.uint8)
    for code in range(128):
        character = chr(code).lower()
        # Signs that stand inside masked words ("f*ck") or carry tone ("!").
        if character.isalnum() or character in "*!?@#$%&'":
            table[code] = ord(character)
    table[128:] = np.arange(128, 256)
    return table


_FOLD = _folding_table()


@dataclass(frozen=True, slots=True)
class Ngrams:
    """The n-grams of a batch of N texts, text by text.

    Attributes
    ----------
    columns
        Buckets of the byte runs, one after the other at each byte; and of the
        words, each before the pair of it and the next. Bucket 0 takes what
        would reach beyond its text: its weight is zero.
    counts
        For both, how many belong to each text: N each.
    values
        N: 1 / sqrt(number of a text's n-grams), what each of them counts.
    words
        First byte of each word, and byte after its last, within the batch.
    sizes
        N: bytes of each text, with a blank on either side.
    buckets
        How many there are.
    lengths
        Of the byte runs.
    """

    columns: tuple[NDArray[np.int32], NDArray[np.int32]]
    counts: tuple[NDArray[np.int64], NDArray[np.int64]]
    values: NDArray[np.float32]
    words: tuple[NDArray[np.int64], NDArray[np.int64]]
    sizes: NDArray[np.int64]
    buckets: int
    lengths: range

    def matrices(self) -> list[csr_matrix]:
        """Return both kinds as N x buckets; columns may occur twice in a row."""
        found = []
        for columns, counts in zip(self.columns, self.counts, strict=True):
            indptr = np.concatenate([[0], np.cumsum(counts)])
            shape = (len(self.values), self.buckets)
            found.append(csr_matrix((np.repeat(self.values, counts), columns, indptr), shape=shape, copy=False))
        return found

    def dot(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sum the weights of each text's n-grams: N x attributes."""
        if weights.shape[1] == 1:
            column = weights[:, 0]
            row = np.arange(len(self.values))
            sums = sum(
                np.bincount(np.repeat(row, counts), column[columns], len(row))
                for columns, counts in zip(self.columns, self.counts, strict=True)
            )
            narrow: NDArray[np.float32] = (sums * self.values).astype(np.float32)[:, None]
            return narrow
        if len(self.values) == 1:
            # For one text the matrices would cost more than the sums. Each n-gram is weighed before it is
            # added, as the matrices do it: the last bits must not tell whether a text came alone.
            runs, words = (
                np.add.reduce(weights.take(columns, axis=0) * self.values[0], axis=0) for columns in self.columns
            )
            single: NDArray[np.float32] = (runs + words)[None, :]
            return single
        runs, words = self.matrices()
        margins: NDArray[np.float32] = runs @ weights
        margins += words @ weights
        return margins

    def evidence(self, row: int, weights: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return what each n-gram of one of the texts adds to `dot`.

        Returns
        -------
        bounds, evidence
            P x 2, the bytes that it spans in the text; P x attributes.
        """
        size = int(self.sizes[row])
        first = np.repeat(np.arange(size), len(self.lengths))
        characters = np.stack([first, first + np.tile(self.lengths, size)], axis=1)
        before = [int(counts[:row].sum()) for counts in self.counts]
        runs, words = (slice(i, i + int(n[row])) for i, n in zip(before, self.counts, strict=True))
        begins, ends = (places[words.start // 2 : words.stop // 2] - self.sizes[:row].sum() for places in self.words)
        # A word, and it with the next one; the last has none.
        ends_of_pairs = np.append(ends[1:], ends[-1:])
        said = np.stack([np.repeat(begins, 2), np.stack([ends, ends_of_pairs], axis=1).ravel()], axis=1)
        bounds = np.concatenate([characters, said])
        columns = np.concatenate([self.columns[0][runs], self.columns[1][words]])
        # The text stands behind one blank.
        return np.clip(bounds - 1, 0, size - 2), weights[columns] * self.values[row]


def ngrams(texts: Sequence[str], bits: int, lengths: range = LENGTHS) -> Ngrams:
    """Hash the n-grams of normalised texts into `2 ** bits` buckets."""
    encoded = [f" {text} ".encode("utf-8", "replace") for text in texts]
    sizes = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    ends = np.cumsum(sizes)
    codes = _FOLD[np.frombuffer(b"".join(encoded), dtype=np.uint8)]
    shift = np.uint32(32 - bits)
    runs = _character_buckets(codes, ends - sizes, ends, lengths, shift)
    begins, stops, said, row = _word_buckets(codes, ends, shift)
    word_count = 2 * np.bincount(row, minlength=len(encoded))
    values = (1.0 / np.sqrt(np.maximum(sizes * len(lengths) + word_count, 1))).astype(np.float32)
    return Ngrams(
        columns=(runs.ravel(), said.ravel()),
        counts=(sizes * len(lengths), word_count),
        values=values,
        words=(begins, stops),
        sizes=sizes,
        buckets=1 << bits,
        lengths=lengths,
    )


def _character_buckets(
    codes: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], lengths: range, shift: np.uint32
) -> NDArray[np.int32]:
    """Return the bucket of each run of bytes: positions x lengths."""
    size = len(codes)
    wide = np.zeros(size + lengths[-1], dtype=np.uint32)
    wide[:size] = codes
    value = wide[:size].copy()
    buckets = np.empty((size, len(lengths)), dtype=np.uint32)
    for length in range(2, lengths.stop):
        value *= _BASE
        value += wide[length - 1 : size + length - 1]
        if length in lengths:
            np.right_shift(value * _GOLDEN, shift, out=buckets[:, length - lengths.start])
    from_end, column = _beyond(lengths)
    buckets[np.maximum(ends[:, None] - from_end, starts[:, None]), column] = 0
    return buckets.view(np.int32)


@lru_cache(maxsize=2)
def _beyond(lengths: range) -> NDArray[np.int64]:
    """Return which runs reach beyond a text: how many bytes before its end they begin, and the length's number."""
    return np.array([(back, i) for i, n in enumerate(lengths) for back in range(1, n)]).T


def _word_buckets(
    codes: NDArray[np.uint8], ends: NDArray[np.int64], shift: np.uint32
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Return each word's bounds, the buckets of it and of it with the next, and its text."""
    inside = codes != _SPACE
    # A text begins and ends with a blank, so that words begin and end in turn.
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    first, after = edges[::2], edges[1::2]
    powers, inverses = _powers(len(codes))
    sums = np.zeros(len(codes) + 1, dtype=np.uint32)
    np.cumsum(codes * powers, dtype=np.uint32, out=sums[1:])
    value = (sums[after] - sums[first]) * inverses[first]
    row = np.searchsorted(ends, first, side="right")
    said = np.zeros((len(first), 2), dtype=np.uint32)
    said[:, 0] = ((value + _WORD_SALT) * _GOLDEN) >> shift
    both = (value[:-1] * _PAIR + value[1:]) * _GOLDEN
    said[:-1, 1] = (both >> shift) * (row[:-1] == row[1:])
    return first, after, said.view(np.int32), row


def _powers(count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the first powers of the hash's base, and of its inverse."""
    size = max(1 << 16, 1 << count.bit_length())
    return _powers_of(_BASE, size)[:count], _powers_of(_INVERSE, size)[:count]


@lru_cache(maxsize=4)
def _powers_of(base: np.uint32, count: int) -> NDArray[np.uint32]:
    """Compute them once for batches of like size."""
    powers = np.full(count, base, dtype=np.uint32)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint32)
