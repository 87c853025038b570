"""Fit heads, linear or with a hidden layer, and calibrate them for how rare abuse is below a newspaper's articles."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from model.heads import HiddenHead, LinearHeads

#: Share of comments that are so below a newspaper's articles: abuse is 2 to
#: 5 % of what comes (README of the data), by the guide's scale nearer to 5; the
#: rarer kinds in proportion to those among `annotated` comments as they came.
PREVALENCE = {
    "toxicity": 0.05,
    "severe_toxicity": 0.002,
    "insult": 0.045,
    "profanity": 0.01,
    "threat": 0.003,
    "identity_attack": 0.008,
    "off_topic": 0.05,
}
#: Fewer rows than this on either side teach nothing.
LEAST = 50
#: Of a head with a hidden layer, chosen in cross-validation by writer: see docs/decisions.md.
_COMPONENTS, _UNITS, _PENALTY, _EPOCHS, _NETWORKS = 64, 24, 3.0, 40, 2


def fit_head(
    features: NDArray[np.float32],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    sources: NDArray[np.object_],
    *,
    mix: NDArray[np.float32],
) -> Any:
    """Fit one logistic regression on soft labels, with a bias for each source.

    Sources differ in how much abuse they hold; their biases are dropped
    afterwards, so that features need not tell the sources apart.

    Parameters
    ----------
    features
        N x F.
    labels
        N in [0, 1]; a label between counts on both sides, in proportion.
    weights
        N.
    sources
        N: where a row is from.
    mix
        F: the head sees one number, `features @ mix`, and learns what it is
        worth.
    """
    scaler = StandardScaler().fit(features)
    seen = scaler.transform(features)
    spread = mix * scaler.scale_
    spread = spread / (seen @ spread).std()
    _, member = np.unique(sources.astype(str), return_inverse=True)
    # Large enough that the penalty hardly touches the biases.
    indicators = 3.0 * np.eye(member.max() + 1, dtype=np.float32)[member]
    rows = np.concatenate([(seen @ spread)[:, None], indicators], axis=1)
    certain = (labels <= 0.02) | (labels >= 0.98)
    truth = np.concatenate([np.where(certain, labels >= 0.5, True), np.zeros((~certain).sum(), bool)])
    soft = np.where(certain, 1.0, labels)
    weight = np.concatenate([weights * soft, weights[~certain] * (1 - labels[~certain])])
    regression = LogisticRegression(max_iter=500)
    regression.fit(np.concatenate([rows, rows[~certain]]), truth, sample_weight=weight)
    regression.intercept_ = regression.intercept_ + (indicators @ regression.coef_[0, 1:]).mean()
    regression.coef_ = regression.coef_[:, :1] * spread
    regression.n_features_in_ = features.shape[1]
    return Pipeline([("scaler", scaler), ("regression", regression)])


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


def calibrate(
    head: Any,
    features: NDArray[np.float32],
    truth: NDArray[np.bool_],
    prevalence: float,
    weights: NDArray[np.float32] | None = None,
) -> Any:
    """Calibrate a fitted head on rows that it has not seen.

    The rows are weighted so that `prevalence` of them are positive, as in
    nature; the pool that they come from has many times more.
    """
    base = np.ones(len(truth)) if weights is None else weights.astype(np.float64)
    weight = base * np.where(truth, prevalence / base[truth].sum(), (1 - prevalence) / base[~truth].sum()) * len(truth)
    with warnings.catch_warnings():
        # It warns that the weights do not reach the frozen head: they are for the calibration alone.
        warnings.filterwarnings("ignore", message="Since FrozenEstimator does not appear to accept sample_weight")
        return CalibratedClassifierCV(FrozenEstimator(head), method="sigmoid").fit(
            features, truth, sample_weight=weight
        )


def linear(heads: Mapping[str, Any]) -> LinearHeads:
    """Return what the heads of some attributes amount to: they are linear, up to two sigmoids' worth of numbers.

    Parameters
    ----------
    heads
        Attribute to what `calibrate` returned: a `CalibratedClassifierCV` around a
        `FrozenEstimator` of a `StandardScaler` and a `LogisticRegression`.
    """
    columns, biases = [], []
    for head in heads.values():
        (calibrated,) = head.calibrated_classifiers_
        (sigmoid,) = calibrated.calibrators
        scaler, regression = (step for _, step in calibrated.estimator.estimator.steps)
        coefficients = regression.coef_[0] / scaler.scale_
        intercept = regression.intercept_[0] - coefficients @ scaler.mean_
        # Platt's p = 1 / (1 + exp(a f + b)): the log-odds are -(a f + b).
        columns.append(-sigmoid.a_ * coefficients)
        biases.append(-sigmoid.a_ * intercept - sigmoid.b_)
    return LinearHeads(tuple(heads), np.stack(columns, axis=1).astype(np.float32), np.array(biases, dtype=np.float32))


def estimators(heads: LinearHeads) -> dict[str, LogisticRegression]:
    """Return the heads as estimators for other programs: attribute to one whose `predict_proba` gives its scores."""
    found = {}
    for column, name in enumerate(heads.names):
        estimator = LogisticRegression()
        estimator.classes_ = np.array([False, True])
        estimator.coef_ = heads.weights[None, :, column].astype(np.float64)
        estimator.intercept_ = heads.bias[[column]].astype(np.float64)
        estimator.n_features_in_ = len(heads.weights)
        found[name] = estimator
    return found


def enough(labels: NDArray[np.float32], least: int = LEAST) -> bool:
    """Return whether both sides have enough rows to learn from."""
    return int((labels >= 0.5).sum()) >= least and int((labels < 0.5).sum()) >= least


def natural_weights(truth: NDArray[np.bool_], prevalence: float) -> NDArray[np.float64]:
    """Weigh rows as they would occur in nature; the weights sum to 1."""
    weights: NDArray[np.float64] = np.where(
        truth, prevalence / max(truth.sum(), 1), (1 - prevalence) / max((~truth).sum(), 1)
    )
    return weights
