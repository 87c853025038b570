"""How good scores are against labels: pure functions of arrays."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from training.fitting.heads import PREVALENCE, natural_weights

Floats = NDArray[np.floating]
Truth = NDArray[np.bool_]

#: Shares of all comments that people may have time to review.
REVIEWED = (0.05, 0.1, 0.2)
#: Share of the comments that come in that one shift can read, where nobody says otherwise.
CAPACITY = 0.05
#: For a label whose share in nature is unknown.
_USUAL_PREVALENCE = 0.05
#: Of equal width, for calibration.
BINS = 15
_CURVE_POINTS = 40


@dataclass(frozen=True, slots=True)
class LabelColumn:
    """N labels of one set, and the attribute whose scores should find what they say.

    Attributes
    ----------
    dataset, column, attribute
        Names, for the record.
    labels
        N in [0, 1], NaN where nobody was asked; from 0.5 on they say yes.
    prevalence
        The share of positives in nature; the attribute's usual one if left
        out. With `seen`, it is estimated, and this is not used.
    seen
        N: how likely a comment such as this one was to be labelled. Each row
        stands for 1 / seen comments as they come in.
    natural
        Whether the comments were taken as they come in.
    """

    dataset: str
    column: str
    attribute: str
    labels: Floats
    prevalence: float | None = None
    seen: Floats | None = None
    natural: bool = False


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """What a threshold means among comments as they come in.

    Attributes
    ----------
    threshold
        Scores from here on are flagged.
    precision
        Share of flags that are right; None if nothing is flagged.
    recall
        Share of what should be flagged that is.
    flagged
        Share of all comments that are flagged.
    """

    threshold: float
    precision: float | None
    recall: float
    flagged: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One point of the precision-recall curve at natural prevalence."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Comments of like score: how many, their share in nature, mean score, and the share of them that is so."""

    rows: int
    share: float
    score: float
    truth: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far scores are from frequencies: the expected error, and its bins."""

    error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Detection:
    """How well an attribute's scores find what a column of labels marks.

    `roc_auc` does not depend on how common positives are; every other figure
    is rescaled to `prevalence`, their share in nature, because labelled sets
    hold many times more of them.

    Attributes
    ----------
    dataset, column, attribute
        Which labels, and which scores.
    rows, positives
        How many labels there are, and how many say yes.
    prevalence
        The share of positives that the figures are rescaled to.
    roc_auc, pr_auc
        Areas; PR AUC is average precision.
    at_threshold
        What the shipped threshold gives; None where there is none.
    recall_reviewed
        Share of all comments that is reviewed, as a string, to the share of
        positives among them, highest scores first.
    capacity, precision_capacity
        The share of all comments that one shift can read, and the share of
        positives among those that score highest.
    calibration
        Expected error and reliability.
    curve
        Precision and recall, by falling threshold.
    natural
        Whether the comments were taken as they come in, abuse not looked
        for: only there should a calibrated score be a frequency.
    """

    dataset: str
    column: str
    attribute: str
    rows: int
    positives: int
    prevalence: float
    roc_auc: float
    pr_auc: float
    at_threshold: AtThreshold | None
    recall_reviewed: Mapping[str, float]
    capacity: float
    precision_capacity: float
    calibration: Calibration
    curve: tuple[CurvePoint, ...]
    natural: bool


def detection(
    asked: LabelColumn, scores: Floats, threshold: float | None = None, *, capacity: float = CAPACITY
) -> Detection | None:
    """Measure an attribute's scores on one column of labels.

    Parameters
    ----------
    asked
        The labels, and what they are held against.
    scores
        N in [0, 1], NaN where a comment could not be scored.
    threshold
        The shipped one.
    capacity
        Share of all comments that one shift can read.

    Returns
    -------
    None unless the labels say both yes and no.
    """
    known = np.isfinite(asked.labels) & np.isfinite(scores)
    truth, score = asked.labels[known] >= 0.5, scores[known].astype(np.float64)
    if truth.all() or not truth.any():
        return None
    prevalence, weight = _in_nature(asked, truth, known)
    # Where each row stands for itself, rescaling to nature changes no ROC AUC.
    weighted = None if asked.seen is None else weight
    return Detection(
        dataset=asked.dataset,
        column=asked.column,
        attribute=asked.attribute,
        rows=len(truth),
        positives=int(truth.sum()),
        prevalence=prevalence,
        roc_auc=float(roc_auc_score(truth, score, sample_weight=weighted)),
        pr_auc=float(average_precision_score(truth, score, sample_weight=weight)),
        at_threshold=None if threshold is None else at_threshold(truth, score, weight, threshold),
        recall_reviewed={f"{share:g}": recall_reviewed(truth, score, weight, share) for share in REVIEWED},
        capacity=capacity,
        precision_capacity=recall_reviewed(truth, score, weight, capacity) * prevalence / capacity,
        calibration=calibration(truth, score, weight),
        curve=precision_recall(truth, score, weight),
        natural=asked.natural,
    )


def _in_nature(asked: LabelColumn, truth: Truth, known: Truth) -> tuple[float, NDArray[np.float64]]:
    """Return the share of positives in nature, and what each row counts for there."""
    if asked.seen is None:
        prevalence = asked.prevalence or PREVALENCE.get(asked.attribute, _USUAL_PREVALENCE)
        return prevalence, natural_weights(truth, prevalence)
    weight = 1 / asked.seen[known].astype(np.float64)
    weight /= weight.sum()
    return float(weight[truth].sum()), weight


def roc_auc(truth: Truth, scores: Floats) -> float:
    """Return how often a positive scores higher than a negative."""
    return float(roc_auc_score(truth, scores))


def at_threshold(truth: Truth, scores: Floats, weights: Floats, threshold: float) -> AtThreshold:
    """Measure what a threshold flags, and how much of it rightly."""
    flagged = scores >= threshold
    right, all_flagged = float(weights[flagged & truth].sum()), float(weights[flagged].sum())
    return AtThreshold(
        threshold=threshold,
        precision=right / all_flagged if all_flagged > 0 else None,
        recall=right / float(weights[truth].sum()),
        flagged=all_flagged / float(weights.sum()),
    )


def recall_reviewed(truth: Truth, scores: Floats, weights: Floats, share: float) -> float:
    """Return the share of positives among the `share` of comments that score highest.

    Comments of equal score are in no order: of those at the border, each is
    reviewed in proportion.
    """
    reviewed, right, _ = _by_falling_score(truth, scores, weights)
    return float(np.interp(share * reviewed[-1], [0.0, *reviewed], [0.0, *right]) / right[-1])


def calibration(truth: Truth, scores: Floats, weights: Floats, bins: int = BINS) -> Calibration:
    """Compare scores to frequencies, in bins of equal width."""
    number = np.minimum((scores * bins).astype(np.int64), bins - 1)
    total = float(weights.sum())
    found = []
    for i in range(bins):
        inside = number == i
        weight = float(weights[inside].sum())
        if weight > 0:
            score = float(weights[inside] @ scores[inside]) / weight
            found.append(Bin(int(inside.sum()), weight / total, score, float(weights[inside & truth].sum()) / weight))
    return Calibration(sum(b.share * abs(b.score - b.truth) for b in found), tuple(found))


def precision_recall(
    truth: Truth, scores: Floats, weights: Floats, points: int = _CURVE_POINTS
) -> tuple[CurvePoint, ...]:
    """Return up to `points` points of the curve, evenly spread over recall."""
    reviewed, right, thresholds = _by_falling_score(truth, scores, weights)
    recall = right / right[-1]
    # Below the first positive there is no precision to speak of.
    numbers = np.searchsorted(recall, np.linspace(0, 1, points + 1)[1:] - 1e-9)
    return tuple(
        CurvePoint(float(thresholds[i]), float(right[i] / reviewed[i]), float(recall[i]))
        for i in dict.fromkeys(np.minimum(numbers, len(recall) - 1).tolist())
    )


def character_f1(gold: Collection[int], found: Collection[int]) -> float:
    """Compare two sets of character offsets: SemEval-2021 Task 5's measure for one post.

    It is 1 where both are empty, and 0 where one of them is.
    """
    if not gold or not found:
        return float(not gold and not found)
    return 2 * len(set(gold) & set(found)) / (len(set(gold)) + len(set(found)))


def _by_falling_score(
    truth: Truth, scores: Floats, weights: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return weight reviewed and weight found so far, and the score, after each distinct score."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    reviewed = np.cumsum(weights[order], dtype=np.float64)[ends]
    right = np.cumsum((weights * truth)[order], dtype=np.float64)[ends]
    return reviewed, right, scores[order][ends].astype(np.float64)
