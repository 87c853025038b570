"""Where a comment stands in the queue: from its flags and reports to the columns that order the queue."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.storage.items import decision_in_force, decision_of
from service.storage.tables.comments import CommentRow, DecisionRow, FlagRow
from service.triage.credibility import Said, is_any_credible, look_at, reporters_weight
from service.triage.order import EXTREME, queue_position, reach, safety_weight

_MOST_ABOUT = 255
Seen = TypeVar("Seen", FlagRow, DecisionRow)


def settle(session: Session, comment: CommentRow) -> None:
    """Work out anew whether a comment waits for a person, in which stream, and how urgently.

    It is open while a flag or a report has come in since the decision that
    holds, or while none holds. What a person has kept comes back for a reason
    that was not given before, once.
    """
    session.flush()
    in_force = row_in_force(session, comment.id)
    flags = _all_of(session, FlagRow, comment.id)
    new_flags = [flag for flag in flags if in_force is None or flag.id > in_force.last_flag]
    reports = look_at(session, comment.id, after=0 if in_force is None else in_force.last_report)
    is_open = bool(new_flags or reports)
    if in_force is not None and in_force.verdict == "keep" and not new_flags and reports:
        unheard = look_at(session, comment.id, after=in_force.last_report, unheard_by=in_force)
        is_open = is_any_credible(unheard)
    # The row is written once, when all of it is known.
    with session.no_autoflush:
        if is_open:
            comment.state, flags = "open", new_flags
        elif in_force is not None:
            comment.state = "escalated" if in_force.verdict == "escalate" else "decided"
        else:
            comment.state = None
        comment.verdict = None if in_force is None else in_force.verdict
        if not is_open and in_force is not None:
            reports = look_at(session, comment.id)
        _take_position(session, comment, flags, reports)
        if in_force is not None and comment.state != "open":
            comment.stream = None
            # What was escalated first and what was decided last stand first in their lists.
            sign = 1 if comment.state == "escalated" else -1
            comment.queue_position = sign * queue_position(1.0, in_force.decided_at)
    session.flush()


def row_in_force(session: Session, comment_id: str) -> DecisionRow | None:
    """Return the decision on a comment that holds, or None."""
    rows = _all_of(session, DecisionRow, comment_id)
    in_force = decision_in_force(map(decision_of, rows))
    return next((row for row in rows if in_force and row.id == in_force.id), None)


def _take_position(
    session: Session,
    comment: CommentRow,
    flags: Sequence[FlagRow],
    reports: Sequence[Said],
) -> None:
    """Write down a comment's stream, rank, position and what it is about.

    Parameters
    ----------
    session
        A write transaction.
    comment
        Its columns are written.
    flags, reports
        Those that no person has looked at, oldest first.
    """
    comment.rank, comment.queue_position, comment.since, comment.about, comment.extreme = 0.0, 0.0, None, "", False
    comment.stream = None
    if not flags and not reports:
        return
    since = min([*(flag.raised_at for flag in flags), *(report.created_at for report in reports)])
    comment.since = since
    present = [flag for flag in reversed(flags) if flag.revision == comment.revision]
    flagged = next((flag for flag in present if flag.stream == "safety"), None)
    doubt = next((flag for flag in present if flag.stream in ("doubt", "second_look")), None)
    edited_since = any(flag.stream == "safety" and flag.revision != comment.revision for flag in flags)
    if flagged is not None or reports or edited_since:
        comment.stream = "safety"
        comment.rank = safety_weight(
            flagged.rank if flagged else 0.0,
            reporters_weight(reports) if reports else 0.0,
            reach(is_reply=comment.parent_id is not None, replies=_replies(session, comment.id)),
            edited_since=edited_since,
        )
        comment.queue_position = queue_position(comment.rank, since)
    elif doubt is not None:
        comment.stream, comment.queue_position = "doubt", queue_position(doubt.rank, since)
    else:
        # First come, first served: any other order would make the sample one of something.
        comment.stream, comment.queue_position = "random", queue_position(1.0, since)
    # What a person has looked at already weighs nothing more, but it reads the same to whoever looks again.
    read_as = flagged or _flagged_before(session, comment)
    telling = read_as or doubt
    names = [reason["attribute"] for reason in telling.reasons if reason["attribute"]] if telling else []
    comment.extreme = read_as is not None and not EXTREME.isdisjoint(names)
    if reports:
        names.append("reported")
    comment.about = f" {' '.join(names)} "[:_MOST_ABOUT] if names else ""


def _flagged_before(session: Session, comment: CommentRow) -> FlagRow | None:
    """Find the latest safety flag of a comment as it is now written."""
    return session.scalar(
        select(FlagRow)
        .where(FlagRow.comment_id == comment.id, FlagRow.revision == comment.revision, FlagRow.stream == "safety")
        .order_by(FlagRow.id.desc())
        .limit(1)
    )


def _replies(session: Session, comment_id: str) -> int:
    """Count the answers to a comment."""
    return session.scalar(select(func.count()).select_from(CommentRow).where(CommentRow.parent_id == comment_id)) or 0


def _all_of(session: Session, table: type[Seen], comment_id: str) -> list[Seen]:
    """Read a comment's reports, flags or decisions, the first one first."""
    return list(session.scalars(select(table).where(table.comment_id == comment_id).order_by(table.id)))
