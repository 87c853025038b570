"""scikit-learn heads, calibrated for how rare abuse is below a newspaper's articles."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

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


def fit_head(
    features: NDArray[np.float32],
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    sources: NDArray[np.object_],
    *,
    strength: float = 1.0,
    mix: NDArray[np.float32] | None = None,
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
    strength
        `C` of the regression, for standardised features and weights that
        sum to the number of rows.
    mix
        F: the head sees one number, `features @ mix`, and learns what it is
        worth. Left out: it sees all features.
    """
    scaler = StandardScaler().fit(features)
    seen = scaler.transform(features)
    if mix is not None:
        spread = mix * scaler.scale_
        spread = spread / (seen @ spread).std()
        seen = (seen @ spread)[:, None]
    _, member = np.unique(sources.astype(str), return_inverse=True)
    # Large enough that the penalty hardly touches the biases.
    indicators = 3.0 * np.eye(member.max() + 1, dtype=np.float32)[member]
    rows = np.concatenate([seen, indicators], axis=1)
    certain = (labels <= 0.02) | (labels >= 0.98)
    truth = np.concatenate([np.where(certain, labels >= 0.5, True), np.zeros((~certain).sum(), bool)])
    soft = np.where(certain, 1.0, labels)
    weight = np.concatenate([weights * soft, weights[~certain] * (1 - labels[~certain])])
    regression = LogisticRegression(C=strength, max_iter=500)
    regression.fit(np.concatenate([rows, rows[~certain]]), truth, sample_weight=weight)
    width = seen.shape[1]
    regression.intercept_ = regression.intercept_ + (indicators @ regression.coef_[0, width:]).mean()
    regression.coef_ = regression.coef_[:, :width] if mix is None else regression.coef_[:, :1] * spread
    regression.n_features_in_ = features.shape[1]
    return Pipeline([("scaler", scaler), ("regression", regression)])


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


def enough(labels: NDArray[np.float32], least: int = LEAST) -> bool:
    """Return whether there is enough to learn from on both sides."""
    return int((labels >= 0.5).sum()) >= least and int((labels < 0.5).sum()) >= least


def natural_weights(truth: NDArray[np.bool_], prevalence: float) -> NDArray[np.float64]:
    """Weigh rows as they would occur in nature; the weights sum to 1."""
    weights: NDArray[np.float64] = np.where(
        truth, prevalence / max(truth.sum(), 1), (1 - prevalence) / max((~truth).sum(), 1)
    )
    return weights


def operating_point(
    scores: NDArray[np.float32], truth: NDArray[np.bool_], prevalence: float, precision: float, where: str
) -> tuple[float, str]:
    """Find the lowest threshold that keeps a precision in nature.

    Parameters
    ----------
    scores, truth
        N of each.
    prevalence, precision
        From 0 to 1.
    where
        What the prevalence is, for the sentence.

    Returns
    -------
    threshold, sentence
        Where no threshold keeps the precision, that of the 20 highest scores; the sentence says so.
    """
    order = np.argsort(-scores)
    right = truth[order]
    weight = natural_weights(right, prevalence)
    true, false = np.cumsum(weight * right), np.cumsum(weight * ~right)
    found = true / np.maximum(true + false, 1e-12)
    # The first few rows alone prove nothing.
    first = min(20, len(order) - 1)
    last = max(np.flatnonzero(found >= precision).max(initial=0), first)
    # Halfway to the next score: what comes just below the last one that was seen is like it.
    below = scores[order][min(last + 1, len(order) - 1)]
    threshold = round(float(scores[order][last] + below) / 2, 4)
    kept = f">= {precision}" if found[last] >= precision else f"{found[last]:.2f}, no threshold keeps {precision},"
    return threshold, f"precision {kept} {where}; recall {true[last] / prevalence:.2f}"
