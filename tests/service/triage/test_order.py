"""The queue's order, as numbers: what weighs how much, and whose turn it is."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InvalidInput
from model.records import Scores, Span
from service.storage.records import FlagReason
from service.triage.order import (
    DOUBLES_IN,
    STREAMS,
    Shares,
    doubt_of,
    doubt_weight,
    flag_rank,
    queue_position,
    reach,
    safety_weight,
    stream_order,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAVIEST = safety_weight(1.0, 5.0, reach(is_reply=False, replies=15))
LIGHTEST = 1e-3


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        pytest.param((1.0, 0, 1.0), (0.8, 0, 1.0), id="severity or probability"),
        pytest.param((0.8, 1, 1.0), (0.8, 0, 1.0), id="a report"),
        pytest.param((0.8, 3, 1.0), (0.8, 2, 1.0), id="one more report"),
        pytest.param((0.0, 1, 1.0), (0.2, 0, 1.0), id="a report where no score agrees"),
        pytest.param((0.8, 0, 1.5), (0.8, 0, 1.0), id="reach"),
    ],
)
def test_what_is_more_urgent_weighs_more(
    heavier: tuple[float, float, float], lighter: tuple[float, float, float]
) -> None:
    assert safety_weight(*heavier) > safety_weight(*lighter)


def test_a_hundred_reporters_weigh_as_much_as_five() -> None:
    assert safety_weight(0.5, 100, 1.0) == safety_weight(0.5, 5, 1.0)


def test_a_reply_is_read_by_fewer_and_what_is_answered_by_more() -> None:
    reaches = [
        reach(is_reply=True, replies=0),
        reach(is_reply=False, replies=0),
        reach(is_reply=False, replies=1),
        reach(is_reply=False, replies=15),
        reach(is_reply=False, replies=1000),
    ]
    assert reaches == [0.7, 1.0, 1.5, 3.0, 3.0]


def test_a_flag_weighs_as_its_worst_reason_by_kind_and_probability() -> None:
    reasons = [FlagReason("", "profanity", 0.9, 0.5), FlagReason("", "threat", 0.6, 0.5)]
    assert flag_rank(reasons) == pytest.approx(0.6)
    assert flag_rank([FlagReason("Could not be scored.")]) == 0.5
    assert flag_rank([], court_case=True) == 0.9


def test_an_item_that_waits_for_twelve_hours_weighs_twice_as_much() -> None:
    assert queue_position(0.4, NOON - DOUBLES_IN) == pytest.approx(queue_position(0.8, NOON))


@given(
    weights=st.lists(st.floats(0.05, HEAVIEST), min_size=2, max_size=20),
    hours=st.lists(st.floats(0, 1000), min_size=20, max_size=20),
    later=st.floats(0, 10_000),
)
def test_the_order_is_by_weight_doubling_with_time_at_any_moment(
    weights: list[float], hours: list[float], later: float
) -> None:
    now = NOON + timedelta(hours=later)
    items = [(weight, NOON - timedelta(hours=hour)) for weight, hour in zip(weights, hours, strict=False)]
    by_position = sorted(items, key=lambda item: -queue_position(*item))
    logs = [_log_aged(weight, since, now) for weight, since in by_position]
    assert all(first >= second - 1e-6 for first, second in pairwise(logs))


def _log_aged(weight: float, since: datetime, now: datetime) -> float:
    """Take the logarithm of `weight * 2 ** (waited / 12 h)`, which itself is too large for a number."""
    return math.log2(weight) + (now - since).total_seconds() / (12 * 3600)


@given(
    arrivals=st.lists(st.tuples(st.floats(LIGHTEST, HEAVIEST), st.integers(1, 5)), min_size=1, max_size=24),
    mine=st.floats(LIGHTEST, HEAVIEST),
)
def test_whatever_arrives_every_item_gets_its_turn(arrivals: list[tuple[float, int]], mine: float) -> None:
    # More arrives than is read, day after day: the queue grows for ever, and yet nothing waits for ever.
    read_an_hour = 4
    longest = DOUBLES_IN * math.log2(HEAVIEST / LIGHTEST)
    waiting = [(queue_position(mine, NOON), NOON, True)]
    at = NOON
    before = 0
    while any(own for _, _, own in waiting):
        weight, count = arrivals[at.hour % len(arrivals)]
        new = [(queue_position(weight, at), at, False)] * count
        # Whatever comes later than this stands behind: only what came before it can delay the item.
        before += count if at - NOON <= longest else 0
        waiting = sorted([*waiting, *new], reverse=True)[read_an_hour:] if at > NOON else [*waiting, *new]
        at += timedelta(hours=1)
        assert at - NOON <= timedelta(hours=2 + before / read_an_hour) + longest
    assert not any(own for _, _, own in waiting)


# Doubt


THRESHOLDS = {"insult": 0.4, "threat": 0.1}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"insult": 0.38, "threat": 0.01}, "insult"),
        ({"insult": 0.05, "threat": 0.095}, "threat"),
        ({"insult": 0.38, "threat": 0.099}, "threat"),
        ({"insult": 0.2, "threat": 0.02}, None),
        ({"insult": 0.4, "threat": 0.02}, None),
        ({"insult": 0.38, "threat": 0.2}, None),
        ({"profanity": 0.5}, None),
        ({}, None),
    ],
)
def test_in_doubt_is_what_is_just_below_a_threshold_and_over_none(
    values: dict[str, float], expected: str | None
) -> None:
    found = doubt_of(Scores(values), THRESHOLDS)
    assert (found and found.attribute) == expected


def test_the_words_behind_the_score_in_doubt_are_marked() -> None:
    span, other = Span(0, 4, "insult", 1.0), Span(5, 9, "threat", 1.0)
    found = doubt_of(Scores({"insult": 0.38, "threat": 0.01}, (span, other)), THRESHOLDS)
    assert found is not None
    assert found.spans == (span,)


def test_the_nearer_to_the_threshold_the_more_it_weighs() -> None:
    weights = [doubt_weight(score, 0.4) for score in (0.4, 0.38, 0.35, 0.33)]
    assert weights[0] == 1.0
    assert weights == sorted(weights, reverse=True)


# Turns


@pytest.mark.parametrize("shares", [Shares(), Shares(60, 30, 10), Shares(100, 0, 0), Shares(0, 0, 100)])
@pytest.mark.parametrize("start", [0, 17, 93])
def test_of_any_hundred_turns_each_stream_has_its_share(shares: Shares, start: int) -> None:
    first = [stream_order(turn, shares)[0] for turn in range(start, start + 100)]
    assert [first.count(stream) for stream in STREAMS] == [shares.safety, shares.doubt, shares.random]


def test_the_turns_are_spread_evenly() -> None:
    random_turns = [turn for turn in range(200) if stream_order(turn, Shares())[0] == "random"]
    assert [second - first for first, second in pairwise(random_turns)] == [20] * 9


def test_the_first_turn_is_the_worst_items() -> None:
    assert stream_order(0, Shares())[0] == "safety"


@given(st.integers(0, 10_000))
def test_if_a_stream_is_empty_the_others_follow(turn: int) -> None:
    assert set(stream_order(turn, Shares())) == set(STREAMS)


def test_where_nothing_is_flagged_the_others_keep_their_proportion() -> None:
    order = [next(stream for stream in stream_order(turn, Shares()) if stream != "safety") for turn in range(1000)]
    assert order.count("random") / 1000 == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("shares", [(80, 20, 5), (90, 20, -10), (0, 0, 0)])
def test_shares_that_make_no_sense_are_refused(shares: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidInput, match="must total 100"):
        Shares(*shares)
