"""How many items the minutes are good for, where that puts the threshold, and what share of the breaches it catches.

Formulas and their sources: docs/numbers.md. Nothing here knows the database.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.estimates import LEVEL, Estimate

Numbers = NDArray[np.float64]

#: What an item takes as long as nobody knows better, and how many decisions that counts for.
PRIOR_SECONDS = 60.0
PRIOR_DECISIONS = 20
#: A page that was left open over lunch counts as this many times the median, no more.
MOST_MEDIANS = 8.0
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """How long an item takes, and how many decisions that was measured on."""

    seconds: float
    decisions: int


@dataclass(frozen=True)
class Expected:
    """Comments that wait or are expected, as one array each.

    Attributes
    ----------
    ranks
        Where each would stand in the queue; 0 if it would not be flagged, or
        comes when nobody is there to look.
    breach
        How likely each is to be a breach, in [0, 1].
    counts
        How many of its kind are expected: of four past weeks each comment
        counts for a quarter.
    waiting
        Whether it is there already: then it is one, and no expectation.
    """

    ranks: Numbers
    breach: Numbers
    counts: Numbers
    waiting: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to come, and what of it can be seen.

    Attributes
    ----------
    comments, flags
        How many are expected, those that wait among them.
    breaches, caught
        How many breaches are expected, and how many of them the budget reaches.
    share
        The second in the first; None if no breach is expected.
    """

    comments: float
    flags: float
    breaches: Estimate
    caught: Estimate
    share: Estimate | None


def pace(seconds: Sequence[float]) -> Pace:
    """Measure how long an item takes, from opening it to deciding it.

    The mean, since it is the mean that fills a shift; no time counts for more
    than eight medians, and a prior counts for twenty decisions.
    """
    if not len(seconds):
        return Pace(PRIOR_SECONDS, 0)
    times = np.asarray(seconds, dtype=float)
    capped = np.minimum(times, MOST_MEDIANS * float(np.median(times)))
    mean = (PRIOR_SECONDS * PRIOR_DECISIONS + float(capped.sum())) / (PRIOR_DECISIONS + len(times))
    return Pace(mean, len(times))


def cut(expected: Expected, items: float, floor: float) -> float:
    """Give the rank above which there are as many as can be looked at.

    Parameters
    ----------
    expected
        What waits or is expected.
    items
        How many can be looked at. If none can be, no rank is high enough.
    floor
        The lowest rank that a flag can have: more minutes do not go below it.
    """
    if items <= 0:
        return math.inf
    flagged = expected.ranks >= floor
    order = np.argsort(-expected.ranks[flagged], kind="stable")
    ranks, above = expected.ranks[flagged][order], np.cumsum(expected.counts[flagged][order])
    if not len(ranks) or above[-1] <= items:
        return floor
    return float(np.interp(items, above, ranks))


def forecast(expected: Expected, items: float, *, seed: int = 0) -> Forecast:
    """Tell how many breaches are to come and how many of them are among the `items` that can be looked at.

    The intervals hold what will happen, not its mean: comments come at random
    (Poisson), and each is a breach with its own probability.
    """
    flagged = expected.ranks > 0
    order = np.argsort(-expected.ranks[flagged], kind="stable")
    counts, breach = expected.counts[flagged][order], expected.breach[flagged][order]
    waiting = expected.waiting[flagged][order]
    unseen = float((expected.counts * expected.breach)[~flagged].sum())

    reached = np.clip(items - (np.cumsum(counts) - counts), 0, counts)
    caught = float((reached * breach).sum())
    total = float((counts * breach).sum()) + unseen

    chance = np.random.default_rng(seed)
    came = np.where(waiting, 1, chance.poisson(np.where(waiting, 0, counts), (_DRAWS, len(counts))))
    bad = chance.binomial(came, breach)
    before = np.cumsum(came, axis=1) - came
    part = np.clip(items - before, 0, came) / np.maximum(came, 1)
    caught_draws = (bad * part).sum(axis=1)
    total_draws = bad.sum(axis=1) + chance.poisson(unseen, _DRAWS)
    some = total_draws > 0
    share = None
    if total > 0 and some.any():
        share = _interval(caught / total, caught_draws[some] / total_draws[some])
    return Forecast(
        comments=float(expected.counts.sum()),
        flags=float(counts.sum()),
        breaches=_interval(total, total_draws),
        caught=_interval(caught, caught_draws),
        share=share,
    )


def _interval(value: float, draws: Numbers) -> Estimate:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, min(float(low), value), max(float(high), value), len(draws))
