"""How many items fit into the minutes, where that puts the threshold, and what share of the breaches it catches.

Formulas and their sources: docs/numbers.md. Nothing here knows the database.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.insights.estimates import LEVEL, Estimate

Numbers = NDArray[np.float64]

#: What an item takes as long as nobody knows better, and how many decisions that counts for.
PRIOR_SECONDS = 60.0
PRIOR_DECISIONS = 20
#: A page that was left open over lunch counts as this many times the median, no more.
MOST_MEDIANS = 8.0
_DRAWS = 1000
#: Of the minutes, below which nothing is left but rounding.
_ROUNDING = 1e-9
#: After so many comments, slots that have nothing left are put aside.
_LOOK_EVERY = 20


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
        Where each would stand in the queue; 0 if it would not be flagged.
    breach
        How likely each is to be a breach, in [0, 1].
    counts
        How many of its kind are expected: of four past weeks each comment
        counts for a quarter.
    waiting
        Whether it is there already: then it is one, and no expectation.
    slots
        In which of the stretches of time that the minutes are told of it comes.
    """

    ranks: Numbers
    breach: Numbers
    counts: Numbers
    waiting: NDArray[np.bool_]
    slots: NDArray[np.int_]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected, and how much of it can be seen.

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


def cut(expected: Expected, items: Numbers, floor: float) -> float:
    """Return from which rank on flags can be looked at in the minutes that moderators have.

    Parameters
    ----------
    expected
        What waits or is expected.
    items
        How many can be looked at in each slot. If none can be, no rank is high enough.
    floor
        The lowest rank that a flag can have: more minutes do not go below it.
    """
    if items.sum() <= 0:
        return math.inf
    first = _gravest(expected, floor)
    ranks, counts = expected.ranks[first], expected.counts[first]
    used = _looked_at(counts[:, None], expected.slots[first], items)[:, 0]
    spent = np.cumsum(used)
    if np.allclose(used, counts) or spent[-1] < items.sum() * (1 - _ROUNDING):
        # All are reached, or what is not comes too late for the minutes that are left.
        return floor
    last = int(np.searchsorted(spent, items.sum() * (1 - _ROUNDING)))
    asked = np.append(spent[:last], spent[last] - used[last] + counts[last])
    return float(np.interp(items.sum(), asked, ranks[: last + 1]))


def forecast(expected: Expected, items: Numbers, *, seed: int = 0) -> Forecast:
    """Return how many breaches are to come and how many of them are among the items that can be looked at.

    The intervals hold what will happen, not its mean: comments come at random
    (Poisson), and each is a breach with its own probability.

    Parameters
    ----------
    expected
        What waits or is expected.
    items
        How many can be looked at in each slot.
    seed
        Of the draws.
    """
    first = _gravest(expected, np.nextafter(0, 1))
    counts, breach, slots = expected.counts[first], expected.breach[first], expected.slots[first]
    waiting = expected.waiting[first]
    flagged = expected.ranks > 0
    unseen = float((expected.counts * expected.breach)[~flagged].sum())

    caught = float(_looked_at(counts[:, None], slots, items)[:, 0] @ breach)
    total = float((counts * breach).sum()) + unseen

    chance = np.random.default_rng(seed)
    mean = np.where(waiting, 0, counts)[:, None]
    came = np.where(waiting[:, None], 1, chance.poisson(mean, (len(counts), _DRAWS))).astype(float)
    bad = chance.binomial(came.astype(int), breach[:, None])
    part = _looked_at(came, slots, items) / np.maximum(came, 1)
    caught_draws = (bad * part).sum(axis=0)
    total_draws = bad.sum(axis=0) + chance.poisson(unseen, _DRAWS)
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


def _gravest(expected: Expected, floor: float) -> NDArray[np.intp]:
    """Return the places of the comments that are flagged, the gravest first."""
    order = np.argsort(-expected.ranks, kind="stable")
    return order[expected.ranks[order] >= floor]


def _looked_at(came: Numbers, slots: NDArray[np.int_], items: Numbers) -> Numbers:
    """Return how much of each is looked at, if whoever works takes the gravest that is there.

    Who takes the gravest first serves it as if nothing else waited: so each
    in turn takes what the graver ones have left, in the first slots that are
    not before it comes.

    Parameters
    ----------
    came
        N x D: how many of each came, the gravest first, in each of D nights.
    slots
        N: when.
    items
        How many can be looked at in each slot.
    """
    left = np.repeat(items[:, None], came.shape[1], axis=1)
    wanted = came.astype(float)
    looked_at = np.zeros_like(wanted)
    free = np.flatnonzero(items > 0)
    for number, slot in enumerate(slots):
        for place in free[np.searchsorted(free, slot) :]:
            taken = np.minimum(wanted[number], left[place])
            left[place] -= taken
            wanted[number] -= taken
            looked_at[number] += taken
            if not wanted[number].any():
                break
        if number % _LOOK_EVERY == 0:
            free = free[left[free].any(axis=1)]
    return looked_at


def _interval(value: float, draws: Numbers) -> Estimate:
    """Return an estimate with the interval that its bootstrap draws give."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, min(float(low), value), max(float(high), value), len(draws))
