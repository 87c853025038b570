"""From minutes to a threshold, and what share of the breaches it catches: against simulated nights."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.staffing.capacity import PRIOR_SECONDS, Expected, cut, forecast, pace

FLOOR = 0.1


def expected(
    ranks: list[float],
    counts: float = 1.0,
    breach: float = 0.5,
    *,
    waiting: bool = False,
    slots: list[int] | None = None,
) -> Expected:
    n = len(ranks)
    come = np.array(slots or [0] * n, dtype=int)
    return Expected(np.array(ranks), np.full(n, breach), np.full(n, counts), np.full(n, waiting), come)


def at_once(items: float) -> np.ndarray:
    """Return all minutes in the first slot."""
    return np.array([items], dtype=float)


# The pace


def test_before_anybody_decided_there_is_a_prior() -> None:
    assert (pace([]).seconds, pace([]).decisions) == (PRIOR_SECONDS, 0)


def test_the_more_decisions_the_less_the_prior_counts() -> None:
    measured = [pace([30.0] * n).seconds for n in (1, 20, 2000)]
    assert measured == pytest.approx([58.57, 45.0, 30.3], abs=0.01)


def test_a_page_left_open_over_lunch_counts_little() -> None:
    assert pace([30.0] * 199 + [3600.0]).seconds == pytest.approx(pace([30.0] * 200).seconds, rel=0.04)


def test_the_pace_tells_how_many_items_a_shift_is_good_for() -> None:
    # Times as they are: some items take ten times as long as others. A median would promise a third too many.
    chance = np.random.default_rng(1)
    times = chance.lognormal(math.log(40), 0.8, 3000)
    shift = 8 * 3600
    shifts = np.cumsum(chance.lognormal(math.log(40), 0.8, (50, 2000)), axis=1)
    done = (shifts < shift).sum(axis=1).mean()
    assert shift / pace(list(times)).seconds == pytest.approx(done, rel=0.05)


# The cut


def test_the_threshold_is_the_rank_of_the_last_that_can_be_looked_at() -> None:
    assert cut(expected([0.9, 0.2, 0.7, 0.5]), at_once(3), FLOOR) == 0.5


def test_a_past_comment_counts_for_its_share_of_the_weeks() -> None:
    assert cut(expected([0.9, 0.9, 0.5, 0.5, 0.3], counts=0.5), at_once(2), FLOOR) == 0.5


@pytest.mark.parametrize(
    ("ranks", "items", "threshold"),
    [
        pytest.param([0.9, 0.5], 0, math.inf, id="nobody is there"),
        pytest.param([0.9, 0.5], 2, FLOOR, id="just enough for all"),
        pytest.param([0.9, 0.5], 100, FLOOR, id="minutes to spare"),
        pytest.param([], 5, FLOOR, id="nothing is expected"),
        pytest.param([0.05, 0.01], 1, FLOOR, id="nothing that would be flagged"),
    ],
)
def test_the_ends_of_the_scale(ranks: list[float], items: float, threshold: float) -> None:
    assert cut(expected(ranks), at_once(items), FLOOR) == threshold


RANKS = st.lists(st.floats(0, 3), min_size=1, max_size=50)


@given(RANKS, st.floats(0, 60), st.floats(0, 60))
def test_more_minutes_never_raise_the_threshold(ranks: list[float], one: float, two: float) -> None:
    few, many = sorted((one, two))
    assert cut(expected(ranks), at_once(few), FLOOR) >= cut(expected(ranks), at_once(many), FLOOR) >= FLOOR


@given(st.lists(st.floats(0.1, 3), min_size=2, max_size=50, unique=True), st.floats(0.5, 60))
def test_no_more_lie_above_the_threshold_than_can_be_looked_at(ranks: list[float], items: float) -> None:
    threshold = cut(expected(ranks), at_once(items), FLOOR)
    above = sum(rank > threshold for rank in ranks)
    assert above <= max(items, 1)
    assert above >= min(math.floor(items), len(ranks)) - 1


@given(RANKS.filter(lambda ranks: len(ranks) > 3), st.floats(1, 40))
def test_a_minute_more_or_less_moves_the_threshold_a_little(ranks: list[float], items: float) -> None:
    # By less than the gap between two neighbours for a hundredth of an item.
    gaps = -np.diff(sorted([*ranks, FLOOR], reverse=True))
    moved = abs(cut(expected(ranks), at_once(items), FLOOR) - cut(expected(ranks), at_once(items + 0.01), FLOOR))
    assert moved <= gaps.max() * 0.011 + 1e-9 or items + 0.01 >= sum(rank >= FLOOR for rank in ranks)


# The forecast against nights that did happen


def night(chance: np.random.Generator, mean: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Invent a night: probabilities of breach, ranks, and which are breaches."""
    n = chance.poisson(mean)
    probability = chance.beta(0.12, 3.0, n)
    ranks = np.where(probability >= 0.3, 0.8 * probability, 0.0)
    return probability, ranks, chance.random(n) < probability


@pytest.mark.parametrize("items", [5, 20, 200], ids=lambda items: f"{items} items")
def test_the_forecast_holds_what_the_budget_catches(items: int) -> None:
    held_share = held_count = 0
    means = []
    for repetition in range(300):
        chance = np.random.default_rng(repetition)
        weeks = [night(chance, 400) for _ in range(4)]
        probability = np.concatenate([week[0] for week in weeks])
        ranks = np.concatenate([week[1] for week in weeks])
        n = len(ranks)
        come = np.zeros(n, dtype=int)
        found = forecast(Expected(ranks, probability, np.full(n, 0.25), np.zeros(n, dtype=bool), come), at_once(items))

        _, tonight, breaches = night(chance, 400)
        read = np.argsort(-tonight)[:items]
        caught = int(breaches[read][tonight[read] > 0].sum())
        truth = caught / breaches.sum()
        assert found.share is not None
        held_share += found.share.low <= truth <= found.share.high
        held_count += found.caught.low <= caught <= found.caught.high
        means.append((found.share.value, truth))
    # 95 % are promised. Four weeks of history leave the mean itself a little uncertain.
    assert held_share >= 270
    assert held_count >= 270
    forecast_mean, true_mean = np.mean(means, axis=0)
    # Of 15 breaches a night, the mean of 300 nights is this uncertain (three standard errors).
    assert forecast_mean == pytest.approx(true_mean, abs=0.022)


def test_what_waits_is_there_and_no_expectation() -> None:
    found = forecast(expected([0.9] * 10, breach=1.0, waiting=True), at_once(4))
    assert (found.breaches.low, found.breaches.high) == (10, 10)
    assert found.share is not None
    assert (found.share.value, found.share.low, found.share.high) == (0.4, 0.4, 0.4)


def test_what_no_threshold_catches_counts_as_missed() -> None:
    found = forecast(expected([0.9] * 10 + [0.0] * 30, breach=0.5), at_once(100))
    assert found.share is not None
    assert found.share.value == pytest.approx(0.25)


def test_without_breaches_there_is_no_share() -> None:
    assert forecast(expected([0.9], breach=0.0), at_once(5)).share is None


# What comes when


@pytest.mark.parametrize(
    ("slots", "items", "share"),
    [
        pytest.param([0, 0, 0, 0], [4, 0, 0], 1.0, id="all is there when somebody comes"),
        pytest.param([1, 1, 1, 1], [4, 0, 0], 0.0, id="all comes when everybody has gone"),
        pytest.param([0, 0, 1, 1], [4, 0, 1], 0.75, id="minutes that are left over help nothing that comes later"),
        pytest.param([0, 0, 1, 2], [0, 0, 4], 1.0, id="what waited is done later"),
        pytest.param([2, 1, 0, 0], [1, 1, 1], 0.75, id="as much as there is time for"),
    ],
)
def test_minutes_are_good_for_what_has_come_by_then(slots: list[int], items: list[float], share: float) -> None:
    found = forecast(
        expected([0.9, 0.8, 0.7, 0.6], breach=1.0, waiting=True, slots=slots), np.array(items, dtype=float)
    )
    assert found.share is not None
    assert found.share.value == pytest.approx(share)


def test_the_threshold_is_for_what_waits_now() -> None:
    # In the evening ten grave ones come for one item's time; until then there is time for all.
    evening = expected([0.9] * 10 + [0.3, 0.2], slots=[1] * 10 + [0, 0])
    assert cut(evening, np.array([5.0, 1.0]), FLOOR) == FLOOR
    assert cut(evening, np.array([1.0, 1.0]), FLOOR) == 0.3
    assert cut(evening, np.array([0.0, 1.0]), FLOOR) == 0.9


def work_through(come: np.ndarray, ranks: np.ndarray, items: list[int]) -> np.ndarray:
    """Do a day's work, slot by slot, the gravest of what is there first; return which were looked at."""
    done = np.zeros(len(ranks), dtype=bool)
    for slot, most in enumerate(items):
        there = np.flatnonzero((come <= slot) & (ranks > 0) & ~done)
        done[there[np.argsort(-ranks[there])][:most]] = True
    return done


@pytest.mark.parametrize(
    ("items", "evening"),
    [
        pytest.param([40, 40, 0, 5], 0.9, id="most comes in the evening"),
        pytest.param([10, 10, 10, 10], 0.5, id="somebody is always there, and too few"),
        pytest.param([0, 20, 0, 0], 0.3, id="one shift in the middle"),
    ],
)
def test_the_forecast_holds_what_is_caught_of_what_comes_all_day(items: list[int], evening: float) -> None:
    def day(chance: np.random.Generator) -> tuple[np.ndarray, ...]:
        probability, ranks, breaches = night(chance, 400)
        come = chance.choice(4, len(ranks), p=[(1 - evening) / 2, (1 - evening) / 2, evening, 0])
        return probability, ranks, breaches, come

    held, means = 0, []
    for repetition in range(300):
        chance = np.random.default_rng(repetition)
        weeks = [day(chance) for _ in range(4)]
        probability, ranks, _, come = (np.concatenate(part) for part in zip(*weeks, strict=True))
        n = len(ranks)
        found = forecast(
            Expected(ranks, probability, np.full(n, 0.25), np.zeros(n, dtype=bool), come), np.array(items, dtype=float)
        )

        _, tonight, breaches, moments = day(chance)
        truth = breaches[work_through(moments, tonight, items)].sum() / breaches.sum()
        assert found.share is not None
        held += found.share.low <= truth <= found.share.high
        means.append((found.share.value, truth))
    assert held >= 270
    forecast_mean, true_mean = np.mean(means, axis=0)
    assert forecast_mean == pytest.approx(true_mean, abs=0.022)
