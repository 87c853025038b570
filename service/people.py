"""Who may come in: moderators with a password, programs with a key."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from model.errors import InvalidInput
from service.tables import ApiKeyRow, UserRow

SCOPES = ("score", "ingest", "review", "admin")


@dataclass(frozen=True, slots=True)
class User:
    """A moderator."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without the key; `admin` implies every other scope."""

    name: str
    scopes: frozenset[str]

    def allows(self, scope: str) -> bool:
        """Tell whether this key is good for what needs `scope`."""
        return scope in self.scopes or "admin" in self.scopes


def create_user(session: Session, name: str) -> str:
    """Create a moderator and give the password, which nobody can look up later."""
    password = secrets.token_urlsafe(12)
    session.add(UserRow(name=name, password_hash=generate_password_hash(password), created_at=datetime.now(UTC)))
    try:
        session.flush()
    except IntegrityError as error:
        raise InvalidInput(f"There is already a moderator {name!r}.") from error
    return password


def find_user(session: Session, *, name: str | None = None, user_id: int | None = None) -> User | None:
    """Find a moderator by name or by number."""
    condition = UserRow.name == name if user_id is None else UserRow.id == user_id
    row = session.scalar(select(UserRow).where(condition))
    return None if row is None else User(row.id, row.name)


def check_password(session: Session, name: str, password: str) -> User | None:
    """Give the moderator if the password is right; an unknown name takes as long as a wrong password."""
    row = session.scalar(select(UserRow).where(UserRow.name == name))
    if row is None:
        generate_password_hash(password)
        return None
    return User(row.id, row.name) if check_password_hash(row.password_hash, password) else None


def create_key(session: Session, name: str, scopes: Collection[str]) -> str:
    """Create a program's key and give it, which nobody can look up later."""
    # 32 random bytes cannot be guessed from their SHA-256; a slow hash is for passwords.
    key = "bl_" + secrets.token_urlsafe(32)
    row = ApiKeyRow(name=name, digest=_digest(key), scopes=sorted(scopes), created_at=datetime.now(UTC))
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise InvalidInput(f"There is already a key named {name!r}.") from error
    return key


def find_key(session: Session, key: str) -> ApiKey | None:
    """Give what is known of a key, or None if it is not one of ours."""
    digest = _digest(key)
    row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.digest == digest))
    if row is None or not hmac.compare_digest(row.digest, digest):
        return None
    return ApiKey(row.name, frozenset(row.scopes))


def count_keys(session: Session) -> int:
    """Count the programs' keys."""
    return session.scalar(select(func.count()).select_from(ApiKeyRow)) or 0


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
