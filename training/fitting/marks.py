"""Which words readers mark as abusive: weights for single words, and a threshold."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.features.ngrams import OF_WORDS
from model.reading.text import NormalisedText, TextNormaliser
from model.reasons.spans import marked_enough, word_bounds
from training.corpus.data_folder import read_table
from training.fitting.ngrams import fit_ngrams, stacked

_BITS = 16
_GRID = np.round(np.arange(0.15, 0.75, 0.05), 2)


@dataclass(frozen=True)
class MarkedPost:
    """A post, its W words (W x 2, in normalised characters), and what raters marked.

    `marked` holds offsets into the post as written.
    """

    text: NormalisedText
    bounds: NDArray[np.int64]
    marked: frozenset[int]

    @property
    def words(self) -> list[str]:
        """The words, as normalised."""
        return [self.text.text[start:end] for start, end in self.bounds.tolist()]

    def written(self, chosen: NDArray[np.bool_]) -> set[int]:
        """Return the offsets, as written, of some words and of what joins neighbours."""
        offsets: set[int] = set()
        edges = np.diff(chosen.astype(np.int8), prepend=0, append=0)
        for first, after in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
            offsets |= set(range(*self.text.original(int(self.bounds[first, 0]), int(self.bounds[after - 1, 1]))))
        return offsets


def unseen_marked_posts(folder: Path, normaliser: TextNormaliser) -> list[MarkedPost]:
    """Read the trial split, which neither the words' weights nor the encoder have learnt from; empty if not there."""
    file = folder / "abuse/dev/civil_spans_trial.parquet"
    return marked_posts(read_table(file), normaliser) if file.is_file() else []


def marked_posts(table: pd.DataFrame, normaliser: TextNormaliser) -> list[MarkedPost]:
    """Normalise posts whose abusive words raters marked: `text`, and `spans` as JSON."""
    posts = []
    for text, spans in zip(table.text, table.spans, strict=True):
        normalised = normaliser.normalise(text)
        posts.append(MarkedPost(normalised, word_bounds(normalised.text), frozenset(json.loads(spans))))
    return posts


def fit_marks(posts: list[MarkedPost]) -> tuple[NDArray[np.float32], float]:
    """Fit how much each n-gram of a word says about whether the word is marked.

    Returns
    -------
    weights, bias
        2**16 x 1, and the value without any n-gram.
    """
    words: list[str] = []
    marked: list[float] = []
    for post in posts:
        words += post.words
        for start, end in post.bounds.tolist():
            first, after = post.text.original(start, end)
            marked.append(float(sum(i in post.marked for i in range(first, after)) * 2 >= after - first))
    weights, bias = fit_ngrams(
        stacked(words, _BITS, OF_WORDS),
        np.array(marked, dtype=np.float32)[:, None],
        np.ones(len(words), dtype=np.float32),
        np.full(len(words), "word", object),
        penalty=2.0,
    )
    return weights, float(bias[0])


def mark_threshold(posts: list[MarkedPost], marks: Callable[[MarkedPost], NDArray[np.float32]]) -> float:
    """Find the threshold on words with the best character F1.

    The measure is that of SemEval-2021 Task 5 (Pavlopoulos et al. 2021): the
    mean over posts of the F1 between sets of offsets.
    """
    totals = np.zeros(len(_GRID))
    for post in posts:
        if len(post.bounds) == 0:
            continue
        found = marks(post)
        for i, threshold in enumerate(_GRID):
            offsets = post.written(marked_enough(found, float(threshold)))
            if not offsets or not post.marked:
                totals[i] += float(not offsets and not post.marked)
            else:
                totals[i] += 2 * len(offsets & post.marked) / (len(offsets) + len(post.marked))
    return float(_GRID[int(totals.argmax())])
