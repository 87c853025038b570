"""scikit-learn heads, calibrated for how rare abuse is below a newspaper's articles."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

#: Share of comments below newspaper articles that are so (README of the
#: data: abuse in nature is 2 to 5 %); the rarer kinds in proportion.
PREVALENCE = {
    "toxicity": 0.05,
    "severe_toxicity": 0.004,
    "insult": 0.035,
    "profanity": 0.02,
    "threat": 0.003,
    "identity_attack": 0.008,
    "off_topic": 0.05,
}
#: Fewer rows than this on either side teach nothing.
LEAST = 50


def fit_head(
    features: NDArray[np.float32],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    strength: float = 0.01,
) -> Any:
    """Fit one logistic regression on soft labels.

    Parameters
    ----------
    features
        N x F.
    labels
        N in [0, 1]; a label between counts on both sides, in proportion.
    weights
        N.
    strength
        `C` of the regression, for standardised features and weights that
        sum to the number of rows.
    """
    certain = (labels <= 0.02) | (labels >= 0.98)
    rows = np.concatenate([features, features[~certain]])
    truth = np.concatenate([np.where(certain, labels >= 0.5, True), np.zeros((~certain).sum(), bool)])
    soft = np.where(certain, 1.0, labels)
    weight = np.concatenate([weights * soft, weights[~certain] * (1 - labels[~certain])])
    regression = LogisticRegression(C=strength, max_iter=500)
    head = make_pipeline(StandardScaler(), regression)
    return head.fit(rows, truth, logisticregression__sample_weight=weight)


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
    return CalibratedClassifierCV(FrozenEstimator(head), method="sigmoid").fit(features, truth, sample_weight=weight)


def enough(labels: NDArray[np.float32]) -> bool:
    """Tell whether there is something to learn from on both sides."""
    return int((labels >= 0.5).sum()) >= LEAST and int((labels < 0.5).sum()) >= LEAST


def natural_weights(truth: NDArray[np.bool_], prevalence: float) -> NDArray[np.float64]:
    """Weigh rows as they would occur in nature; the weights sum to 1."""
    weights: NDArray[np.float64] = np.where(
        truth, prevalence / max(truth.sum(), 1), (1 - prevalence) / max((~truth).sum(), 1)
    )
    return weights


def thresholds_at_precision(
    scores: Mapping[str, NDArray[np.float32]], truths: Mapping[str, NDArray[np.bool_]], precision: Mapping[str, float]
) -> tuple[dict[str, float], dict[str, str]]:
    """Find each attribute's lowest threshold that keeps a precision in nature.

    Returns
    -------
    thresholds, operating points
        Numbers, and the sentences that they follow from.
    """
    thresholds, sentences = {}, {}
    for name, score in scores.items():
        order = np.argsort(-score)
        truth = truths[name][order]
        weight = natural_weights(truth, PREVALENCE[name])
        true, false = np.cumsum(weight * truth), np.cumsum(weight * ~truth)
        reached = np.flatnonzero(true / (true + false) >= precision[name])
        # The first rows alone prove nothing.
        reached = reached[reached >= min(20, len(order) // 10)]
        last = int(reached[-1]) if len(reached) else 0
        thresholds[name] = round(float(score[order][last]), 4)
        recall = true[last] / PREVALENCE[name]
        sentences[name] = (
            f"precision >= {precision[name]} at natural prevalence ({PREVALENCE[name]:.1%}); recall {recall:.2f}"
        )
    return thresholds, sentences
