"""Which single words readers mark as abusive: n-gram weights of words."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.spans import word_bounds
from model.text import TextNormaliser
from training.corpus import read_table
from training.ngram_fit import fit_ngrams

_BITS = 16


def fit_marks(folder: Path, normaliser: TextNormaliser) -> tuple[NDArray[np.float32], float]:
    """Fit the weights on the words of posts whose abusive words are marked.

    Returns
    -------
    weights, bias
        2**16 x 1, and the log-odds without any n-gram.
    """
    table = read_table(str(folder / "abuse/train_spans.parquet"))
    words: list[str] = []
    marked: list[float] = []
    for text, spans in zip(table.text, table.spans, strict=True):
        inside = set(json.loads(spans))
        normalised = normaliser.normalise(text)
        for start, end in word_bounds(normalised.text).tolist():
            first, after = normalised.original(start, end)
            words.append(normalised.text[start:end])
            marked.append(float(sum(i in inside for i in range(first, after)) * 2 >= after - first))
    weights, bias = fit_ngrams(
        words,
        np.array(marked, dtype=np.float32)[:, None],
        np.ones((len(words), 1), dtype=np.float32),
        bits=_BITS,
        penalty=2e-6,
        iterations=40,
        progress=lambda _: None,
    )
    return weights, float(bias[0])
