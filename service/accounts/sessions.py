"""Moderators' sessions: kept here, so that ending one ends it, whoever holds its cookie."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.storage.tables.accounts import SessionRow, UserRow

#: A session ends after so long without a request, and after so long whatever happens.
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
#: So far may another machine's clock be ahead. One that began later was begun by a clock that was wrong.
_AHEAD = timedelta(minutes=5)


def begin(session: Session, user_id: int) -> str:
    """Begin a session and return the token that its cookie holds."""
    now = datetime.now(UTC)
    session.execute(delete(SessionRow).where(SessionRow.begun_at < now - LONGEST))
    token = secrets.token_urlsafe(32)
    session.add(SessionRow(digest=_digest(token), user_id=user_id, begun_at=now))
    return token


def find(session: Session, token: str) -> UserRow | None:
    """Return whose session it is, or None if it has ended or never was one."""
    now = datetime.now(UTC)
    return session.scalar(
        select(UserRow)
        .join(SessionRow, SessionRow.user_id == UserRow.id)
        .where(SessionRow.digest == _digest(token), SessionRow.begun_at.between(now - LONGEST, now + _AHEAD))
    )


def end(session: Session, token: str) -> None:
    """End a moderator's session."""
    session.execute(delete(SessionRow).where(SessionRow.digest == _digest(token)))


def end_all(session: Session, user_id: int) -> None:
    """End all sessions of one moderator."""
    session.execute(delete(SessionRow).where(SessionRow.user_id == user_id))


def _digest(token: str) -> str:
    """Return what the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()
