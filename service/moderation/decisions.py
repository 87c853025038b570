"""What persons and readers said: decisions and reports, and what follows for the queue."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.moderation.rules import check_rule, current_rules
from service.storage import audit
from service.storage.cursors import read_cursor, write_cursor
from service.storage.items import decision_of, load_items, report_of, standing_decision
from service.storage.records import Conflict, Decision, Erased, Item, Page, Report, State, Verdict
from service.storage.tables import CommentRow, DecisionRow, FlagRow, ReportRow, ScoreRow
from service.triage.credibility import reported_too
from service.triage.order import place
from service.triage.position import standing_in_queue
from service.webhooks import outbox

Seen = TypeVar("Seen", FlagRow, ReportRow, DecisionRow)


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
        query = query.where(tuple_(CommentRow.rank, CommentRow.id) < tuple_(*read_cursor(cursor)))
    query = query.order_by(CommentRow.rank.desc(), CommentRow.id.desc()).limit(limit + 1)
    rows = list(session.scalars(query))
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(load_items(session, rows[:limit]), None if last is None else write_cursor(last.rank, last.id))


def count_items(session: Session, *, state: State = "open", article_id: str | None = None) -> int:
    """Count the comments that wait for a person."""
    query = select(func.count()).select_from(CommentRow).where(CommentRow.state == state)
    if article_id is not None:
        query = query.where(CommentRow.article_id == article_id)
    return session.scalar(query) or 0


def get_item(session: Session, comment_id: str) -> Item:
    """Give one comment, flagged or not; raise UnknownRecord if it is not stored."""
    return load_items(session, [get_comment(session, comment_id)])[0]


def get_comment(session: Session, comment_id: str) -> CommentRow:
    """Fetch one comment; raise UnknownRecord if it is not stored."""
    row = session.get(CommentRow, comment_id)
    if row is None:
        raise UnknownRecord(f"There is no comment {comment_id!r}.")
    return row


def last_seen(session: Session, comment_id: str) -> tuple[str | None, int, int, int]:
    """Give the bundle that scored a comment last, and the numbers of its last flag, report and decision, or 0."""
    bundle = (
        select(ScoreRow.bundle_version).where(ScoreRow.comment_id == comment_id).order_by(ScoreRow.id.desc()).limit(1)
    )
    tables = (FlagRow, ReportRow, DecisionRow)
    lasts = (select(func.max(table.id)).where(table.comment_id == comment_id) for table in tables)
    version, *numbers = session.execute(
        select(bundle.scalar_subquery(), *(last.scalar_subquery() for last in lasts))
    ).one()
    flag, report, decision = (number or 0 for number in numbers)
    return version, flag, report, decision


def add_report(session: Session, comment_id: str, *, reporter: str, reason: str, note: str | None = None) -> Report:
    """Keep a reader's report: the comment waits for a person again, whatever was decided before.

    The same reader's second report of the same text changes nothing; the
    first one is given back.
    """
    comment = lock_comment(session, comment_id)
    known = session.scalar(
        select(ReportRow)
        .where(
            ReportRow.comment_id == comment.id,
            ReportRow.reporter == reporter,
            ReportRow.revision == comment.revision,
        )
        .order_by(ReportRow.id)
        .limit(1)
    )
    if known is not None:
        return report_of(known)
    row = ReportRow(
        comment_id=comment.id,
        reporter=reporter,
        reason=reason,
        note=note,
        revision=comment.revision,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    settle(session, comment)
    report = report_of(row)
    outbox.tell_reported(session, comment, report)
    return report


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
    opened_at: datetime | None = None,
    batch: str | None = None,
    blind: bool = False,
) -> Decision:
    """Keep a person's verdict; `undo` takes back `undoes`, or else the one that holds.

    Nothing happens to the comment: whoever asked is told, and acts or not.
    It is entered into the audit, with the rules and the bundle of this moment.

    Parameters
    ----------
    session
        A write transaction.
    comment_id, verdict, moderator, rule, note, attributes, undoes
        Who says what of which comment, by which rule; 1 for each attribute
        that it is, 0 for each that it is not.
    opened_at
        When the moderator opened the item; None if nobody knows.
    batch
        The same for all that one press of a button decided.
    blind
        Scores, marks and reasons were hidden until the decision.
    """
    comment = lock_comment(session, comment_id)
    stream = comment.stream or _stream_before(session, comment_id)
    if verdict == "undo":
        undoes = _to_undo(session, comment_id, undoes)
    elif undoes is not None:
        raise InvalidInput("Only the verdict 'undo' names a decision that it undoes.")
    if rule is not None:
        check_rule(session, rule)
    version, last_flag, last_report, _ = last_seen(session, comment.id)
    row = DecisionRow(
        comment_id=comment.id,
        revision=comment.revision,
        verdict=verdict,
        undoes=undoes,
        moderator=moderator,
        rule=rule,
        rules_version=current_rules(session).version,
        note=note,
        attributes=dict(attributes or {}),
        decided_at=datetime.now(UTC),
        bundle_version=version,
        last_flag=last_flag,
        last_report=last_report,
        stream=stream,
        opened_at=opened_at,
        batch=batch,
        blind=blind,
    )
    session.add(row)
    try:
        settle(session, comment)
    except IntegrityError as error:
        raise Conflict(f"Decision {undoes} was undone already.") from error
    # It tells something of those who reported the comment, and so of what else they reported.
    for other in reported_too(session, comment.id):
        settle(session, other)
    audit.record(
        session,
        f"decision.{verdict}",
        who=moderator,
        about=comment.id,
        why=rule,
        model=row.bundle_version,
        rules=row.rules_version,
    )
    decision = decision_of(row)
    outbox.tell_decided(session, comment, decision)
    return decision


def lock_comment(session: Session, comment_id: str) -> CommentRow:
    """Fetch a comment for change: who comes next waits for the end of this transaction."""
    row = session.get(CommentRow, comment_id, with_for_update=True)
    if row is None:
        raise UnknownRecord(f"There is no comment {comment_id!r}.")
    if row.erased_at is not None:
        raise Erased(f"Comment {comment_id!r} was erased on {row.erased_at:%Y-%m-%d}.")
    return row


def settle(session: Session, comment: CommentRow) -> None:
    """Work out anew whether a comment waits for a person, in which stream, and how urgently.

    It is open while a flag or a report has come in since the decision that
    holds, or while none holds.
    """
    session.flush()
    standing = _standing_row(session, comment.id)
    flags, reports = _all_of(session, FlagRow, comment.id), _all_of(session, ReportRow, comment.id)
    new_flags = [flag for flag in flags if standing is None or flag.id > standing.last_flag]
    new_reports = [report for report in reports if standing is None or report.id > standing.last_report]
    # The row is written once, when all of it is known.
    with session.no_autoflush:
        if new_flags or new_reports:
            comment.state, flags, reports = "open", new_flags, new_reports
        elif standing is not None:
            comment.state = "escalated" if standing.verdict == "escalate" else "decided"
        else:
            comment.state = None
        standing_in_queue(session, comment, flags, reports)
        if standing is not None and comment.state != "open":
            comment.stream = None
            # What was escalated first and what was decided last stand first in their lists.
            comment.place = place(1.0, standing.decided_at) * (1 if comment.state == "escalated" else -1)
    session.flush()


def _standing_row(session: Session, comment_id: str) -> DecisionRow | None:
    rows = _all_of(session, DecisionRow, comment_id)
    standing = standing_decision(map(decision_of, rows))
    return next((row for row in rows if standing and row.id == standing.id), None)


def _stream_before(session: Session, comment_id: str) -> str | None:
    """Give the stream that brought a comment before whoever escalated it or decided on it before."""
    standing = _standing_row(session, comment_id)
    return None if standing is None else standing.stream


def _all_of(session: Session, table: type[Seen], comment_id: str) -> list[Seen]:
    return list(session.scalars(select(table).where(table.comment_id == comment_id).order_by(table.id)))


def _to_undo(session: Session, comment_id: str, undoes: int | None) -> int:
    decisions = [decision_of(row) for row in _all_of(session, DecisionRow, comment_id)]
    if undoes is None:
        standing = standing_decision(decisions)
        if standing is None:
            raise Conflict(f"No decision on comment {comment_id!r} holds that could be undone.")
        return standing.id
    if not any(decision.id == undoes and decision.verdict != "undo" for decision in decisions):
        raise UnknownRecord(f"Comment {comment_id!r} has no decision {undoes} that could be undone.")
    if any(decision.undoes == undoes for decision in decisions):
        raise Conflict(f"Decision {undoes} was undone already.")
    return undoes
