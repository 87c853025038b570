"""Estimates from a random sample: their intervals hold the truth as often as they say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from service.insights.estimates import (
    Estimate,
    NotEnough,
    corrected,
    difference,
    exact,
    known,
    part_of,
    share,
    share_of,
    total,
)

REPETITIONS = 300
#: With 300 repetitions at 95 %, fewer than 272 come of chance less than once in a thousand.
AT_LEAST = 272


def covered(estimates: Sequence[Estimate], truths: Sequence[float]) -> int:
    return sum(one.low <= truth <= one.high for one, truth in zip(estimates, truths, strict=True))


@pytest.mark.parametrize(("positives", "n"), [(0, 1), (1, 1), (0, 100), (3, 100), (97, 100), (200, 4000)])
def test_the_exact_interval_is_scipys(positives: int, n: int) -> None:
    theirs = binomtest(positives, n).proportion_ci(0.95, "exact")
    assert exact(positives, n) == pytest.approx((theirs.low, theirs.high))


def test_equal_probabilities_give_the_exact_interval_of_the_count() -> None:
    found = share([True] * 3 + [False] * 97, [0.05] * 100)
    assert found.n == 100
    assert found.value == pytest.approx(0.03)
    assert (found.low, found.high) == pytest.approx(exact(3, 100))


def test_a_comment_that_was_unlikely_to_be_drawn_counts_for_more() -> None:
    found = share([True, False, False], [0.1, 0.5, 0.5])
    assert found.value == pytest.approx(10 / 14)


def test_an_uneven_sample_says_less_than_an_even_one_of_its_size() -> None:
    values = ([True] * 10 + [False] * 90) * 2
    even, uneven = share(values), share(values, [0.1] * 100 + [0.5] * 100)
    assert even.value == pytest.approx(uneven.value)
    assert uneven.low < even.low < even.high < uneven.high


@pytest.mark.parametrize("breaches", [0.01, 0.03, 0.2], ids=lambda share: f"{share:.0%}")
@pytest.mark.parametrize("n", [100, 400])
def test_the_interval_of_an_even_sample_holds_the_truth(breaches: float, n: int) -> None:
    chance = np.random.default_rng(1)
    estimates = [share(list(chance.random(n) < breaches)) for _ in range(REPETITIONS)]
    assert covered(estimates, [breaches] * REPETITIONS) >= AT_LEAST


@pytest.mark.parametrize("breaches_at_night", [0.03, 0.12], ids=["as by day", "four times as many"])
def test_the_interval_of_an_uneven_sample_holds_the_truth(breaches_at_night: float) -> None:
    # By night fewer are drawn, since fewer can be read.
    chance = np.random.default_rng(2)
    day, night = 15_000, 6_000
    truth = (day * 0.03 + night * breaches_at_night) / (day + night)
    estimates = []
    for _ in range(REPETITIONS):
        drawn_by_day, drawn_at_night = chance.binomial(day, 0.03), chance.binomial(night, 0.015)
        values = [*(chance.random(drawn_by_day) < 0.03), *(chance.random(drawn_at_night) < breaches_at_night)]
        estimates.append(share(values, [0.03] * drawn_by_day + [0.015] * drawn_at_night))
    assert covered(estimates, [truth] * REPETITIONS) >= AT_LEAST
    assert np.mean([one.value for one in estimates]) == pytest.approx(truth, rel=0.05)


def test_the_interval_of_a_sum_holds_the_truth() -> None:
    chance = np.random.default_rng(3)
    truth = 20_000 * 0.02 + 300 * 0.4
    estimates = [
        total(
            share(list(chance.random(200) < 0.02)).times(20_000),
            share(list(chance.random(60) < 0.4)).times(300),
        )
        for _ in range(REPETITIONS)
    ]
    assert covered(estimates, [truth] * REPETITIONS) >= AT_LEAST


def test_erring_moderators_are_corrected_for() -> None:
    # One breach of ten is kept, and 2 of 100 others removed: more wrongly removed than breaches.
    chance = np.random.default_rng(4)
    breaches, sensitivity, specificity = 0.015, 0.9, 0.98
    estimates = []
    for _ in range(REPETITIONS):
        truth = chance.random(800) < breaches
        removed = np.where(truth, chance.random(800) < sensitivity, chance.random(800) > specificity)
        estimates.append(corrected(share(list(removed)), sensitivity=sensitivity, specificity=specificity))
    assert covered(estimates, [breaches] * REPETITIONS) >= AT_LEAST
    assert np.mean([one.value for one in estimates]) == pytest.approx(breaches, rel=0.1)


def test_moderators_who_toss_coins_are_refused() -> None:
    with pytest.raises(ValueError, match="coin"):
        corrected(Estimate(0.5, 0.4, 0.6, 100), sensitivity=0.5, specificity=0.5)


@pytest.mark.parametrize(
    ("seen", "missed", "expected"),
    [
        pytest.param(60, Estimate(40, 20, 90, 100), (0.6, 0.4, 0.75), id="some seen, some missed"),
        pytest.param(0, Estimate(40, 20, 90, 100), (0, 0, 0), id="none seen"),
        pytest.param(60, Estimate(0, 0, 30, 100), (1, 2 / 3, 1), id="none found among the rest"),
        pytest.param(0, Estimate(0, 0, 30, 100), (1, 0, 1), id="nothing known"),
    ],
)
def test_what_share_is_seen(seen: float, missed: Estimate, expected: tuple[float, float, float]) -> None:
    found = part_of(known(seen), missed)
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx(expected)


def test_the_share_of_nothing_may_be_anything() -> None:
    assert (share_of(0, 0).low, share_of(0, 0).high) == (0, 1)


def test_no_breach_has_no_share() -> None:
    assert part_of(known(0), Estimate(0, 0, 0, 100)) is None


def test_a_difference_that_could_be_none_holds_nought() -> None:
    found = difference(Estimate(0.5, 0.4, 0.6, 100), Estimate(0.45, 0.35, 0.55, 100))
    assert found.value == pytest.approx(0.05)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(("n", "lacking"), [(0, 100), (99, 1), (100, 0)])
def test_too_few_says_how_many_are_lacking(n: int, lacking: int) -> None:
    assert NotEnough(n, 100).lacking == lacking


@given(st.lists(st.tuples(st.booleans(), st.floats(0.001, 1)), min_size=1, max_size=60))
def test_an_estimate_lies_within_its_interval_and_both_within_nought_and_one(sample: list[tuple[bool, float]]) -> None:
    found = share([value for value, _ in sample], [probability for _, probability in sample])
    assert 0 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1
