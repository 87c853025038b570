"""What waits for a person, and what persons said: flags, reports, decisions."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import distinct, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.items import decision_of, load_items, report_of, standing_decision
from service.records import Conflict, Decision, FlagReason, Item, Page, Report, State, Verdict
from service.tables import CommentRow, DecisionRow, FlagRow, ReportRow, ScoreRow

#: How bad a breach of each kind is, against a threat's 1: what the list is ordered by.
SEVERITY = {
    "threat": 1.0,
    "severe_toxicity": 1.0,
    "identity_attack": 1.0,
    "toxicity": 0.8,
    "insult": 0.8,
    "likely_to_reject": 0.7,
    "profanity": 0.6,
    "off_topic": 0.4,
}
UNSCORED_RANK = 0.5
REPORT_RANK = 0.3
# A hundred reporters who agreed to act together weigh as much as five.
MOST_REPORTERS = 5


def rank_of(reasons: tuple[FlagReason, ...]) -> float:
    """Weigh a flag: the worst of its reasons by severity and probability."""
    weights = [
        UNSCORED_RANK if reason.score is None else SEVERITY.get(reason.attribute or "", 0.5) * reason.score
        for reason in reasons
    ]
    return round(max(weights, default=0.0), 6)


def list_items(
    session: Session,
    *,
    state: State = "open",
    article_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """List the comments that wait for a person, worst first."""
    query = select(CommentRow).where(CommentRow.state == state)
    if article_id is not None:
        query = query.where(CommentRow.article_id == article_id)
    if cursor is not None:
        # Both keys descend, so that one row comparison finds the place.
        query = query.where(tuple_(CommentRow.rank, CommentRow.id) < tuple_(*_read_cursor(cursor)))
    query = query.order_by(CommentRow.rank.desc(), CommentRow.id.desc()).limit(limit + 1)
    rows = list(session.scalars(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(load_items(session, rows[:limit]), None if last is None else _write_cursor(last.rank, last.id))


def count_items(session: Session, *, state: State = "open", article_id: str | None = None) -> int:
    """Count the comments that wait for a person."""
    query = select(func.count()).select_from(CommentRow).where(CommentRow.state == state)
    if article_id is not None:
        query = query.where(CommentRow.article_id == article_id)
    return session.scalar(query) or 0


def get_item(session: Session, comment_id: str) -> Item:
    """Give one comment, flagged or not; raise UnknownRecord if it is not stored."""
    row = session.get(CommentRow, comment_id)
    if row is None:
        raise UnknownRecord(f"There is no comment {comment_id!r}.")
    return load_items(session, [row])[0]


def add_report(session: Session, comment_id: str, *, reporter: str, reason: str, note: str | None = None) -> Report:
    """Keep a reader's report: the comment waits for a person again, whatever was decided before."""
    comment = lock_comment(session, comment_id)
    row = ReportRow(comment_id=comment.id, reporter=reporter, reason=reason, note=note, created_at=datetime.now(UTC))
    session.add(row)
    settle(session, comment)
    return report_of(row)


def add_decision(
    session: Session,
    comment_id: str,
    *,
    verdict: Verdict,
    moderator: str,
    rule: str | None = None,
    note: str | None = None,
    attributes: Mapping[str, int] | None = None,
    undoes: int | None = None,
) -> Decision:
    """Keep a person's verdict; `undo` takes back `undoes`, or else the one that holds.

    Nothing happens to the comment: whoever asked is told, and acts or not.
    """
    comment = lock_comment(session, comment_id)
    if verdict == "undo":
        undoes = _to_undo(session, comment_id, undoes)
    elif undoes is not None:
        raise InvalidInput("Only the verdict 'undo' names a decision that it undoes.")
    row = DecisionRow(
        comment_id=comment.id,
        revision=comment.revision,
        verdict=verdict,
        undoes=undoes,
        moderator=moderator,
        rule=rule,
        note=note,
        attributes=dict(attributes or {}),
        decided_at=datetime.now(UTC),
        bundle_version=session.scalar(
            select(ScoreRow.bundle_version)
            .where(ScoreRow.comment_id == comment.id)
            .order_by(ScoreRow.id.desc())
            .limit(1),
        ),
        last_flag=session.scalar(select(func.max(FlagRow.id)).where(FlagRow.comment_id == comment.id)) or 0,
        last_report=session.scalar(select(func.max(ReportRow.id)).where(ReportRow.comment_id == comment.id)) or 0,
    )
    session.add(row)
    try:
        settle(session, comment)
    except IntegrityError as error:
        raise Conflict(f"Decision {undoes} was undone already.") from error
    return decision_of(row)


def lock_comment(session: Session, comment_id: str) -> CommentRow:
    """Fetch a comment for change: who comes next waits for the end of this transaction."""
    row = session.get(CommentRow, comment_id, with_for_update=True)
    if row is None:
        raise UnknownRecord(f"There is no comment {comment_id!r}.")
    return row


def settle(session: Session, comment: CommentRow) -> None:
    """Work out anew whether a comment waits for a person, and how urgently.

    It is open while a flag or a report has come in since the decision that
    holds, or while none holds.
    """
    session.flush()
    row = _standing_row(session, comment.id)
    rank, reporters = _since(session, comment.id, row.last_flag if row else 0, row.last_report if row else 0)
    if rank is not None or reporters:
        comment.state = "open"
    elif row is not None:
        comment.state = "escalated" if row.verdict == "escalate" else "decided"
        rank, reporters = _since(session, comment.id, 0, 0)
    else:
        comment.state = None
    comment.rank = round((rank or 0.0) + REPORT_RANK * min(reporters, MOST_REPORTERS), 6)
    session.flush()


def _standing_row(session: Session, comment_id: str) -> DecisionRow | None:
    rows = session.scalars(select(DecisionRow).where(DecisionRow.comment_id == comment_id).order_by(DecisionRow.id))
    standing = standing_decision(map(decision_of, rows))
    return session.get(DecisionRow, standing.id) if standing else None


def _since(session: Session, comment_id: str, flag: int, report: int) -> tuple[float | None, int]:
    """Give the rank of the latest flag, and how many readers reported, after these two."""
    rank = session.scalar(
        select(FlagRow.rank)
        .where(FlagRow.comment_id == comment_id, FlagRow.id > flag)
        .order_by(FlagRow.id.desc())
        .limit(1),
    )
    reporters = session.scalar(
        select(func.count(distinct(ReportRow.reporter))).where(
            ReportRow.comment_id == comment_id,
            ReportRow.id > report,
        ),
    )
    return rank, reporters or 0


def _to_undo(session: Session, comment_id: str, undoes: int | None) -> int:
    rows = session.scalars(select(DecisionRow).where(DecisionRow.comment_id == comment_id).order_by(DecisionRow.id))
    decisions = [decision_of(row) for row in rows]
    if undoes is None:
        standing = standing_decision(decisions)
        if standing is None:
            raise Conflict(f"No decision on comment {comment_id!r} holds that could be undone.")
        return standing.id
    if not any(decision.id == undoes and decision.verdict != "undo" for decision in decisions):
        raise InvalidInput(f"Comment {comment_id!r} has no decision {undoes} that could be undone.")
    if any(decision.undoes == undoes for decision in decisions):
        raise Conflict(f"Decision {undoes} was undone already.")
    return undoes


def _write_cursor(rank: float, comment_id: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([rank, comment_id]).encode()).decode()


def _read_cursor(cursor: str) -> tuple[float, str]:
    try:
        rank, comment_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return float(rank), str(comment_id)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidInput("The cursor is not one that this service gave.") from error
