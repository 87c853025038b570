"""What is known of an author: their comments, what became of them, who reported them, and what colleagues noted."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.storage import audit
from service.storage.items import load_items, not_undone
from service.storage.records import Item
from service.storage.tables.comments import AuthorNoteRow, CommentRow, DecisionRow, FlagRow, ReportRow
from service.triage import credibility

#: A removal counts as a strike for so long.
STRIKE_LASTS = timedelta(days=90)
LONGEST_NOTE = 1000
_BEGINNING = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reports:
    """How many reports there are, after how many the comment was removed, and after how many it was kept."""

    all: int
    upheld: int
    dismissed: int


@dataclass(frozen=True, slots=True)
class Note:
    """What a moderator wrote down about an author for colleagues."""

    text: str
    moderator: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Author:
    """What is known of an author.

    Attributes
    ----------
    name
        As the newspaper sent it.
    comments, waiting, flagged, reported
        How many are stored, wait for a person, were ever flagged or reported.
    verdicts
        How many comments each verdict is in force on.
    first, last
        When they posted first and last.
    strikes
        Removals in force of the last 90 days.
    against, by
        Reports of their comments, and those that they made themselves, if
        the newspaper names readers who report as it names authors.
    notes
        Of moderators, oldest first.
    """

    name: str
    comments: int
    waiting: int
    flagged: int
    reported: int
    verdicts: dict[str, int]
    first: datetime
    last: datetime
    strikes: int
    against: Reports
    by: Reports
    notes: tuple[Note, ...]

    @property
    def decided(self) -> int:
        """How many a person kept, amended or removed, as it stands."""
        return sum(count for verdict, count in self.verdicts.items() if verdict != "escalate")


def get_author(session: Session, name: str, now: datetime) -> Author:
    """Return what is known of an author; raise UnknownRecord if nothing of theirs is stored."""
    theirs = CommentRow.author == name
    at = func.coalesce(CommentRow.posted_at, CommentRow.received_at)
    comments, waiting, first, last = session.execute(
        select(func.count(), func.count().filter(CommentRow.state == "open"), func.min(at), func.max(at)).where(theirs)
    ).one()
    if not comments:
        raise UnknownRecord(f"No comment by {name!r} is stored.")
    verdicts = session.execute(
        select(CommentRow.verdict, func.count())
        .where(theirs, CommentRow.verdict.is_not(None))
        .group_by(CommentRow.verdict)
    )
    return Author(
        name=name,
        comments=comments,
        waiting=waiting,
        flagged=_ever(session, FlagRow, theirs, FlagRow.stream == "safety"),
        reported=_ever(session, ReportRow, theirs),
        verdicts={str(verdict): count for verdict, count in verdicts},
        first=first,
        last=last,
        strikes=_strikes(session, theirs, now - STRIKE_LASTS),
        against=_against(session, theirs),
        by=_by(session, name),
        notes=_notes(session, name),
    )


def comments_of(session: Session, name: str, *, start: int, limit: int) -> tuple[Item, ...]:
    """Return an author's comments, the newest first."""
    at = func.coalesce(CommentRow.posted_at, CommentRow.received_at)
    query = select(CommentRow).where(CommentRow.author == name).order_by(at.desc(), CommentRow.id)
    return load_items(session, session.scalars(query.offset(start).limit(limit)).all())


def add_note(session: Session, name: str, text: str, *, who: str) -> None:
    """Keep a moderator's note on an author; it stays until the author is erased."""
    written = text.replace("\0", "").strip()
    if not written or len(written) > LONGEST_NOTE:
        raise InvalidInput(f"The note has {len(written):,} characters: write 1 to {LONGEST_NOTE:,}.")
    if not session.scalar(select(func.count()).where(CommentRow.author == name)):
        raise UnknownRecord(f"No comment by {name!r} is stored.")
    row = AuthorNoteRow(author=name, text=written, moderator=who, written_at=datetime.now(UTC))
    session.add(row)
    session.flush()
    # By its number: the audit outlives whoever is erased, and must not name them.
    audit.record(session, "author.note", who=who, about=str(row.id))


def _ever(
    session: Session, table: type[FlagRow | ReportRow], theirs: ColumnElement[bool], *which: ColumnElement[bool]
) -> int:
    """Count how many of an author's comments were ever flagged or reported."""
    query = select(func.count(table.comment_id.distinct())).join(CommentRow, CommentRow.id == table.comment_id)
    return session.scalar(query.where(theirs, *which)) or 0


def _strikes(session: Session, theirs: ColumnElement[bool], since: datetime) -> int:
    """Count how many of an author's comments were removed since a moment, and still are."""
    query = (
        select(func.count(CommentRow.id.distinct()))
        .join(DecisionRow, DecisionRow.comment_id == CommentRow.id)
        .where(
            theirs,
            CommentRow.verdict == "remove",
            DecisionRow.verdict == "remove",
            DecisionRow.decided_at >= since,
            not_undone(),
        )
    )
    return session.scalar(query) or 0


def _against(session: Session, theirs: ColumnElement[bool]) -> Reports:
    """Count the reports of an author's comments, by what was decided."""
    query = select(CommentRow.verdict, func.count()).join(ReportRow, ReportRow.comment_id == CommentRow.id)
    counts: Counter[str | None] = Counter()
    for verdict, count in session.execute(query.where(theirs).group_by(CommentRow.verdict)):
        counts[verdict] = count
    return Reports(counts.total(), counts["remove"], counts["keep"])


def _by(session: Session, name: str) -> Reports:
    """Count the reports that somebody sent, by what was decided."""
    made = credibility.history(session, _BEGINNING, {name})
    return Reports(len(made), sum(one.upheld is True for one in made), sum(one.upheld is False for one in made))


def _notes(session: Session, name: str) -> tuple[Note, ...]:
    """Read what moderators noted about an author."""
    rows = session.scalars(select(AuthorNoteRow).where(AuthorNoteRow.author == name).order_by(AuthorNoteRow.id))
    return tuple(Note(row.text, row.moderator, row.written_at) for row in rows)
