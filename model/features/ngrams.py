"""Hashed character and word n-grams of a batch of texts, without a loop over them.

A text is read as lower-cased UTF-8 bytes. Its features are all runs of 2 to
6 bytes, all words, and all pairs of neighbouring words, each hashed into one
of `2 ** bits` buckets (the hashing trick, Weinberger et al. 2009,
arXiv:0902.2206). The hash is a polynomial over the bytes modulo 2**32, so
that each length follows from the one before by one multiplication and one
addition over the whole batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

#: Lengths of the character n-grams, in bytes; each follows from the one before.
LENGTHS = (2, 3, 4, 5, 6)
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
        Buckets of the byte runs, of the words, and of each word with the one
        after it. Bucket 0 takes what would reach beyond its text: its weight
        is zero.
    counts
        For each of the three, how many belong to each text: N each.
    values
        N: 1 / sqrt(number of a text's n-grams), what each of them counts.
    word_bounds
        Words x 2: first byte and byte after the last, within the batch.
    sizes
        N: bytes of each text, with a blank on either side.
    buckets
        How many there are.
    """

    columns: tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]
    counts: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    values: NDArray[np.float32]
    word_bounds: NDArray[np.int64]
    sizes: NDArray[np.int64]
    buckets: int

    def matrices(self) -> list[csr_matrix]:
        """Return the three kinds as N x buckets; columns may occur twice in a row."""
        found = []
        for columns, counts in zip(self.columns, self.counts, strict=True):
            indptr = np.concatenate([[0], np.cumsum(counts)])
            shape = (len(self.values), self.buckets)
            found.append(csr_matrix((np.repeat(self.values, counts), columns, indptr), shape=shape, copy=False))
        return found

    def dot(self, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sum the weights of each text's n-grams: N x attributes."""
        if len(self.values) == 1:
            # For one text the matrices would cost more than the sums. Each n-gram is weighed before it is
            # added, as the matrices do it: the last bits must not tell whether a text came alone.
            total = sum((weights[columns] * self.values[0]).sum(axis=0) for columns in self.columns)
            single: NDArray[np.float32] = np.asarray(total, np.float32)[None, :]
            return single
        if weights.shape[1] == 1:
            column = weights[:, 0]
            row = np.arange(len(self.values))
            sums = sum(
                np.bincount(np.repeat(row, counts), column[columns], len(row))
                for columns, counts in zip(self.columns, self.counts, strict=True)
            )
            narrow: NDArray[np.float32] = (sums * self.values).astype(np.float32)[:, None]
            return narrow
        first, second, third = self.matrices()
        margins: NDArray[np.float32] = first @ weights
        margins += second @ weights
        margins += third @ weights
        return margins

    def evidence(self, row: int, weights: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return what each n-gram of one of the texts adds to `dot`.

        Returns
        -------
        bounds, evidence
            P x 2, the bytes that it spans in the text; P x attributes.
        """
        size = int(self.sizes[row])
        first = np.repeat(np.arange(size), len(LENGTHS))
        characters = np.stack([first, first + np.tile(LENGTHS, size)], axis=1)
        before = [int(counts[:row].sum()) for counts in self.counts]
        runs, words, pairs = (slice(i, i + int(n[row])) for i, n in zip(before, self.counts, strict=True))
        word_bounds = self.word_bounds[words] - self.sizes[:row].sum()
        pair_bounds = word_bounds.copy()
        pair_bounds[:-1, 1] = word_bounds[1:, 1]
        bounds = np.concatenate([characters, word_bounds, pair_bounds])
        columns = np.concatenate([self.columns[0][runs], self.columns[1][words], self.columns[2][pairs]])
        # The text stands behind one blank.
        return np.clip(bounds - 1, 0, size - 2), weights[columns] * self.values[row]


def ngrams(texts: Sequence[str], bits: int) -> Ngrams:
    """Hash the n-grams of normalised texts into `2 ** bits` buckets."""
    encoded = [f" {text} ".encode("utf-8", "replace") for text in texts]
    lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    codes = _FOLD[np.frombuffer(b"".join(encoded), dtype=np.uint8)]
    shift = np.uint32(32 - bits)
    runs = _character_buckets(codes, np.repeat(starts[1:], lengths), shift)
    bounds, words, pairs, row = _word_buckets(codes, starts, shift)
    word_count = np.bincount(row, minlength=len(encoded))
    values = (1.0 / np.sqrt(np.maximum(lengths * len(LENGTHS) + 2 * word_count, 1))).astype(np.float32)
    return Ngrams(
        columns=(runs.ravel(), words, pairs),
        counts=(lengths * len(LENGTHS), word_count, word_count),
        values=values,
        word_bounds=bounds,
        sizes=lengths,
        buckets=1 << bits,
    )


def _character_buckets(codes: NDArray[np.uint8], ends: NDArray[np.int64], shift: np.uint32) -> NDArray[np.int32]:
    """Return the bucket of each run of bytes: positions x lengths."""
    size = len(codes)
    room = ends - np.arange(size)
    wide = np.zeros(size + LENGTHS[-1], dtype=np.uint32)
    wide[:size] = codes
    value = wide[:size].copy()
    buckets = np.empty((size, len(LENGTHS)), dtype=np.int32)
    for i, length in enumerate(LENGTHS):
        value = value * _BASE + wide[length - 1 : size + length - 1]
        bucket = ((value * _GOLDEN) >> shift).astype(np.int32)
        bucket[room < length] = 0
        buckets[:, i] = bucket
    return buckets


def _word_buckets(
    codes: NDArray[np.uint8], starts: NDArray[np.int64], shift: np.uint32
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Return each word's bounds, its bucket, the bucket of it and the next, and its text."""
    inside = np.zeros(len(codes) + 1, dtype=np.int8)
    inside[:-1] = codes != _SPACE
    edges = np.diff(inside, prepend=np.int8(0))
    first, after = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    powers = np.full(len(codes), _BASE, dtype=np.uint32)
    inverses = np.full(len(codes), _INVERSE, dtype=np.uint32)
    if len(codes):
        powers[0] = inverses[0] = 1
    sums = np.concatenate([[np.uint32(0)], np.cumsum(codes * np.cumprod(powers, dtype=np.uint32), dtype=np.uint32)])
    value = (sums[after] - sums[first]) * np.cumprod(inverses, dtype=np.uint32)[first]
    row = np.searchsorted(starts, first, side="right") - 1
    words = (((value + _WORD_SALT) * _GOLDEN) >> shift).astype(np.int32)
    paired = np.zeros(len(first), dtype=np.int32)
    if len(first) > 1:
        both = (value[:-1] * _PAIR + value[1:]) * _GOLDEN
        paired[:-1] = np.where(row[:-1] == row[1:], (both >> shift).astype(np.int32), 0)
    return np.stack([first, after], axis=1), words, paired, row
