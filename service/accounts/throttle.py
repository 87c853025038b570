"""A brake on trying again and again: counted in the database, so that all processes know."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.storage.tables import AttemptRow

#: Whoever was quiet for so long is forgotten altogether.
_FORGET = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Brake:
    """How hard to brake.

    Attributes
    ----------
    name
        What is tried.
    free
        So many attempts are free.
    first, longest
        What each further attempt has to wait for: twice as long each time, up to the longest.
    rest
        After so long without an attempt, the count begins anew.
    """

    name: str
    free: int
    first: timedelta
    longest: timedelta
    rest: timedelta


#: One name from one address: since the address counts, nobody can lock out a colleague from elsewhere.
LOG_IN = Brake("log-in", 5, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
#: One name from many addresses: somebody guesses with many machines.
ACCOUNT = Brake("account", 50, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
#: Many names from one address: somebody tries a list.
ADDRESS = Brake("address", 50, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
#: Reports by the form, from one address.
REPORT = Brake("report", 10, timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=1))


def take(session: Session, brake: Brake, who: str, now: datetime | None = None) -> int:
    """Count an attempt, unless it comes too early.

    It is counted before anybody knows whether it succeeds: a hundred guesses
    at the same moment are a hundred, and not one.

    Returns
    -------
    int
        The seconds until the next attempt is looked at; 0 if this one may go on.
    """
    now = now or datetime.now(UTC)
    row = _row(session, brake, who, now)
    if now - row.at >= brake.rest:
        row.count = 0
    if row.count >= brake.free:
        pause = min(brake.longest, brake.first * 2.0 ** min(row.count - brake.free, 16))
        left = (row.at + pause - now).total_seconds()
        if left > 0:
            return max(1, round(left))
    row.count, row.at = row.count + 1, now
    return 0


def forget(session: Session, brake: Brake, who: str) -> None:
    """Forget the attempts: the last one succeeded."""
    session.execute(delete(AttemptRow).where(AttemptRow.digest == _digest(brake, who)))


def _row(session: Session, brake: Brake, who: str, now: datetime) -> AttemptRow:
    digest = _digest(brake, who)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.execute(insert(AttemptRow).values(digest=digest, count=0, at=now).on_conflict_do_nothing())
    if made.rowcount:  # type: ignore[attr-defined]
        session.execute(delete(AttemptRow).where(AttemptRow.at < now - _FORGET))
    return session.get_one(AttemptRow, digest, with_for_update=True, populate_existing=True)


def _digest(brake: Brake, who: str) -> str:
    # Neither names nor addresses are to be read in the table.
    return hashlib.sha256(f"{brake.name}\0{who}".encode()).hexdigest()
