"""A brake on repeated attempts, counted in the database so that all processes know."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.storage.tables.accounts import AttemptRow

#: Whoever was quiet for so long is forgotten altogether; who logs in once a week is not.
_FORGET = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Brake:
    """How many attempts to log in are free, and how long each further one has to wait.

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
#: One name from many addresses: somebody guesses with many machines. It holds up nobody where they have
#: logged in before (`note_home`).
ACCOUNT = Brake("account", 50, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
#: Many names from one address: somebody tries a list.
ADDRESS = Brake("address", 50, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
#: Where a name has logged in.
_HOME = Brake("home", 1, timedelta(), timedelta(), _FORGET)
#: Reports by the form, from one address.
REPORT = Brake("report", 10, timedelta(seconds=30), timedelta(minutes=30), timedelta(hours=1))


def take(session: Session, counted: Sequence[tuple[Brake, str]], now: datetime | None = None) -> int:
    """Count an attempt against some brakes, unless it comes too soon for one of them.

    The first brake that refuses ends it, and what is refused counts nowhere:
    who is held up by a brake of their own cannot pull another's.

    It is counted before anybody knows whether it succeeds: a hundred guesses
    at the same moment are a hundred, and not one.

    Returns
    -------
    int
        The seconds until the next attempt is looked at; 0 if this one may go on.
    """
    now = now or datetime.now(UTC)
    rows = []
    for brake, who in counted:
        row = _row(session, brake, who, now)
        rows.append(row)
        # A clock that was ahead must hold up nobody until that moment comes.
        row.at = min(row.at, now)
        if now - row.at >= brake.rest:
            row.count = 0
        if row.count >= brake.free:
            pause = min(brake.longest, brake.first * 2.0 ** min(row.count - brake.free, 16))
            left = (row.at + pause - now).total_seconds()
            if left > 0:
                return max(1, round(left))
    for row in rows:
        row.count, row.at = row.count + 1, now
    return 0


def note_home(session: Session, name: str, address: str) -> None:
    """Remember that somebody has logged in from an address."""
    now = datetime.now(UTC)
    _row(session, _HOME, _at(name, address), now).at = now


def is_home(session: Session, name: str, address: str) -> bool:
    """Return whether a moderator has logged in from this address in the last days."""
    row = session.get(AttemptRow, _digest(_HOME, _at(name, address)))
    return row is not None and datetime.now(UTC) - row.at < _FORGET


def log_in_brakes(session: Session, name: str, address: str) -> list[tuple[Brake, str]]:
    """Return what brakes a log-in, in the order in which to ask: the address, the name from there, the account."""
    name = name.casefold()
    brakes = [(ADDRESS, address), (LOG_IN, _at(name, address))]
    return brakes if is_home(session, name, address) else [*brakes, (ACCOUNT, name)]


def forget(session: Session, brake: Brake, who: str) -> None:
    """Forget somebody's failed attempts to log in: the last one succeeded."""
    session.execute(delete(AttemptRow).where(AttemptRow.digest == _digest(brake, who)))


def _row(session: Session, brake: Brake, who: str, now: datetime) -> AttemptRow:
    """Fetch the count of attempts to log in, for change; clear away what is old."""
    digest = _digest(brake, who)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    made = session.execute(insert(AttemptRow).values(digest=digest, count=0, at=now).on_conflict_do_nothing())
    if made.rowcount:  # type: ignore[attr-defined]
        session.execute(delete(AttemptRow).where(AttemptRow.at < now - _FORGET))
    return session.get_one(AttemptRow, digest, with_for_update=True, populate_existing=True)


def _at(name: str, address: str) -> str:
    """Return who attempts to log in: a name from an address."""
    return f"{name.casefold()}\0{address}"


def _digest(brake: Brake, who: str) -> str:
    """Return what the database keeps of who attempted to log in."""
    # Neither names nor addresses are to be read in the table.
    return hashlib.sha256(f"{brake.name}\0{who}".encode()).hexdigest()
