"""Weights of the hashed n-grams: one ridge regression per attribute.

Squared loss on labels between 0 and 1 ranks better here than the logistic
loss does, with hashed n-grams of mixed sources (docs/decisions.md).
"""

from collections.abc import Sequence

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import Ridge

from model.features.ngrams import LENGTHS, ngrams
from training.progress import Progress, silent

_CHUNK = 4000
_ITERATIONS = 30
_TOLERANCE = 1e-3


def fit_ngrams(
    matrix: csr_matrix,
    targets: NDArray[np.float32],
    weights: NDArray[np.float32],
    groups: NDArray[np.object_],
    *,
    penalty: float = 16.0,
    progress: Progress = silent,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit the weights of n-grams.

    Parameters
    ----------
    matrix
        N x buckets, from `stacked`; it is changed.
    targets
        N x A in [0, 1], NaN where nothing is known.
    weights
        N, the rows' weights.
    groups
        N: the sources. Each gets a bias of its own, which is dropped
        afterwards: n-grams shall not learn which source a text is from.
    penalty
        Of the squared weights.
    progress
        Called with how far the fit is.

    Returns
    -------
    weights, bias
        Buckets x A, bucket 0 zero; and A.
    """
    buckets = matrix.shape[1]
    # A column counts by the square root of its inverse document frequency:
    # rare n-grams may weigh more, but not as much as typing errors would ask.
    count = np.bincount(matrix.indices, minlength=buckets)
    scale = np.sqrt(np.log1p(matrix.nnz / np.maximum(count, 20.0))).astype(np.float32)
    scale[0] = 0.0
    matrix.data *= scale[matrix.indices]
    names, member = np.unique(groups.astype(str), return_inverse=True)
    if len(names) > 1:
        # The bias of a single source would be the intercept once more, and share it with that by chance.
        sources = csr_matrix((np.full(len(member), 3.0, np.float32), (np.arange(len(member)), member)))
        matrix = hstack([matrix, sources], format="csr", dtype=np.float32)
    progress(f"n-grams: {matrix.shape[0]} texts of {len(names)} sources, {matrix.nnz / 1e6:.0f} million n-grams")

    def one(column: NDArray[np.float32]) -> Ridge:
        asked = np.isfinite(column)
        ridge = Ridge(alpha=penalty, solver="sparse_cg", max_iter=_ITERATIONS, tol=_TOLERANCE)
        rows = matrix if asked.all() else matrix[asked]
        return ridge.fit(rows, column[asked], sample_weight=weights[asked])

    # Threads: the matrix is large, and the products release the interpreter.
    fitted = Parallel(n_jobs=2, prefer="threads")(delayed(one)(column) for column in targets.T)
    found = np.stack([ridge.coef_[:buckets] for ridge in fitted], axis=1)
    return (found * scale[:, None]).astype(np.float32), np.array([ridge.intercept_ for ridge in fitted], np.float32)


def stacked(texts: Sequence[str], bits: int, lengths: range = LENGTHS) -> csr_matrix:
    """Stack the n-grams of N normalised texts, duplicates within a row summed: N x 2**bits."""
    parts = []
    for start in range(0, len(texts), _CHUNK):
        runs, words = ngrams(texts[start : start + _CHUNK], bits, lengths).matrices()
        part = (runs + words).tocsr()
        part.sum_duplicates()
        parts.append(part)
    return vstack(parts, format="csr", dtype=np.float32)
