"""Erasure: what readers wrote goes, after a time or on request; what was decided stays."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import case, delete, func, null, or_, select, union_all, update
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from model.wording import counted
from service.storage import audit
from service.storage.names import composed
from service.storage.tables.comments import (
    AuthorNoteRow,
    CommentRow,
    DecisionRow,
    EditRow,
    FlagRow,
    ReporterRow,
    ReportRow,
    ScoreRow,
)
from service.storage.tables.programs import AnswerRow, SuggestionRow
from service.webhooks import outbox

#: So many comments are forgotten in one transaction, so that nobody waits for long.
AT_ONCE = 200
#: What is said where the database's files could not be cleared.
COPY_REMAINS = (
    "A copy may remain in the database's files, because a program has been reading it all the while (a backup, "
    "an export, an open shell). End that program; the next erasure or `python -m service purge` removes the copy."
)


@dataclass(frozen=True, slots=True)
class Traces:
    """What is stored of an author: what an erasure would take.

    Attributes
    ----------
    comments, waiting, edits
        What they wrote, how much of it waits for a person, and how many earlier versions there are.
    first, last
        When the first and the last of it came in; None if there is none.
    reports
        How often they reported others.
    """

    comments: int
    waiting: int
    edits: int
    first: datetime | None
    last: datetime | None
    reports: int

    def __str__(self) -> str:
        return f"{counted(self.comments, 'comment')} and {counted(self.reports, 'report')}"


def traces_of(session: Session, author: str) -> Traces:
    """Return what is stored of an author; raise UnknownRecord if nothing is."""
    theirs = CommentRow.author == author
    query = select(func.count(), func.min(CommentRow.received_at), func.max(CommentRow.received_at)).where(theirs)
    comments, first, last = session.execute(query).one()
    waiting = session.scalar(select(func.count()).select_from(CommentRow).where(theirs, CommentRow.state == "open"))
    edits = session.scalar(
        select(func.count()).select_from(EditRow).join(CommentRow, CommentRow.id == EditRow.comment_id).where(theirs)
    )
    reports = session.scalar(select(func.count()).select_from(ReportRow).where(ReportRow.reporter == author))
    if not comments and not reports:
        raise _unknown(author)
    return Traces(comments, waiting or 0, edits or 0, first, last, reports or 0)


def purge(session: Session, before: datetime) -> int:
    """Erase some of the comments that came in before a moment, and return how many.

    What still waits for a person is left alone. Call it until it returns 0; one
    call forgets at most `AT_ONCE`.
    """
    ids = session.scalars(
        select(CommentRow.id)
        .where(
            CommentRow.received_at < before,
            CommentRow.erased_at.is_(None),
            or_(CommentRow.state.is_(None), CommentRow.state == "decided"),
        )
        .order_by(CommentRow.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        _forget(session, ids)
        session.execute(delete(SuggestionRow).where(SuggestionRow.received_at < before))
        audit.record(session, "purge", why=f"{len(ids)} comments before {before:%Y-%m-%d}")
    return len(ids)


def erase_author(session: Session, author: str, *, who: str | None = None) -> tuple[int, int]:
    """Forget all that somebody wrote, and that it was they who reported; return how many comments and reports.

    The audit tells that it was done, by whom and how much, and not of whom.
    """
    # As written, too: names that came in before they were composed are stored as they came.
    names = {author, composed(author)}
    ids = session.scalars(
        select(CommentRow.id).where(CommentRow.author.in_(names)).order_by(CommentRow.id).with_for_update()
    ).all()
    for start in range(0, len(ids), AT_ONCE):
        _forget(session, ids[start : start + AT_ONCE])
    reports = session.scalars(select(ReportRow).where(ReportRow.reporter.in_(names))).all()
    for report in reports:
        # Each by itself: one name for all would make strangers the same reader.
        report.reporter, report.note = f"erased-{secrets.token_hex(8)}", None
    session.execute(delete(ReporterRow).where(ReporterRow.name == author))
    _forget_answers(session, author)
    session.execute(delete(AuthorNoteRow).where(AuthorNoteRow.author.in_(names)))
    if not ids and not reports:
        raise _unknown(author)
    audit.record(session, "erase", who=who, why=f"{len(ids)} comments, {len(reports)} reports")
    return len(ids), len(reports)


def _unknown(author: str) -> UnknownRecord:
    """Return the error for an author of whom nothing is stored."""
    return UnknownRecord(f"Nothing is stored for an author {author!r}.")


def _forget(session: Session, ids: Sequence[str]) -> None:
    """Forget the texts of some comments, whoever wrote them, and all that quotes them."""
    was_decided = select(DecisionRow.id).where(DecisionRow.comment_id == CommentRow.id).correlate(CommentRow).exists()
    # What another program's moderators said of the same text holds the text.
    texts = union_all(
        select(CommentRow.text).where(CommentRow.id.in_(ids)), select(EditRow.text).where(EditRow.comment_id.in_(ids))
    )
    session.execute(delete(SuggestionRow).where(or_(SuggestionRow.comment_id.in_(ids), SuggestionRow.text.in_(texts))))
    session.execute(
        update(CommentRow)
        .where(CommentRow.id.in_(ids))
        .values(
            text="",
            author=None,
            erased_at=datetime.now(UTC),
            # Nothing is left that a person could look at.
            state=case((was_decided, "decided"), else_=null()),
            stream=None,
        )
    )
    session.execute(delete(EditRow).where(EditRow.comment_id.in_(ids)))
    session.execute(update(ScoreRow).where(ScoreRow.comment_id.in_(ids)).values(spans=[], subjects=None))
    for flag in session.scalars(select(FlagRow).where(FlagRow.comment_id.in_(ids))):
        # A sentence may name what the comment is about.
        flag.reasons = [{**reason, "sentence": "", "spans": []} for reason in flag.reasons]
    session.execute(update(ReportRow).where(ReportRow.comment_id.in_(ids)).values(note=None))
    session.execute(update(DecisionRow).where(DecisionRow.comment_id.in_(ids)).values(note=None, amended_text=None))
    outbox.forget_amended(session, ids)
    for comment_id in ids:
        _forget_answers(session, comment_id)
    session.expire_all()


def _forget_answers(session: Session, name: str) -> None:
    """Forget the answers that are kept for repeated calls and name somebody or something."""
    written = json.dumps(name)
    plain = json.dumps(name, ensure_ascii=False)
    session.execute(
        delete(AnswerRow).where(
            or_(
                AnswerRow.content.contains(written, autoescape=True), AnswerRow.content.contains(plain, autoescape=True)
            )
        )
    )
