"""Who decided what, when and why, and what a colleague has overruled since."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from service.storage.items import decision_of, load_items
from service.storage.records import Decision, Item
from service.storage.tables.comments import CommentRow, DecisionRow


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions somebody asked to see; None asks for any."""

    moderator: str | None = None
    verdict: str | None = None
    rule: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    overruled: bool = False
    author: str | None = None


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """A decision, the comment as it is now, and the decision that took its place, if one did."""

    decision: Decision
    item: Item
    replaced_by: Decision | None

    @property
    def overruled(self) -> bool:
        """Whether a colleague replaced it, and not whoever had made it."""
        return self.replaced_by is not None and self.replaced_by.moderator != self.decision.moderator


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Some decisions, and the number before which the next page begins; None at the end."""

    entries: tuple[DecidedItem, ...]
    following: int | None


def decisions(session: Session, wanted: DecisionFilter, *, before: int | None = None, limit: int = 50) -> HistoryPage:
    """Return decisions, the latest first."""
    query = select(DecisionRow).where(*_conditions(wanted))
    if before is not None:
        query = query.where(DecisionRow.id < before)
    rows = session.scalars(query.order_by(DecisionRow.id.desc()).limit(limit + 1)).all()
    following = rows[limit - 1].id if len(rows) > limit else None
    shown = rows[:limit]
    ids = list(dict.fromkeys(row.comment_id for row in shown))
    comments = {row.id: row for row in session.scalars(select(CommentRow).where(CommentRow.id.in_(ids)))}
    items = dict(zip(ids, load_items(session, [comments[name] for name in ids]), strict=True))
    entries = (
        DecidedItem(decision_of(row), items[row.comment_id], _replaced_by(row, items[row.comment_id])) for row in shown
    )
    return HistoryPage(tuple(entries), following)


def _conditions(wanted: DecisionFilter) -> list[ColumnElement[bool]]:
    """Return which decisions the history is to show."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.moderator is not None:
        conditions.append(DecisionRow.moderator == wanted.moderator)
    if wanted.verdict is not None:
        conditions.append(DecisionRow.verdict == wanted.verdict)
    if wanted.rule is not None:
        conditions.append(DecisionRow.rule == wanted.rule)
    if wanted.since is not None:
        conditions.append(DecisionRow.decided_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(DecisionRow.decided_at <= wanted.until)
    if wanted.author is not None:
        conditions.append(DecisionRow.comment_id.in_(select(CommentRow.id).where(CommentRow.author == wanted.author)))
    if wanted.overruled:
        later = aliased(DecisionRow)
        other = and_(later.verdict != "undo", later.verdict != DecisionRow.verdict)
        conditions += [
            # What was escalated is answered, not overruled.
            DecisionRow.verdict.not_in(("undo", "escalate")),
            select(later.id)
            .where(
                later.comment_id == DecisionRow.comment_id,
                later.id > DecisionRow.id,
                later.moderator != DecisionRow.moderator,
                or_(later.undoes == DecisionRow.id, other),
            )
            .correlate(DecisionRow)
            .exists(),
        ]
    return conditions


def _replaced_by(row: DecisionRow, item: Item) -> Decision | None:
    """Return the later decision that undid or overruled this one; None if it holds."""
    if row.verdict in ("undo", "escalate"):
        return None
    later = (one for one in item.decisions if one.id > row.id)
    return next((one for one in later if one.undoes == row.id or one.verdict not in ("undo", row.verdict)), None)
