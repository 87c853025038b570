"""The audit: who did what, when and why, each entry chained by SHA-256 to the one before.

Entries are only ever added, in the same transaction as what they tell of. No
comment's text, note or author is in them, so that an erasure need not touch
them.
"""

import csv
import getpass
import hashlib
import io
import itertools
import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from model.errors import BelowlineError, InvalidInput
from model.tables.writing import disarmed
from service.storage.tables.audit import AuditHeadRow, AuditRow

#: What the first entry is chained to.
GENESIS = "0" * 64
#: Where a session's `info` holds by which way it is written; by the command line if it holds nothing.
VIA = "belowline.via"
COMMAND_LINE = "command line"
_PENDING = "belowline.audit"
_AT_ONCE = 1000


class Tampered(BelowlineError):
    """The audit has been changed since it was written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit.

    Attributes
    ----------
    number
        1, 2, 3 and so on, without a gap.
    who, via
        A person, and whether by the console, a program's key or the command line.
    what, about, why
        Such as `decision.remove`, a comment's id, and the number of the rule.
    model, rules
        The versions of the bundle and of the rules that it was done under, where they matter.
    previous, digest
        The digest of the entry before, and this one's: SHA-256 over all that stands above.
    """

    number: int
    at: datetime
    who: str
    via: str
    what: str
    about: str | None
    why: str | None
    model: str | None
    rules: int | None
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries somebody asked to see; what is None or empty asks for all.

    Attributes
    ----------
    who, about
        Exactly as they were entered.
    kinds
        What `what` begins with, up to its first point: `decision`, `log-in`.
    but
        Kinds that are left out.
    since, until
        From the first moment on, and before the second.
    """

    who: str | None = None
    about: str | None = None
    kinds: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where the audit ends: kept elsewhere, it shows whether anything before it was changed or cut off."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"

    @classmethod
    def parse(cls, written: str) -> "Head":
        """Read what `str` wrote; raise InvalidInput if it is not that."""
        number, _, digest = written.partition(":")
        if not (number.isascii() and number.isdecimal() and len(digest) == len(GENESIS)):
            raise InvalidInput(
                f"{written!r} is not a head of the audit: give NUMBER:DIGEST, as `audit verify` prints it."
            )
        return cls(int(number), digest.lower())


def record(
    session: Session,
    what: str,
    *,
    who: str | None = None,
    about: str | None = None,
    why: str | None = None,
    model: str | None = None,
    rules: int | None = None,
) -> None:
    """Write an entry to the audit when this transaction commits, or not at all.

    It waits until then (`seal`): whoever writes the audit's head makes every
    other writer wait, and two that also lock comments could wait for each
    other for ever. Without `who` it was done by whoever runs the command line.
    """
    via = session.info.get(VIA, COMMAND_LINE)
    session.info.setdefault(_PENDING, []).append((what, who or _operator(), via, about, why, model, rules))


def seal(session: Session) -> None:
    """Chain what `record` collected to the audit; `Database.write` calls it before it commits."""
    pending = session.info.pop(_PENDING, ())
    if not pending:
        return
    session.flush()
    # One writer at a time, also on PostgreSQL; on SQLite a transaction that writes is alone anyway.
    head = session.get_one(AuditHeadRow, 1, with_for_update=True, populate_existing=True)
    for what, who, via, about, why, model, rules in pending:
        fields = (head.number + 1, datetime.now(UTC), who, via, what, about, why, model, rules, head.digest)
        entry = Entry(*fields, digest=_digest(*fields))
        session.add(AuditRow(**asdict(entry)))
        head.number, head.digest = entry.number, entry.digest
    session.flush()


def entries(session: Session, *, since: int = 0) -> Generator[Entry]:
    """Yield all entries in their order, or those from a number on, a few at a time."""
    query = select(AuditRow).where(AuditRow.number >= since).order_by(AuditRow.number)
    query = query.execution_options(yield_per=_AT_ONCE)
    # PostgreSQL keeps a place in the table for the reader, also if it stops halfway.
    with closing(session.scalars(query)) as rows:
        yield from map(_entry, rows)


def latest(session: Session, *, before: int | None, most: int, sought: Sought | None = None) -> tuple[Entry, ...]:
    """Return the latest entries that somebody asked to see before a number, or of all, latest first."""
    query = _narrowed(select(AuditRow), sought or Sought()).order_by(AuditRow.number.desc()).limit(most)
    if before is not None:
        query = query.where(AuditRow.number < before)
    return tuple(map(_entry, session.scalars(query)))


def _narrowed(query: Select[AuditRow], sought: Sought) -> Select[AuditRow]:
    """Add to a query which entries of the audit are sought."""
    if sought.who is not None:
        query = query.where(AuditRow.who == sought.who)
    if sought.about is not None:
        query = query.where(AuditRow.about == sought.about)
    if sought.kinds:
        query = query.where(or_(*map(_of_kind, sought.kinds)))
    for kind in sought.but:
        query = query.where(~_of_kind(kind))
    if sought.since is not None:
        query = query.where(AuditRow.at >= sought.since)
    if sought.until is not None:
        query = query.where(AuditRow.at < sought.until)
    return query


def _of_kind(kind: str) -> ColumnElement[bool]:
    """Return the condition that an audit entry is of a kind, or of one below it."""
    return or_(AuditRow.what == kind, AuditRow.what.startswith(f"{kind}.", autoescape=True))


def to_csv(found: Iterable[Entry]) -> Iterator[str]:
    """Write entries as CSV, a line at a time, headed by their names.

    A name may begin like a formula; an apostrophe keeps a spreadsheet from running it.
    """
    line = io.StringIO()
    writer = csv.writer(line)
    for fields in itertools.chain([Entry.__slots__], map(_values, found)):
        writer.writerow(map(disarmed, fields))
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def to_lines(found: Iterable[Entry]) -> Iterator[str]:
    """Write entries as JSON Lines."""
    for entry in found:
        yield json.dumps(dict(zip(Entry.__slots__, _values(entry), strict=True)), ensure_ascii=False) + "\n"


def verify(session: Session, checkpoint: Head | None = None, *, since: Head | None = None) -> Head:
    """Check the whole chain, or what was added since a head, and return its head.

    Parameters
    ----------
    session
        A new one, that has not read anything.
    checkpoint
        A head that was kept elsewhere: that entry must still be there, as it was.
    since
        A head up to which the chain was checked before: that entry is read, and none before it.

    Raises
    ------
    Tampered
        At the first entry that was changed, added, taken out or cut off.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Else the last entries could be written between two of the reads below.
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    kept = checkpoint is None or (checkpoint.number == 0 and checkpoint.digest == GENESIS)
    # Of a head that was checked before, that entry is read again, and nothing of what it follows from.
    number, previous = (since.number, None) if since and since.number else (1, GENESIS)
    head = Head(number - 1, GENESIS)
    with closing(entries(session, since=number)) as found:
        for entry in found:
            if entry.number != head.number + 1:
                raise Tampered(f"Entry {head.number + 1} of the audit is missing.")
            if previous is not None and entry.previous != previous:
                raise Tampered(f"Entry {entry.number} of the audit does not follow from the one before.")
            if entry.digest != _digest(*_values(entry)[:-1]):
                raise Tampered(f"Entry {entry.number} of the audit was changed.")
            head, previous = Head(entry.number, entry.digest), entry.digest
            for known in filter(None, (checkpoint, since)):
                if head.number == known.number and head.digest != known.digest:
                    raise Tampered(f"Entry {head.number} of the audit is not the one the checkpoint names.")
            kept = kept or (checkpoint is not None and head.number == checkpoint.number)
    stored = current_head(session)
    if stored != head:
        raise Tampered(f"The audit ends with entry {head.number}, but entry {stored.number} was written last.")
    if not kept:
        raise Tampered(f"The audit ends with entry {head.number}, before the one the checkpoint names.")
    return head


def current_head(session: Session) -> Head:
    """Return where the audit ends."""
    row = session.get_one(AuditHeadRow, 1)
    return Head(row.number, row.digest)


def _operator() -> str:
    """Return who runs a command on this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"  # in a container, an account may have a number and no name


def _entry(row: AuditRow) -> Entry:
    """Return an audit row as an entry."""
    return Entry(**{name: getattr(row, name) for name in Entry.__slots__})


def _values(entry: Entry) -> tuple[int | str | None, ...]:
    """Return an audit entry's fields as they are stored."""
    return tuple(_written(getattr(entry, name)) for name in Entry.__slots__)


def _written(field: int | str | datetime | None) -> int | str | None:
    """Write a field of the audit as it is hashed."""
    return field.isoformat(timespec="microseconds") if isinstance(field, datetime) else field


def _digest(*fields: int | str | datetime | None) -> str:
    """Return the SHA-256 of an audit entry's fields, by which the entries are chained."""
    written = [_written(field) for field in fields]
    return hashlib.sha256(json.dumps(written, separators=(",", ":")).encode()).hexdigest()
