"""Readers' reports: each puts its comment before a person."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.moderation.comments import lock_comment
from service.storage.items import report_of
from service.storage.records import Report
from service.storage.tables.comments import ReportRow
from service.triage.position import settle
from service.webhooks import outbox

#: What a reader can say of a comment in the form, as a report holds it and in words.
REASONS = {
    "threat": "It threatens someone, or calls for violence",
    "insult": "It insults or bullies someone",
    "hate": "It attacks a group of people",
    "off_topic": "It has nothing to do with the article",
    "private": "It reveals something private, or names someone who must not be named",
    "court": "It prejudges a court case",
    "false": "It makes a false claim that harms someone",
    "spam": "It is advertising, or posted over and over",
    "other": "Something else",
}


def add_report(session: Session, comment_id: str, *, reporter: str, reason: str, note: str | None = None) -> Report:
    """Record a reader's report: the comment waits for a person again.

    One that a person has kept waits again for a new reason alone, once for
    each: more addresses are no more reason. The same reader's second report of the same text changes nothing; the
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
