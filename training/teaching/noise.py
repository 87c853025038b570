"""Labels that deserve a second look: confident learning (Northcutt, Jiang and Chuang, 2021), for yes and no."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

#: Share of the rows at either end that the model is surest of, and how many they must be.
_SUREST, _LEAST = 0.05, 50


@dataclass(frozen=True, slots=True)
class NoiseEstimate:
    """How many labels are wrong, and which ones probably are.

    Attributes
    ----------
    share
        About this share of all labels is wrong.
    rows
        Numbers of the rows whose label is probably wrong, the likeliest first.
    """

    share: float
    rows: NDArray[np.int64]


def estimate_noise(labels: NDArray[np.floating], probabilities: NDArray[np.floating]) -> NoiseEstimate:
    """Estimate which labels contradict what the others teach.

    `rows` is what the published method finds. Its own estimate of the share
    takes every comment that is hard to judge for a mislabelled one, so that a
    weak model calls good labels bad. `share` is held down by a second
    estimate: how often the label contradicts the model where it is surest.
    Hard comments do not lie there; wrong labels lie everywhere.

    Parameters
    ----------
    labels
        N: 1 or 0; a label between counts as the nearer one.
    probabilities
        N: that the label is 1, by a model that had not seen the row.
    """
    given = np.asarray(labels) >= 0.5
    probable = np.asarray(probabilities, dtype=np.float64)
    if given.all() or not given.any():
        return NoiseEstimate(0.0, np.array([], dtype=np.int64))
    wrong_kept, wrong_removed = _off_diagonal(given, probable)
    found = [
        _likeliest(np.flatnonzero(~given), probable, wrong_kept),
        _likeliest(np.flatnonzero(given), 1 - probable, wrong_removed),
    ]
    rows = np.concatenate(found)
    confidence = np.where(given[rows], probable[rows], 1 - probable[rows])
    share = min((wrong_kept + wrong_removed) / len(given), _contradicted(given, probable))
    return NoiseEstimate(float(share), rows[np.argsort(confidence, kind="stable")])


def probabilities(labels: NDArray[np.floating], odds: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn N scores into probabilities of the label, as frequent as the labels are."""
    scores = np.asarray(odds, np.float64)[:, None]
    found: NDArray[np.float64] = LogisticRegression().fit(scores, np.asarray(labels) >= 0.5).predict_proba(scores)[:, 1]
    return found


def _off_diagonal(given: NDArray[np.bool_], probable: NDArray[np.float64]) -> tuple[int, int]:
    """Count the 0s that are truly 1 and the 1s that are truly 0: the calibrated confident joint."""
    confident_1 = probable >= probable[given].mean() - 1e-6
    confident_0 = 1 - probable >= (1 - probable[~given]).mean() - 1e-6
    is_1 = np.where(confident_1 & confident_0, probable > 0.5, confident_1)
    known = confident_1 | confident_0
    counts = []
    for side, other in ((~given, is_1), (given, ~is_1)):
        agree = max(int((side & known & ~other).sum()), 1)
        differ = int((side & known & other).sum())
        counts.append(min(round(side.sum() * differ / (agree + differ)), int(side.sum()) - 1))
    return counts[0], counts[1]


def _likeliest(rows: NDArray[np.int64], contrary: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the rows that the model contradicts most, and none that it agrees with."""
    ranked = rows[np.argsort(-contrary[rows], kind="stable")][:count]
    return ranked[contrary[ranked] > 0.5]


def _contradicted(given: NDArray[np.bool_], probable: NDArray[np.float64]) -> float:
    """Estimate the share of wrong labels from the rows that the model is surest of."""
    count = min(max(round(_SUREST * len(given)), _LEAST), len(given) // 2)
    ranked = np.argsort(probable, kind="stable")
    of_zeros = float(given[ranked[:count]].mean())
    of_ones = float((~given[ranked[len(given) - count :]]).mean())
    ones = float(np.clip((given.mean() - of_zeros) / max(1 - of_zeros - of_ones, 1e-3), 0, 1))
    return ones * of_ones + (1 - ones) * of_zeros
