"""Escalations: a lead is asked, the next decision answers, and whoever asked hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.storage import audit
from service.storage.items import decision_of, load_items
from service.storage.records import Decision, Item
from service.storage.tables.accounts import UserRow
from service.storage.tables.comments import CommentRow, DecisionRow, EscalationRow
from service.triage import claims

#: Who can be asked.
LEADS = ("lead", "admin")
#: More are counted and not listed.
MOST = 100


def names_of_leads(session: Session) -> tuple[str, ...]:
    """Return the leads and admins whom a moderator can ask, by name."""
    return tuple(session.scalars(select(UserRow.name).where(UserRow.role.in_(LEADS)).order_by(UserRow.name)))


@dataclass(frozen=True, slots=True)
class Escalation:
    """A comment on which a lead is asked to decide.

    Attributes
    ----------
    item
        The comment that it is about.
    asked_by, asked_to
        Two people; without the second, any lead is asked.
    why, asked_at
        Their reason, and when.
    """

    item: Item
    asked_by: str
    asked_to: str | None
    why: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Questions:
    """How many escalations wait for somebody, and since when the first does; None if none does."""

    total: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an escalation; `number` is that of the decision that escalated."""

    number: int
    author: str | None
    decision: Decision


def follow(session: Session, decision: Decision, to: str | None) -> None:
    """Note whom an escalation asks, what a decision answers, or that either was taken back.

    Parameters
    ----------
    session
        A write transaction.
    decision
        It was just made.
    to
        The lead whom an escalation asks; None asks any.
    """
    about, now = EscalationRow.comment_id == decision.comment_id, datetime.now(UTC)
    if decision.verdict == "undo":
        session.execute(delete(EscalationRow).where(EscalationRow.decision_id == decision.undoes))
        reopened = update(EscalationRow).where(about, EscalationRow.answer_id == decision.undoes)
        session.execute(reopened.values(answer_id=None, heard_at=None))
        return
    # Nobody has to be told of an answer of their own.
    heard = case((EscalationRow.asked_by == decision.moderator, now), else_=None)
    unanswered = update(EscalationRow).where(about, EscalationRow.answer_id.is_(None))
    session.execute(unanswered.values(answer_id=decision.id, heard_at=heard))
    if decision.verdict == "escalate":
        if to is not None and to not in names_of_leads(session):
            raise InvalidInput(f"{to!r} is not a lead: escalate to one, or to any.")
        session.add(
            EscalationRow(
                decision_id=decision.id,
                comment_id=decision.comment_id,
                asked_by=decision.moderator,
                asked_to=to,
                asked_at=decision.decided_at,
            )
        )


def questions_to(session: Session, who: str) -> Questions:
    """Count what a lead is asked, alone or with the others."""
    query = select(func.count(), func.min(EscalationRow.asked_at)).select_from(EscalationRow, CommentRow)
    total, oldest = session.execute(query.where(*_waits(), _asks(who))).one()
    return Questions(total, oldest)


def list_escalations(session: Session, who: str, *, others: bool = False) -> tuple[Escalation, ...]:
    """Return what a lead is asked, or what the others are, the longest wait first."""
    asked = ~_asks(who) if others else _asks(who)
    rows = session.execute(
        select(CommentRow, EscalationRow, DecisionRow.note)
        .where(*_waits(), asked, DecisionRow.id == EscalationRow.decision_id)
        .order_by(EscalationRow.asked_at, EscalationRow.decision_id)
        .limit(MOST)
    ).all()
    items = load_items(session, [comment for comment, _, _ in rows])
    return tuple(
        Escalation(item, row.asked_by, row.asked_to, why, row.asked_at)
        for item, (_, row, why) in zip(items, rows, strict=True)
    )


def next_for(session: Session, who: str) -> str | None:
    """Return the id of the comment that a lead has been asked about for longest, unless a colleague has it open."""
    query = select(EscalationRow.comment_id).where(*_waits(), _asks(who), claims.free_for(who))
    return session.scalar(query.order_by(EscalationRow.asked_at, EscalationRow.decision_id).limit(1))


def answers_for(session: Session, who: str) -> tuple[Answer, ...]:
    """Return the decisions on what a moderator escalated, as long as they have not heard of them; oldest first."""
    query = (
        select(EscalationRow.decision_id, CommentRow.author, DecisionRow)
        .join(DecisionRow, DecisionRow.id == EscalationRow.answer_id)
        .join(CommentRow, CommentRow.id == EscalationRow.comment_id)
        .where(EscalationRow.asked_by == who, EscalationRow.heard_at.is_(None))
        .order_by(EscalationRow.answer_id)
        .limit(MOST)
    )
    return tuple(Answer(number, author, decision_of(row)) for number, author, row in session.execute(query))


def hear(session: Session, who: str, numbers: Sequence[int]) -> None:
    """Note that somebody has heard the answers to their escalations; raise UnknownRecord if one is not theirs."""
    for number in numbers:
        row = session.get(EscalationRow, number, with_for_update=True)
        if row is None or row.asked_by != who:
            raise UnknownRecord(f"You have no escalation {number}.")
        if row.answer_id is not None and row.heard_at is None:
            row.heard_at = datetime.now(UTC)
            audit.record(session, "escalation.heard", who=who, about=row.comment_id)


def _waits() -> tuple[ColumnElement[bool], ...]:
    """Write down which escalations nobody has answered, of comments that still are escalated."""
    return (
        CommentRow.id == EscalationRow.comment_id,
        CommentRow.state == "escalated",
        CommentRow.erased_at.is_(None),
        EscalationRow.answer_id.is_(None),
    )


def _asks(who: str) -> ColumnElement[bool]:
    """Write down which escalations are for a lead: theirs, anybody's but their own, and those of one who is no lead."""
    leads = select(UserRow.name).where(UserRow.role.in_(LEADS))
    of_any = or_(EscalationRow.asked_to.is_(None), EscalationRow.asked_to.not_in(leads))
    # Never NULL: it is negated, too.
    return or_(EscalationRow.asked_to.is_not_distinct_from(who), of_any & (EscalationRow.asked_by != who))
