"""The n-grams' weights: what the fast tier's abuse scores are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from model.bundling.arrays import Schema, read_arrays
from model.features.ngrams import OF_WORDS, Ngrams, ngrams

_RANGE = (-0.5, 1.0)
_SCHEMA: Schema = {
    "margins": ("i", 2),
    "margin_scale": ("f", 1),
    "marks": ("i", 2),
    "mark_scale": ("f", 1),
    "mark_bias": ("f", 0),
}


@dataclass(frozen=True, slots=True)
class NgramWeights:
    """Weights of hashed n-grams, as stored in `ngrams.npz`.

    Attributes
    ----------
    margins
        2**bits x A: what an n-gram adds to the margin of each of the A
        attributes of `model.attributes.ABUSE`.
    marks
        2**mark_bits x 1: what an n-gram of a word adds to the likelihood that
        a reader would mark the word as abusive.
    mark_bias
        The likelihood without any n-gram.
    """

    margins: NDArray[np.float32]
    marks: NDArray[np.float32]
    mark_bias: float

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "NgramWeights":
        """Read the int8 weights and their scales."""
        stored = read_arrays(file, _SCHEMA)
        return cls(
            margins=stored["margins"].astype(np.float32) * stored["margin_scale"],
            marks=stored["marks"].astype(np.float32) * stored["mark_scale"],
            mark_bias=float(stored["mark_bias"]),
        )

    def save(self, file: Path) -> None:
        """Write the weights as int8, one scale for each column."""
        margins, margin_scale = _as_int8(self.margins)
        marks, mark_scale = _as_int8(self.marks)
        np.savez_compressed(
            file,
            margins=margins,
            margin_scale=margin_scale,
            marks=marks,
            mark_scale=mark_scale,
            mark_bias=np.float32(self.mark_bias),
        )

    def ngrams(self, texts: Sequence[str]) -> Ngrams:
        """Hash the n-grams of texts into the buckets of `margins`."""
        return ngrams(texts, _bits(self.margins))

    def score(self, texts: Ngrams) -> NDArray[np.float32]:
        """Return N x A margins, cut to the range that the weights were fitted for.

        The fit aims at 0 to 1; a word repeated a thousand times would lead
        far beyond, on either side.
        """
        return np.clip(texts.dot(self.margins), *_RANGE)

    def marked(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return how likely each of W words is to be marked: around 0 to around 1."""
        likelihood: NDArray[np.float32] = (
            ngrams(words, _bits(self.marks), OF_WORDS).dot(self.marks)[:, 0] + self.mark_bias
        )
        return likelihood


def _bits(table: NDArray[np.float32]) -> int:
    """Return how many bits number the rows of a table of n-grams."""
    return len(table).bit_length() - 1


def _as_int8(table: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights as whole numbers of eight bits, and the scale that gives them back."""
    # The few largest weights are cut, so that the many small ones keep their digits.
    top = np.quantile(np.abs(table), 0.9999, axis=0).astype(np.float32)
    scale = (np.maximum(top, 1e-9) / 127).astype(np.float32)
    return np.clip(np.round(table / scale), -127, 127).astype(np.int8), scale
