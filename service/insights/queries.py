"""The data behind the numbers: a period's comments, flags, reports and decisions, read from the database."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from service.insights.coverage import Draw, Strata, Stratum
from service.storage.tables.comments import CommentRow, DecisionRow, FlagRow, ReportRow

#: Why a person was asked to look, the weightiest first: a comment belongs to the first that fits.
Asked = Literal["machine", "rule", "reader", "doubt"]
#: Of a period's reports so many are looked at, the latest ones.
MOST_REPORTS = 20_000
ASKED: tuple[Asked, ...] = ("machine", "rule", "reader", "doubt")


@dataclass(frozen=True, slots=True)
class Period:
    """A period: its start belongs to it, its end does not."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Return whether a moment is in it."""
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Made:
    """A decision as the numbers need it."""

    id: int
    comment_id: str
    revision: int
    verdict: str
    moderator: str
    decided_at: datetime
    rule: str | None
    stream: str | None
    opened_at: datetime | None
    batch: str | None
    blind: bool
    last_report: int
    undoes: int | None


@dataclass(frozen=True, slots=True)
class ReportWait:
    """How many seconds a report waited for a decision; None if it still waits."""

    seconds: float | None


def read_strata(session: Session, period: Period) -> Strata:
    """Sort the comments that readers posted in a period by who asked for a look, and what came of it."""
    posted = or_(
        and_(CommentRow.posted_at >= period.start, CommentRow.posted_at < period.end),
        and_(
            CommentRow.posted_at.is_(None), CommentRow.received_at >= period.start, CommentRow.received_at < period.end
        ),
    )
    comments = session.scalar(select(func.count()).select_from(CommentRow).where(posted)) or 0
    asked: dict[str, set[Asked]] = defaultdict(set)
    drawn: dict[str, float] = {}
    flags = (
        select(FlagRow.comment_id, FlagRow.stream, FlagRow.probability, FlagRow.reasons)
        .join(CommentRow, CommentRow.id == FlagRow.comment_id)
        .where(posted)
        .order_by(FlagRow.id)
    )
    for comment_id, stream, probability, reasons in session.execute(flags):
        if stream == "random":
            drawn[comment_id] = probability
        elif stream != "second_look":  # by then, a person had seen it
            asked[comment_id].add(_asked_by(stream, reasons))
    # Once for each comment: thousands may have reported the same one.
    reported = select(CommentRow.id).where(posted, CommentRow.id.in_(select(ReportRow.comment_id)))
    for comment_id in session.scalars(reported):
        asked[comment_id].add("reader")
    in_force = {one.comment_id: one.verdict for one in decisions_in_force(_made(session, posted)).values()}

    counts: dict[Asked, Counter[str]] = {name: Counter() for name in ASKED}
    for comment_id, by in asked.items():
        name = next(name for name in ASKED if name in by)
        counts[name][in_force.get(comment_id, "waits")] += 1
    # Decided without having been asked for: a moderator met it in a thread, or an author's items went together.
    found = Counter(
        verdict for comment_id, verdict in in_force.items() if comment_id not in asked and comment_id not in drawn
    )
    rest = comments - len(asked) - found["remove"] - found["keep"]
    return Strata(
        comments=comments,
        asked={name: _stratum(count) for name, count in counts.items()},
        found=Stratum(found["remove"], found["keep"], 0),
        rest=rest,
        draws=tuple(
            Draw(probability, {"remove": True, "keep": False}.get(in_force.get(comment_id, "waits")))
            for comment_id, probability in drawn.items()
            if comment_id not in asked
        ),
    )


def read_decisions(session: Session, period: Period) -> list[Made]:
    """Return all decisions on the comments that were decided on in a period, in their order; later ones among them."""
    there = select(DecisionRow.comment_id).where(
        DecisionRow.decided_at >= period.start, DecisionRow.decided_at < period.end
    )
    return _made(session, DecisionRow.comment_id.in_(there))


def read_answers(session: Session, period: Period) -> list[ReportWait]:
    """Return how long the latest reports of a period, `MOST_REPORTS` at most, took to the first decision that saw them.

    The figures would hardly be better for more, and how many there are is up to those who report.
    """
    latest = (
        select(ReportRow.id, ReportRow.comment_id, ReportRow.created_at)
        .where(ReportRow.created_at >= period.start, ReportRow.created_at < period.end)
        .order_by(ReportRow.id.desc())
        .limit(MOST_REPORTS)
        .subquery()
    )
    reports = session.execute(select(latest).order_by(latest.c.id)).all()
    decisions = not_taken_back(_made(session, DecisionRow.comment_id.in_(select(latest.c.comment_id))))
    by_comment: dict[str, list[Made]] = defaultdict(list)
    for one in decisions:
        by_comment[one.comment_id].append(one)
    answers = []
    for number, comment_id, created_at in reports:
        first = next((one for one in by_comment[comment_id] if one.last_report >= number), None)
        answers.append(ReportWait(None if first is None else max(0.0, (first.decided_at - created_at).total_seconds())))
    return answers


def not_taken_back(decisions: Sequence[Made]) -> list[Made]:
    """Leave out undos, and what their own moderators took back."""
    by_id = {one.id: one for one in decisions}
    withdrawn = {
        one.undoes for one in decisions if one.undoes in by_id and by_id[one.undoes].moderator == one.moderator
    }
    return [one for one in decisions if one.verdict != "undo" and one.id not in withdrawn]


def decisions_in_force(decisions: Sequence[Made]) -> Mapping[str, Made]:
    """Return each comment's decision that holds: the last one that nobody took back."""
    undone = {one.undoes for one in decisions}
    return {one.comment_id: one for one in decisions if one.verdict != "undo" and one.id not in undone}


def _asked_by(stream: str, reasons: Collection[Mapping[str, Any]]) -> Asked:
    """Return who asked a person to look: the machine's scores, its doubt, or a rule."""
    if stream == "doubt":
        return "doubt"
    # A court case, or a text that cannot be scored: no score asked for it.
    return "machine" if any(reason.get("attribute") for reason in reasons) else "rule"


def _stratum(count: Counter[str]) -> Stratum:
    """Return how many comments of a stratum were removed, kept, or still wait."""
    # What was escalated waits for another person.
    return Stratum(count["remove"], count["keep"], count["waits"] + count["escalate"])


def _made(session: Session, which: ColumnElement[bool]) -> list[Made]:
    """Read decisions, in their order, with what insights need of them."""
    columns = [getattr(DecisionRow, field.name) for field in fields(Made)]
    query = select(*columns).join(CommentRow, CommentRow.id == DecisionRow.comment_id).where(which)
    made = (Made(*row) for row in session.execute(query.order_by(DecisionRow.id)))
    # What was amended was a breach as much as what was removed.
    return [replace(one, verdict="remove") if one.verdict == "amend" else one for one in made]
