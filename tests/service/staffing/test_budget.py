"""The budget of a night from a stored history; the dawn list."""

import math
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import select

from model.records import Article, Comment, Scores
from service.moderation.articles import save_article
from service.moderation.comments import lock_comment, save_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.staffing.budget import Budget, breach_probability, carried_over, find_budget, lowest_rank
from service.staffing.capacity import PRIOR_SECONDS
from service.staffing.dawn import dawn_list
from service.staffing.rota import DAYS, Pattern, Rota
from service.storage.database import Database
from service.storage.records import FlagReason, Judgement
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow, FlagRow, ScoreRow
from service.triage.order import Shares
from service.triage.position import settle

GLASGOW = ZoneInfo("Europe/London")
THRESHOLDS = {"insult": 0.3}
SHARES = Shares(80, 15, 5)
OFFICE = Pattern("isla", frozenset(DAYS), clock(9), clock(18))
EVENING = Pattern("rory", frozenset(DAYS), clock(20), clock(21))
ROTA = Rota((OFFICE, EVENING), zone=GLASGOW)
#: A Wednesday, six in the evening: an hour of work until nine in the morning.
NOW = datetime(2026, 11, 25, 18, tzinfo=UTC)


def store_comments(db: Database, comments: list[tuple[datetime, float]], prefix: str = "c") -> None:
    """Store comments with a time and a score for insult each, long decided."""
    with db.write() as session:
        if session.get(ArticleRow, "bridge") is None:
            save_article(session, Article(id="bridge", title="Bridge to close"))
        for number, (posted_at, score) in enumerate(comments):
            comment_id = f"{prefix}{number}"
            session.add(
                CommentRow(
                    id=comment_id, article_id="bridge", text="Text.", revision=1, posted_at=posted_at, received_at=NOW
                )
            )
            session.flush()
            session.add(
                ScoreRow(
                    comment_id=comment_id,
                    revision=1,
                    bundle_version="b1",
                    scores={"insult": score},
                    spans=[],
                    scored_at=posted_at,
                )
            )


def weeks_before(hours: float, *weeks: int) -> list[datetime]:
    return [NOW + timedelta(hours=hours) - timedelta(weeks=week) for week in weeks]


def budget(db: Database, rota: Rota = ROTA, now: datetime = NOW) -> Budget:
    with db.read() as session:
        found = find_budget(session, rota, now, thresholds=THRESHOLDS, shares=SHARES)
    assert found is not None
    return found


def decide_in(db: Database, seconds: list[float], *, batch: str | None = None) -> None:
    """Let isla decide on an item for each of these times."""
    with db.write() as session:
        for number, taken in enumerate(seconds):
            decided = NOW - timedelta(days=1) + timedelta(minutes=number)
            session.add(
                DecisionRow(
                    comment_id="c0",
                    revision=1,
                    verdict="keep",
                    moderator="isla",
                    attributes={},
                    opened_at=decided - timedelta(seconds=taken),
                    decided_at=decided,
                    last_flag=0,
                    last_report=0,
                    batch=batch,
                )
            )


# The minutes


def test_the_minutes_until_the_next_days_work(db: Database) -> None:
    found = budget(db)
    assert (found.minutes, found.until.astimezone(GLASGOW).isoformat()) == (60, "2026-11-26T09:00:00+00:00")
    assert found.items == pytest.approx(60 * 60 / PRIOR_SECONDS)
    assert found.safety_items == pytest.approx(0.8 * found.items)


def test_the_pace_is_measured_on_single_decisions(db: Database) -> None:
    store_comments(db, [(NOW, 0.1)])
    decide_in(db, [30.0] * 180)
    decide_in(db, [1.0] * 500, batch="b")
    found = budget(db)
    assert found.pace.decisions == 180
    assert found.pace.seconds == pytest.approx(33.0)


def test_without_a_rota_there_is_no_budget(db: Database) -> None:
    with db.read() as session:
        assert find_budget(session, Rota(), NOW, thresholds=THRESHOLDS, shares=SHARES) is None


# What is to come


def test_the_same_hours_of_the_last_four_weeks_tell_what_is_to_come(db: Database) -> None:
    at_seven = weeks_before(1, 1, 2, 3, 4)
    at_noon, five_weeks_ago = weeks_before(-6, 1), weeks_before(1, 5)
    store_comments(db, [(moment, 0.5) for moment in (*at_seven, *at_noon, *five_weeks_ago)])
    found = budget(db)
    assert (found.weeks, found.forecast.comments) == (4, 1)
    assert found.forecast.breaches.value == pytest.approx(0.5)
    assert [hour.flags for hour in found.hours][:3] == [0, 1, 0]


def test_a_young_newsroom_counts_the_weeks_that_it_has(db: Database) -> None:
    store_comments(db, [(moment, 0.5) for moment in weeks_before(1, 1, 2)])
    found = budget(db)
    assert (found.weeks, found.forecast.comments) == (2, 1)


def test_without_history_only_what_waits_is_known(db: Database) -> None:
    found = budget(db)
    assert (found.weeks, found.forecast.comments, found.forecast.share) == (0, 0, None)


def test_the_hours_are_those_of_the_wall_clock_when_the_clock_changes(db: Database) -> None:
    # Monday, two days after summer time began: at six in the evening it is 17:00 UTC, and was 18:00 a week before.
    now = datetime(2026, 3, 30, 18, tzinfo=GLASGOW)
    at_seven_before = datetime(2026, 3, 23, 19, 30, tzinfo=GLASGOW)
    store_comments(db, [(at_seven_before, 0.5)])
    found = budget(db, now=now)
    assert [number for number, hour in enumerate(found.hours) if hour.flags] == [1]


def test_the_threshold_follows_the_minutes(db: Database) -> None:
    scores = np.linspace(0.31, 0.99, 100)
    store_comments(db, [(moment, float(score)) for moment in weeks_before(1, 1) for score in scores])
    thresholds = []
    for minutes in (60, 30, 10):
        evening = Pattern("rory", frozenset(DAYS), clock(20), clock(20 + minutes // 60, minutes % 60))
        thresholds.append(budget(db, Rota((OFFICE, evening), zone=GLASGOW)).threshold)
    # An item a minute, four of five for this stream: the 48th, the 24th and the 8th of what is to come.
    expected = [0.8 * float(np.sort(scores)[-place]) for place in (48, 24, 8)]
    assert thresholds == pytest.approx(expected)


def test_minutes_to_spare_do_not_go_below_the_operating_point(db: Database) -> None:
    store_comments(db, [(moment, score) for moment in weeks_before(1, 1) for score in (0.2, 0.5)])
    assert budget(db).threshold == lowest_rank(THRESHOLDS)


def test_when_the_last_one_has_gone_home_everything_waits_for_dawn(db: Database) -> None:
    store_comments(db, [(moment, 0.9) for moment in weeks_before(5, 1, 2, 3, 4)])
    found = budget(db, now=NOW + timedelta(hours=4))
    assert (found.minutes, found.threshold) == (0, math.inf)
    assert found.forecast.share is not None
    assert found.forecast.share.value == 0


def test_what_comes_after_the_last_shift_is_not_caught(db: Database) -> None:
    store_comments(db, [(moment, 0.5) for moment in (*weeks_before(1, 1), *weeks_before(8, 1))])
    share = budget(db).forecast.share
    assert share is not None
    assert share.value == pytest.approx(0.5)


def test_what_waits_already_competes_for_the_same_minutes(db: Database) -> None:
    store_comments(db, [(moment, 0.5) for moment in weeks_before(1, 1) for _ in range(48)])
    flag(db, "waiting", 0.9)
    found = budget(db)
    assert found.forecast.flags == 49
    assert found.forecast.caught.value == pytest.approx(47 * 0.5 + 0.9)


@pytest.mark.parametrize(
    ("scores", "probability"),
    [
        ({"insult": 0.2, "threat": 0.5}, 0.5),
        ({"insult": 0.5, "off_topic": 0.5}, 0.75),
        ({"off_topic": 0.4}, 0.4),
        ({"insult": 0.9, "likely_to_reject": 0.3}, 0.3),
        ({}, 0.0),
    ],
    ids=["the worst abuse", "abuse or off topic", "off topic alone", "learnt from decisions", "not scored"],
)
def test_how_likely_a_comment_is_a_breach(scores: dict[str, float], probability: float) -> None:
    assert breach_probability(scores) == pytest.approx(probability)


# The dawn list


def flag(db: Database, comment_id: str, score: float, *, raised_at: datetime | None = None) -> None:
    with db.write() as session:
        if session.get(ArticleRow, "bridge") is None:
            save_article(session, Article(id="bridge", title="Bridge to close"))
        reason = FlagReason("Reads as an insult.", "insult", score, 0.3)
        comment = Comment(id=comment_id, article_id="bridge", text="What a numpty.")
        save_comment(session, comment, Judgement("b1", Scores({"insult": score}), (reason,)))
    if raised_at is not None:
        move(db, comment_id, raised_at)


def move(db: Database, comment_id: str, raised_at: datetime) -> None:
    """Let a comment's flag have been raised at another time."""
    with db.write() as session:
        for row in session.scalars(select(FlagRow).where(FlagRow.comment_id == comment_id)):
            row.raised_at = raised_at
        settle(session, lock_comment(session, comment_id))


def names(db: Database, now: datetime) -> list[str | None]:
    with db.read() as session:
        found = dawn_list(session, ROTA, now)
    assert found is not None
    assert found.total == len(found.items)
    return [item.comment.id for item in found.items]


def test_the_dawn_list_holds_what_the_night_could_not(db: Database) -> None:
    night = datetime(2026, 11, 26, 2, tzinfo=UTC)
    flag(db, "at night", 0.5, raised_at=night)
    flag(db, "graver", 0.9, raised_at=night)
    flag(db, "decided", 0.9, raised_at=night)
    flag(db, "in the morning", 0.9, raised_at=datetime(2026, 11, 26, 9, 5, tzinfo=UTC))
    with db.write() as session:
        add_decision(session, "decided", NewDecision(verdict="keep", moderator="rory"))
    assert names(db, datetime(2026, 11, 26, 9, 30, tzinfo=UTC)) == ["graver", "at night"]


def test_before_nine_the_dawn_list_is_still_that_of_the_day_before(db: Database) -> None:
    flag(db, "at night", 0.5, raised_at=datetime(2026, 11, 26, 2, tzinfo=UTC))
    assert names(db, datetime(2026, 11, 26, 8, 59, tzinfo=UTC)) == []
    assert names(db, datetime(2026, 11, 26, 9, 0, tzinfo=UTC)) == ["at night"]


def test_what_has_waited_longer_is_graver(db: Database) -> None:
    flag(db, "lately", 0.9, raised_at=datetime(2026, 11, 26, 8, tzinfo=UTC))
    flag(db, "since yesterday", 0.5, raised_at=datetime(2026, 11, 25, 8, tzinfo=UTC))
    assert names(db, datetime(2026, 11, 26, 9, tzinfo=UTC)) == ["since yesterday", "lately"]


def test_reports_come_before_what_no_reader_complained_of(db: Database) -> None:
    # Reports come in now, so the dawn is tomorrow's.
    now = datetime.now(UTC)
    flag(db, "grave", 0.99)
    for comment_id in ("reported first", "reported later"):
        flag(db, comment_id, 0.31)
        with db.write() as session:
            add_report(session, comment_id, reporter="r1", reason="insult")
    assert names(db, now + timedelta(days=2)) == ["reported first", "reported later", "grave"]


def test_without_a_rota_there_is_no_dawn_list(db: Database) -> None:
    with db.read() as session:
        assert dawn_list(session, Rota(), NOW) is None


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 3, 28, 18, tzinfo=GLASGOW), id="summer time begins in the night"),
        pytest.param(datetime(2026, 10, 24, 18, tzinfo=GLASGOW), id="summer time ends in the night"),
        pytest.param(datetime(2026, 6, 13, 18, tzinfo=GLASGOW), id="any other night"),
    ],
)
def test_what_came_at_nine_a_week_ago_is_expected_at_nine(now: datetime) -> None:
    start = now - timedelta(weeks=1)
    came = (start + timedelta(hours=15)).replace(tzinfo=GLASGOW)
    assert came.hour == 9
    after = carried_over(ROTA, now.astimezone(UTC), start.astimezone(UTC), came.astimezone(UTC) - start.astimezone(UTC))
    assert (now.astimezone(UTC) + after).astimezone(GLASGOW).hour == 9
