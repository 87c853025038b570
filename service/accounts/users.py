"""Moderators' accounts: created, given a role and a password, recognised."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.accounts import passwords, sessions
from service.storage import audit
from service.storage.tables.accounts import UserRow

#: Each may do what those before it may.
ROLES = ("moderator", "lead", "admin")
#: Of somebody who has left: what they decided keeps their name.
NO_ROLE = "none"
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class User:
    """A moderator."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """A moderator as admins see one; `by_provider` if the OpenID provider vouches for them."""

    name: str
    role: str
    created_at: datetime
    by_provider: bool


def checked_name(name: str) -> str:
    """Return the name of a person or a program without the space around it; raise InvalidInput if it is none."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"A name has 1 to {_LONGEST_NAME} printable characters; {name[:40]!r} is not one.")
    return name.strip()


def list_accounts(session: Session) -> tuple[Account, ...]:
    """Return all moderators, by name, also those who have left."""
    rows = session.scalars(select(UserRow).order_by(UserRow.name))
    return tuple(Account(row.name, row.role, row.created_at, row.subject is not None) for row in rows)


def create_user(session: Session, name: str, role: str = "moderator", *, who: str | None = None) -> str:
    """Create a moderator and return the password, which nobody can look up later."""
    password = passwords.made_up()
    hashed = passwords.hashed(password)
    session.add(UserRow(name=name, password_hash=hashed, role=role, created_at=datetime.now(UTC)))
    try:
        session.flush()
    except IntegrityError as error:
        raise InvalidInput(f"There is already a moderator {name!r}.") from error
    audit.record(session, "user.create", who=who, about=name, why=role)
    return password


def set_role(session: Session, name: str, role: str, *, who: str | None = None) -> None:
    """Change a moderator's role; with `none` they cannot come in, and their sessions end."""
    row = _named_user(session, name)
    row.role = role
    if role == NO_ROLE:
        sessions.end_all(session, row.id)
    audit.record(session, "user.role", who=who, about=name, why=role)


def reset_password(session: Session, name: str, *, who: str | None = None) -> str:
    """Make a new password and return it; the moderator's sessions end."""
    row = _named_user(session, name)
    password = passwords.made_up()
    row.password_hash = passwords.hashed(password)
    sessions.end_all(session, row.id)
    audit.record(session, "user.password", who=who, about=name)
    return password


def find_user(session: Session, *, name: str | None = None, user_id: int | None = None) -> User | None:
    """Find a moderator by name or by number."""
    condition = UserRow.name == name if user_id is None else UserRow.id == user_id
    row = session.scalar(select(UserRow).where(condition))
    return None if row is None else User(row.id, row.name)


def check_password(session: Session, name: str, password: str) -> UserRow | None:
    """Return the moderator if the password is right; an unknown name takes as long as a wrong password."""
    row = session.scalar(select(UserRow).where(UserRow.name == name))
    right = passwords.matches(row.password_hash if row else passwords.nobodys(), password)
    return row if row is not None and right and row.role != NO_ROLE else None


def find_account(session: Session, claims: dict[str, Any], *, issuer: str, claim: str) -> UserRow | None:
    """Return the account of the person the provider names, or None.

    An account is bound to the provider's own number for the person when they
    first come by it: a name or an address may later be somebody else's. An
    e-mail address that the provider has not verified binds nothing.
    """
    subject = f"{issuer} {claims['sub']}"
    row = session.scalar(select(UserRow).where(UserRow.subject == subject))
    if row is None:
        name = claims.get(claim)
        trusted = claim != "email" or claims.get("email_verified") is True
        if not isinstance(name, str) or not trusted:
            return None
        row = session.scalar(select(UserRow).where(UserRow.name == name, UserRow.subject.is_(None)).with_for_update())
        if row is not None and row.role != NO_ROLE:
            row.subject = subject
            audit.record(session, "user.bind", who=row.name, about=row.name, why="OpenID")
    return row if row is not None and row.role != NO_ROLE else None


def _named_user(session: Session, name: str) -> UserRow:
    """Fetch a moderator's account for change, by its name."""
    row = session.scalar(select(UserRow).where(UserRow.name == name).with_for_update())
    if row is None:
        raise UnknownRecord(f"There is no moderator {name!r}.")
    return row
