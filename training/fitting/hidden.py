"""Fit a head with a hidden layer: scikit-learn's network, kept as arrays."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from model.heads import HiddenHead

#: Chosen in cross-validation by writer: see docs/decisions.md.
_COMPONENTS, _UNITS, _PENALTY, _EPOCHS, _NETWORKS = 64, 24, 3.0, 40, 2


def fit_hidden(
    features: NDArray[np.float32], target: NDArray[np.float32], weight: NDArray[np.float32], measures: int, seed: int
) -> HiddenHead:
    """Fit small networks on soft labels, and make one head of them.

    Parameters
    ----------
    features
        N x F.
    target
        N in [0, 1]; a target between counts on both sides, in proportion.
    weight
        N.
    measures
        How many of the features, the first, are numbers of their own; the
        others are a vector, of which the head sees the main components.
    seed
        Of the first network.
    """
    pca = PCA(min(_COMPONENTS, len(features) - 1, features.shape[1] - measures), random_state=seed)
    pca.fit(features[:, measures:])
    scaler = StandardScaler()
    seen = scaler.fit_transform(np.hstack([features[:, :measures], pca.transform(features[:, measures:])]))
    rows = np.concatenate([np.flatnonzero(target > 0), np.flatnonzero(target < 1)])
    truth = np.arange(len(rows)) < (target > 0).sum()
    share = np.where(truth, target[rows], 1 - target[rows]) * weight[rows]
    inner, inner_bias, outer, outer_bias = [], [], [], 0.0
    for number in range(seed, seed + _NETWORKS):
        network = MLPClassifier(
            (_UNITS,), alpha=_PENALTY, max_iter=_EPOCHS, learning_rate_init=2e-3, batch_size=256, random_state=number
        )
        with warnings.catch_warnings():
            # It stops early on purpose.
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(seen[rows], truth, sample_weight=share / share.mean())
        first, second = network.coefs_
        scaled = first / scaler.scale_[:, None]
        inner_bias.append(network.intercepts_[0] - scaler.mean_ @ scaled)
        inner.append(np.vstack([scaled[:measures], pca.components_.T @ scaled[measures:]]))
        inner_bias[-1] -= pca.mean_ @ pca.components_.T @ scaled[measures:]
        outer.append(second[:, 0] / _NETWORKS)
        outer_bias += float(network.intercepts_[1][0]) / _NETWORKS
    return HiddenHead(
        np.ascontiguousarray(np.hstack(inner).T, dtype=np.float32),
        np.concatenate(inner_bias).astype(np.float32),
        np.concatenate(outer).astype(np.float32),
        outer_bias,
    )
