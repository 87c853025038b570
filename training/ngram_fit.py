"""Weights of the hashed n-grams: one logistic regression for all attributes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from model.ngrams import ngrams

_CHUNK = 4000


def fit_ngrams(
    texts: list[str],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    bits: int,
    penalty: float = 1.5e-5,
    iterations: int = 60,
    progress: Callable[[str], None] = print,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit the weights by L-BFGS on soft labels.

    A column's weight is its idf-like scale times what is penalised: n-grams
    that stand in few texts may weigh more, common ones less.

    Parameters
    ----------
    texts
        N normalised texts.
    labels
        N x A in [0, 1], NaN where nobody was asked.
    weights
        N x A, the rows' weights.
    bits
        There are `2 ** bits` buckets.
    penalty
        Of the squared weights, for the mean loss.
    iterations
        At most, of L-BFGS.
    progress
        Is told how far the fit is.

    Returns
    -------
    weights, bias
        `2 ** bits` x A, bucket 0 zero; and A.
    """
    matrix = _stacked(texts, bits)
    asked = np.isfinite(labels)
    share = np.where(asked, weights, 0.0).astype(np.float32)
    share /= share.sum(axis=0, keepdims=True)
    target = np.nan_to_num(labels)
    # Square root of idf: full idf gives typing errors too much.
    count = np.bincount(matrix.indices, minlength=1 << bits)
    scale = np.sqrt(np.log1p(matrix.nnz / np.maximum(count, 20.0))).astype(np.float32)
    scale[0] = 0.0
    outputs = labels.shape[1]
    transposed = matrix.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        v = flat.reshape(-1, outputs).astype(np.float32)
        margin = matrix @ (v[:-1] * scale[:, None]) + v[-1]
        value = float((share * (np.logaddexp(0, margin) - target * margin)).sum())
        residual = share * (1 / (1 + np.exp(-margin)) - target)
        gradient = np.empty_like(v)
        gradient[:-1] = (transposed @ residual) * scale[:, None] + penalty * v[:-1]
        gradient[-1] = residual.sum(axis=0)
        return value + 0.5 * penalty * float((v[:-1] ** 2).sum()), gradient.ravel().astype(np.float64)

    steps = iter(range(1, iterations + 1))
    start = np.zeros(((1 << bits) + 1) * outputs)
    found = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 8},
        callback=lambda intermediate_result: progress(
            f"n-grams: step {next(steps)} of at most {iterations}, loss {intermediate_result.fun:.4f}"
        ),
    )
    v = found.x.reshape(-1, outputs).astype(np.float32)
    return v[:-1] * scale[:, None], v[-1]


def _stacked(texts: list[str], bits: int) -> csr_matrix:
    """Stack the n-grams of many texts, duplicates within a row summed."""
    from scipy.sparse import vstack  # noqa: PLC0415

    parts = []
    for start in range(0, len(texts), _CHUNK):
        batch = ngrams(texts[start : start + _CHUNK], bits)
        part = (batch.characters + batch.words + batch.pairs).tocsr()
        part.sum_duplicates()
        parts.append(part)
    return vstack(parts, format="csr", dtype=np.float32)
