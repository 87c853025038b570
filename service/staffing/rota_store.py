"""The rota in the database: what leads enter, and the rota it makes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.staffing.newsroom import Newsroom
from service.staffing.rota import DAYS, Change, Pattern, Rota
from service.storage import audit
from service.storage.tables.accounts import UserRow
from service.storage.tables.newsroom import ShiftChangeRow, ShiftRow

MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Entries:
    """What was entered into the rota, each with its number."""

    patterns: tuple[tuple[int, Pattern], ...]
    changes: tuple[tuple[int, Change], ...]


def entries(session: Session) -> Entries:
    """Return what was entered: patterns by moderator, changes by day."""
    shifts = session.scalars(select(ShiftRow).order_by(ShiftRow.moderator, ShiftRow.starts, ShiftRow.id))
    changes = session.scalars(select(ShiftChangeRow).order_by(ShiftChangeRow.day, ShiftChangeRow.id))
    return Entries(
        tuple((row.id, Pattern(row.moderator, frozenset(row.days), row.starts, row.ends)) for row in shifts),
        tuple((row.id, Change(row.moderator, row.day, row.starts, row.ends)) for row in changes),
    )


def load_rota(session: Session, where: Newsroom) -> Rota:
    """Return the rota as it is now."""
    found = entries(session)
    return Rota(
        tuple(pattern for _, pattern in found.patterns),
        tuple(change for _, change in found.changes),
        where.zone,
        where.holiday,
    )


def moderators(session: Session) -> Sequence[str]:
    """Return the names of those who can be on the rota."""
    return session.scalars(select(UserRow.name).order_by(UserRow.name)).all()


def add_pattern(session: Session, pattern: Pattern, *, who: str) -> None:
    """Add a weekly shift."""
    unknown = pattern.days - set(DAYS)
    if unknown or not pattern.days:
        raise InvalidInput("Choose at least one day of the week, or bank holidays.")
    if pattern.starts == pattern.ends:
        raise InvalidInput("A shift cannot start and end at the same time.")
    _check(session, pattern.moderator)
    days = [day for day in DAYS if day in pattern.days]
    session.add(ShiftRow(moderator=pattern.moderator, days=days, starts=pattern.starts, ends=pattern.ends))
    why = f"{' '.join(days)} {pattern.starts:%H:%M}-{pattern.ends:%H:%M}"
    audit.record(session, "rota.shift.add", who=who, about=pattern.moderator, why=why)


def add_change(session: Session, change: Change, *, who: str) -> None:
    """Add a day off or an extra shift."""
    if (change.starts is None) != (change.ends is None):
        raise InvalidInput("An extra shift needs both times; a day off has none.")
    if change.starts is not None and change.starts == change.ends:
        raise InvalidInput("A shift cannot start and end at the same time.")
    _check(session, change.moderator)
    session.add(ShiftChangeRow(moderator=change.moderator, day=change.day, starts=change.starts, ends=change.ends))
    audit.record(session, "rota.change.add", who=who, about=change.moderator, why=_said(change))


def remove_pattern(session: Session, number: int, *, who: str) -> None:
    """Take a weekly shift off the rota."""
    row = session.get(ShiftRow, number)
    if row is None:
        raise UnknownRecord("This shift is no longer on the rota.")
    session.delete(row)
    why = f"{' '.join(row.days)} {row.starts:%H:%M}-{row.ends:%H:%M}"
    audit.record(session, "rota.shift.remove", who=who, about=row.moderator, why=why)


def remove_change(session: Session, number: int, *, who: str) -> None:
    """Take a day off or an extra shift off the rota."""
    row = session.get(ShiftChangeRow, number)
    if row is None:
        raise UnknownRecord("This change is no longer on the rota.")
    session.delete(row)
    why = _said(Change(row.moderator, row.day, row.starts, row.ends))
    audit.record(session, "rota.change.remove", who=who, about=row.moderator, why=why)


def current_changes(found: Entries, today: date) -> tuple[tuple[int, Change], ...]:
    """Return the changes of the rota that are not over."""
    return tuple((number, change) for number, change in found.changes if change.day >= today)


def _said(change: Change) -> str:
    """Write a change of the rota for the audit."""
    if change.starts is None or change.ends is None:
        return f"{change.day} off"
    return f"{change.day} {change.starts:%H:%M}-{change.ends:%H:%M}"


def _check(session: Session, moderator: str) -> None:
    """Refuse an entry of the rota for an unknown moderator, or one too many."""
    if session.scalar(select(UserRow.id).where(UserRow.name == moderator)) is None:
        raise InvalidInput(f"There is no moderator {moderator[:100]!r}.")
    counts = (session.scalar(select(func.count()).select_from(table)) or 0 for table in (ShiftRow, ShiftChangeRow))
    if sum(counts) >= MOST_ENTRIES:
        raise InvalidInput(f"The rota is full at {MOST_ENTRIES} entries: remove changes that are over.")
