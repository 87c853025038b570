"""How far chance may move figures: resamples of the same comments, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from training.evaluation.metrics import BINS, REVIEWED, Floats, Truth

ROUNDS = 1000
#: Rounds that are worked on together: they cost memory, and on a cluster each
#: such block is a task. A block draws by its own number, so that neither the
#: number of workers nor their order changes a figure.
_BLOCK = 125
_INTERVAL = (2.5, 97.5)

Rounds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure on the sample as it is, and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScoredSample:
    """One bundle's scores of N comments of which the truth is known.

    Attributes
    ----------
    scores
        N in [0, 1].
    threshold
        The shipped one; None where there is none.
    """

    scores: Floats
    threshold: float | None = None


def interval(rounds: Rounds) -> Interval:
    """Sum up rounds, of which the first is the sample itself."""
    low, high = np.percentile(rounds[1:], _INTERVAL)
    return Interval(float(rounds[0]), float(low), float(high))


def resamples(strata: NDArray[np.integer], rounds: int, seed: int) -> Rounds:
    """Draw how often each of N comments is in each resample: rounds x N.

    Each stratum keeps its size: what is measured are scores, not how many
    comments happened to be labelled so.
    """
    rng = np.random.default_rng(seed)
    found = np.empty((rounds, len(strata)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        found[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=rounds)
    return found


def paired(
    truth: Truth,
    weights: Floats,
    bundles: tuple[ScoredSample, ScoredSample],
    *,
    capacity: float,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> tuple[Mapping[str, Rounds], Mapping[str, Rounds]]:
    """Measure two bundles on the same resamples of the same comments.

    Parameters
    ----------
    truth
        N.
    weights
        N: how often a comment such as this one comes in, as shares.
    bundles
        Champion and challenger.
    capacity
        Share of all comments that a shift can read.
    rounds, seed
        How many resamples, and what they are drawn by.

    Returns
    -------
    For each of the two: name of a metric to 1 + rounds figures, the first of
    them on the comments as they are. A metric that needs a threshold is left
    out where a bundle has none.
    """
    sizes = [min(_BLOCK, rounds - start) for start in range(0, rounds, _BLOCK)]

    def block(number: int, size: int) -> list[dict[str, Rounds]]:
        drawn = resamples(truth.astype(np.int64), size, seed + 7919 * number)
        if number == 0:
            drawn = np.concatenate([np.ones((1, len(truth))), drawn])
        return [weighted_metrics(truth, answers, drawn * weights, capacity) for answers in bundles]

    # Alone, or wherever the caller's `joblib.parallel_config` says: threads, or a Dask cluster.
    blocks = Parallel()(delayed(block)(number, size) for number, size in enumerate(sizes))
    first, second = (
        {name: np.concatenate([measured[i][name] for measured in blocks]) for name in blocks[0][i]} for i in (0, 1)
    )
    return first, second


def weighted_metrics(truth: Truth, answers: ScoredSample, weights: Rounds, capacity: float) -> dict[str, Rounds]:
    """Compute each metric of `training.evaluation.metrics` for R sets of weights (R x N) at once."""
    scores = answers.scores.astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    reviewed = np.cumsum(weights[:, order], axis=1)[:, ends]
    right = np.cumsum((weights * truth)[:, order], axis=1)[:, ends]
    total, positive = reviewed[:, -1], right[:, -1]
    new_right = np.diff(right, axis=1, prepend=0.0)
    new_wrong = np.diff(reviewed - right, axis=1, prepend=0.0)
    precision = right / np.maximum(reviewed, 1e-300)
    found = {
        "pr_auc": (new_right * precision).sum(axis=1) / positive,
        "roc_auc": ((right - new_right / 2) * new_wrong).sum(axis=1) / (positive * (total - positive)),
    }
    for share in REVIEWED:
        found[f"recall_reviewed_{share:g}"] = _reached(reviewed, right, share * total) / positive
    found["precision_capacity"] = _reached(reviewed, right, capacity * total) / (capacity * total)
    if answers.threshold is not None:
        flagged = int((scores[order][ends] >= answers.threshold).sum()) - 1
        none = np.zeros(len(weights))
        found["precision"] = precision[:, flagged] if flagged >= 0 else none
        found["recall"] = right[:, flagged] / positive if flagged >= 0 else none
    found["ece"] = _calibration_error(truth, scores, weights) / total
    return found


def _reached(reviewed: Rounds, right: Rounds, wanted: Rounds) -> Rounds:
    """Return how much weight is found when `wanted` is reviewed, ties in proportion."""
    rows = np.arange(len(reviewed))
    after = np.minimum((reviewed < wanted[:, None]).sum(axis=1), reviewed.shape[1] - 1)
    before = np.maximum(after - 1, 0)
    start = np.where(after > 0, reviewed[rows, before], 0.0)
    found = np.where(after > 0, right[rows, before], 0.0)
    step = reviewed[rows, after] - start
    share = np.divide(wanted - start, step, out=np.ones_like(step), where=step > 0)
    reached: Rounds = found + np.clip(share, 0.0, 1.0) * (right[rows, after] - found)
    return reached


def _calibration_error(truth: Truth, scores: Floats, weights: Rounds) -> Rounds:
    """Return the expected calibration error in each bootstrap round."""
    number = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    inside = number[:, None] == np.arange(BINS)
    gaps: Rounds = np.abs(weights @ (inside * (scores - truth)[:, None])).sum(axis=1)
    return gaps
