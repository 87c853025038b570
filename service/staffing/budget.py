"""Today's budget: the minutes until the next day's work, and how many items they allow."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from model.attributes import ABUSE, REJECT
from service.staffing.capacity import Expected, Forecast, Pace, cut, forecast, pace
from service.staffing.newsroom import Newsroom
from service.staffing.rota import Rota, Shift
from service.staffing.rota_store import load_rota
from service.storage.tables.comments import CommentRow, DecisionRow, ScoreRow
from service.triage.order import SEVERITY, Shares, reach

#: So many of the last weeks tell what the same stretch of this week will bring.
WEEKS = 4
#: So many days of decisions tell how long an item takes.
PACE_DAYS = 28
#: Reading four weeks of comments takes longer than a list may.
_KEPT_FOR = timedelta(minutes=5)
_WEEK = timedelta(weeks=1)
_HOUR = timedelta(hours=1)
#: What comes and who is there are held against each other in stretches as short as this.
_SLOT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ForecastHour:
    """One hour until the next day's work: flags expected in it, and the minutes that are there."""

    starts: datetime
    flags: float
    minutes: float


@dataclass(frozen=True)
class Budget:
    """How many items fit into the minutes until the next day's work, and what that catches.

    Attributes
    ----------
    now, until
        Until the first shift of the next day on which anybody works.
    minutes, pace
        Of all moderators; and what one item takes.
    items, safety_items
        How many items that makes, and how many of them are of the safety stream.
    weeks
        How many past weeks tell what is to come; with none, only what waits is known.
    threshold
        The rank that an item of the safety stream which waits now needs to be reached in time.
    forecast
        What is to come, and what share of the breaches the safety stream's items catch.
    hours
        Until then.
    """

    now: datetime
    until: datetime
    minutes: float
    pace: Pace
    items: float
    safety_items: float
    weeks: int
    threshold: float
    forecast: Forecast
    hours: tuple[ForecastHour, ...]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A comment of a past week, moved to this one."""

    after: timedelta
    rank: float
    breach: float
    flagged: bool


def find_budget(
    session: Session, rota: Rota, now: datetime, *, thresholds: Mapping[str, float], shares: Shares
) -> Budget | None:
    """Work out the budget of the minutes from now to the next day's work; None without a rota.

    Parameters
    ----------
    session
        A read session.
    rota
        Who works when.
    now
        Any aware moment.
    thresholds
        Attribute to the lowest score that is flagged: the bundle's operating points.
    shares
        Of the queue's streams, in per cent.
    """
    until = rota.dawn_after(now)
    if until is None:
        return None
    now = now.astimezone(UTC)
    shifts = rota.shifts(now, until)
    minutes = sum(shift.minutes for shift in shifts)
    measured = pace_of(session, now)
    items = minutes * 60 / measured.seconds
    weeks = _weeks(session, rota, now, until)
    arrivals = [
        replace(arrival, after=carried_over(rota, now, start, arrival.after))
        for start, end in weeks
        for arrival in _arrivals(session, start, end, thresholds)
    ]
    waiting = list(_waiting(session))
    in_slot = minutes_by_slot(shifts, now, until) * 60 / measured.seconds * shares.safety / 100
    expected = Expected(
        ranks=np.array([rank for rank, _ in waiting] + [one.rank for one in arrivals]),
        breach=np.array([breach for _, breach in waiting] + [one.breach for one in arrivals]),
        counts=np.array([1.0] * len(waiting) + [1 / max(1, len(weeks))] * len(arrivals)),
        waiting=np.array([True] * len(waiting) + [False] * len(arrivals), dtype=bool),
        slots=np.array([0] * len(waiting) + [min(one.after // _SLOT, len(in_slot) - 1) for one in arrivals], dtype=int),
    )
    return Budget(
        now=now,
        until=until,
        minutes=minutes,
        pace=measured,
        items=items,
        safety_items=items * shares.safety / 100,
        weeks=len(weeks),
        threshold=cut(expected, in_slot, lowest_rank(thresholds)),
        forecast=forecast(expected, in_slot),
        hours=_hours(rota, now, until, arrivals, len(weeks)),
    )


class KeptBudget:
    """Keeps the budget of now for five minutes, for the list."""

    def __init__(self) -> None:
        self._kept: tuple[datetime, Budget | None] | None = None

    def find(
        self, session: Session, newsroom: Newsroom, *, thresholds: Mapping[str, float], shares: Shares
    ) -> Budget | None:
        """Return what `find_budget` found within the last five minutes."""
        now = datetime.now(UTC)
        if self._kept is not None and now - self._kept[0] < _KEPT_FOR:
            return self._kept[1]
        found = find_budget(session, load_rota(session, newsroom), now, thresholds=thresholds, shares=shares)
        self._kept = (now, found)
        return found

    def forget(self) -> None:
        """Forget what was worked out: the rota has changed, or what the newsroom chose."""
        self._kept = None


def reached(session: Session, budget: Budget) -> int:
    """Count the waiting items of the safety stream that the minutes reach."""
    if math.isinf(budget.threshold):
        return 0
    conditions = (
        CommentRow.state == "open",
        CommentRow.stream == "safety",
        CommentRow.rank >= budget.threshold,
    )
    return session.scalar(select(func.count()).select_from(CommentRow).where(*conditions)) or 0


def minutes_by_slot(shifts: Sequence[Shift], now: datetime, until: datetime) -> NDArray[np.float64]:
    """Return the minutes of all moderators in each quarter of an hour from now on."""
    starts = np.arange(math.ceil((until - now) / _SLOT)) * _SLOT.total_seconds()
    found = np.zeros(len(starts))
    for shift in shifts:
        begins, ends = (shift.starts - now).total_seconds(), (shift.ends - now).total_seconds()
        found += np.clip(np.minimum(ends, starts + _SLOT.total_seconds()) - np.maximum(begins, starts), 0, None)
    return found / 60


def lowest_rank(thresholds: Mapping[str, float]) -> float:
    """Return the lowest rank that a flag can have: that of the operating points."""
    return min((SEVERITY.get(name, 0.5) * score for name, score in thresholds.items()), default=0.0) * reach(
        is_reply=True, replies=0
    )


def breach_probability(scores: Mapping[str, float]) -> float:
    """Return how likely a comment is to be a breach of the rules.

    What this newsroom's own decisions say if that was learnt; else abuse of
    any kind or off topic, taken as independent of each other.
    """
    if REJECT in scores:
        return scores[REJECT]
    abuse = max((scores[name] for name in ABUSE if name in scores), default=0.0)
    return 1 - (1 - abuse) * (1 - scores.get("off_topic", 0.0))


def pace_of(session: Session, now: datetime) -> Pace:
    """Measure how long an item takes, by the decisions of the last weeks."""
    rows = session.execute(
        select(DecisionRow.opened_at, DecisionRow.decided_at).where(
            DecisionRow.decided_at > now - timedelta(days=PACE_DAYS),
            DecisionRow.decided_at <= now,
            DecisionRow.opened_at.is_not(None),
            DecisionRow.verdict != "undo",
            # One press of a button that decides thirty took no thirty times.
            DecisionRow.batch.is_(None),
        ),
    )
    return pace([max(0.0, (decided - opened).total_seconds()) for opened, decided in rows if opened])


def _weeks(session: Session, rota: Rota, now: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return this stretch of time in each of the last weeks that have comments, by the wall clock."""
    here, there = now.astimezone(rota.zone), until.astimezone(rota.zone)
    # A stretch longer than a week must not reach into what is to come.
    first = max(1, math.ceil((until - now) / _WEEK))
    found = []
    for back in range(first, first + WEEKS):
        whole = _posted((here - back * _WEEK).astimezone(UTC), (here - (back - 1) * _WEEK).astimezone(UTC))
        if session.scalar(select(CommentRow.id).where(whole).limit(1)) is not None:
            found.append(((here - back * _WEEK).astimezone(UTC), (there - back * _WEEK).astimezone(UTC)))
    return found


def carried_over(rota: Rota, now: datetime, start: datetime, after: timedelta) -> timedelta:
    """Carry a moment of a past week, `after` its `start`, to this week: what came at nine comes at nine."""
    came, began = (moment.astimezone(rota.zone).replace(tzinfo=None) for moment in (start + after, start))
    here = now.astimezone(rota.zone).replace(tzinfo=None) + (came - began)
    return max(here.replace(tzinfo=rota.zone).astimezone(UTC) - now, timedelta())


def _posted(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Ask for comments that readers posted in a stretch of time; those of unknown time count by when they came in."""
    return or_(
        and_(CommentRow.posted_at >= start, CommentRow.posted_at < end),
        and_(CommentRow.posted_at.is_(None), CommentRow.received_at >= start, CommentRow.received_at < end),
    )


def _latest_score() -> ColumnElement[bool]:
    """Return the condition that a score is its comment's latest."""
    latest = select(func.max(ScoreRow.id)).where(ScoreRow.comment_id == CommentRow.id).correlate(CommentRow)
    return ScoreRow.id == latest.scalar_subquery()


def _arrivals(session: Session, start: datetime, end: datetime, thresholds: Mapping[str, float]) -> Iterator[_Arrival]:
    """Yield what came in between two moments, and how grave it looks."""
    query = (
        select(func.coalesce(CommentRow.posted_at, CommentRow.received_at), CommentRow.parent_id, ScoreRow.scores)
        .join(ScoreRow, _latest_score())
        .where(_posted(start, end))
    )
    for posted, parent, scores in session.execute(query):
        weights = [
            SEVERITY.get(name, 0.5) * scores[name]
            for name, threshold in thresholds.items()
            if scores.get(name, -1.0) >= threshold
        ]
        rank = max(weights, default=0.0) * reach(is_reply=parent is not None, replies=0)
        yield _Arrival(posted - start, rank, breach_probability(scores), bool(weights))


def _waiting(session: Session) -> Iterator[tuple[float, float]]:
    """Yield rank and probability of each item that waits in the safety stream."""
    query = (
        select(CommentRow.rank, ScoreRow.scores)
        .outerjoin(ScoreRow, _latest_score())
        .where(CommentRow.state == "open", CommentRow.stream == "safety")
    )
    for rank, scores in session.execute(query):
        yield rank, breach_probability(scores or {})


def _hours(
    rota: Rota, now: datetime, until: datetime, arrivals: list[_Arrival], weeks: int
) -> tuple[ForecastHour, ...]:
    """Return for each hour how many flags are expected, and how many minutes moderators have."""
    flags = [0.0] * math.ceil((until - now) / _HOUR)
    for arrival in arrivals:
        number = int(arrival.after / _HOUR)
        if arrival.flagged and number < len(flags):
            flags[number] += 1 / weeks
    starts = (now + number * _HOUR for number in range(len(flags)))
    return tuple(
        ForecastHour(start, count, rota.minutes(start, min(start + _HOUR, until)))
        for start, count in zip(starts, flags, strict=True)
    )
