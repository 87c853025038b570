"""What a random sample says of all comments: shares, with intervals that keep their word.

Formulas and their sources: docs/numbers.md. Nothing here knows the database.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Numbers = NDArray[np.float64]

#: All intervals hold the truth in at least this share of cases.
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval and the number of observations behind it."""

    value: float
    low: float
    high: float
    n: int

    def times(self, factor: float) -> "Estimate":
        """Scale by a number that is known, such as how many comments there were."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor, self.n)

    def rest_of(self, total: float) -> "Estimate":
        """Subtract this estimate from a total that is known."""
        return Estimate(total - self.value, total - self.high, total - self.low, self.n)


@dataclass(frozen=True, slots=True)
class NotEnough:
    """No figure, since there are too few observations for one: how many there are, and how many it takes."""

    n: int
    needed: int

    @property
    def lacking(self) -> int:
        """How many more it takes."""
        return max(0, self.needed - self.n)


def exact(positives: float, n: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Clopper and Pearson's interval; neither number needs to be whole."""
    tail = (1 - level) / 2
    low = 0.0 if positives <= 0 else float(special.betaincinv(positives, n - positives + 1, tail))
    high = 1.0 if positives >= n else float(special.betaincinv(positives + 1, n - positives, 1 - tail))
    return low, high


def share(values: Sequence[bool], probabilities: Sequence[float] | None = None) -> Estimate:
    """Estimate the share of all comments for which `values` is true, from a random sample of them.

    Parameters
    ----------
    values
        One for each comment of the sample; at least one.
    probabilities
        How likely each was to be drawn, in (0, 1]; all the same if left out.
    """
    hits = np.asarray(values, dtype=float)
    n = len(hits)
    weights = np.ones(n) if probabilities is None else 1 / np.asarray(probabilities, dtype=float)
    value = float(weights @ hits / weights.sum())
    effective = _effective_size(hits, weights, value)
    low, high = exact(value * effective, effective)
    return Estimate(value, low, high, n)


def share_of(positives: int, n: int) -> Estimate:
    """Estimate a share from a count; of nothing, it may be anything."""
    low, high = exact(positives, n)
    return Estimate(positives / n if n else 0.5, low, high, n)


def known(number: float) -> Estimate:
    """Return a number that was counted and not estimated."""
    return Estimate(number, number, number, 0)


def total(*parts: Estimate) -> Estimate:
    """Add estimates that come of separate samples; the interval by Zou and Donner's MOVER."""
    value = sum(part.value for part in parts)
    return Estimate(
        value,
        value - math.hypot(*(part.value - part.low for part in parts)),
        value + math.hypot(*(part.high - part.value for part in parts)),
        sum(part.n for part in parts),
    )


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Subtract the second from the first; the interval by MOVER."""
    return total(first, Estimate(-second.value, -second.high, -second.low, second.n))


def part_of(part: Estimate, rest: Estimate) -> Estimate | None:
    """Return the share that a part has in itself and the rest; None if both may be nothing."""
    if part.high + rest.high <= 0:
        return None

    def ratio(one: float, other: float) -> float:
        return one / (one + other) if one + other > 0 else 1.0

    return Estimate(
        ratio(part.value, rest.value),
        ratio(part.low, rest.high),
        ratio(part.high, max(rest.low, 0.0)),
        part.n + rest.n,
    )


def corrected(observed: Estimate, *, sensitivity: float, specificity: float) -> Estimate:
    """Undo moderators' errors (Rogan and Gladen).

    Parameters
    ----------
    observed
        Share of comments that moderators remove.
    sensitivity, specificity
        Share of the breaches that they remove, and of the others that they keep.
    """
    gain = sensitivity + specificity - 1
    if gain <= 0:
        raise ValueError("Moderators who err more often than a coin tell nothing.")

    def undo(value: float) -> float:
        return min(1.0, max(0.0, (value + specificity - 1) / gain))

    return Estimate(undo(observed.value), undo(observed.low), undo(observed.high), observed.n)


def _effective_size(hits: Numbers, weights: Numbers, value: float) -> float:
    """Return how many equally likely draws would say as much (Korn and Graubard); never more than there are."""
    n = len(hits)
    kish = float(weights.sum() ** 2 / (weights**2).sum())
    if n < 2 or not 0 < value < 1:
        return kish
    residuals = weights * (hits - value)
    variance = float((residuals**2).sum() / weights.sum() ** 2)
    return min(float(n), value * (1 - value) / variance)
