"""Programs' keys: made, replaced, revoked, recognised."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.storage import audit
from service.storage.tables.accounts import ApiKeyRow

SCOPES = ("score", "ingest", "review", "admin")
#: When a key was used is written down this often at most.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without the key; `admin` implies every other scope.

    Attributes
    ----------
    last_used_at
        To the minute; None if it never was.
    former_until
        How long the key that was rotated out still works, if there was one.
    """

    name: str
    scopes: frozenset[str]
    created_at: datetime
    last_used_at: datetime | None
    former_until: datetime | None

    def allows(self, scope: str) -> bool:
        """Return whether this key has `scope`."""
        return scope in self.scopes or "admin" in self.scopes


def create_key(session: Session, name: str, scopes: Collection[str], *, who: str | None = None) -> str:
    """Create a program's key and return it, which nobody can look up later."""
    if not scopes:
        raise InvalidInput(f"Say what the key of {name!r} is good for: {', '.join(SCOPES)}.")
    # 32 random bytes cannot be guessed from their SHA-256; a slow hash is for passwords.
    key = "bl_" + secrets.token_urlsafe(32)
    row = ApiKeyRow(name=name, digest=digest_of(key), scopes=sorted(scopes), created_at=datetime.now(UTC))
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise InvalidInput(f"There is already a key named {name!r}.") from error
    audit.record(session, "key.create", who=who, about=name, why=", ".join(row.scopes))
    return key


def rotate_key(session: Session, name: str, grace: timedelta, *, who: str | None = None) -> str:
    """Replace a key and return the new one; the former one works until `grace` is over.

    A former key that was still in its grace is dead at once: only one is kept.
    """
    row = _named_key(session, name)
    key = "bl_" + secrets.token_urlsafe(32)
    row.former_digest, row.former_until = row.digest, datetime.now(UTC) + grace
    row.digest = digest_of(key)
    audit.record(session, "key.rotate", who=who, about=name)
    return key


def revoke_key(session: Session, name: str, *, who: str | None = None) -> None:
    """Delete a key: from now on it opens nothing."""
    session.delete(_named_key(session, name))
    audit.record(session, "key.revoke", who=who, about=name)


def list_keys(session: Session) -> list[ApiKey]:
    """Return what is known of all keys, by name."""
    return [_key_of(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.name))]


def find_key(session: Session, key: str) -> ApiKey | None:
    """Return what is known of a key, or None if it is not one of ours."""
    return find_key_of(session, digest_of(key))


def find_key_of(session: Session, digest: str) -> ApiKey | None:
    """Return what is known of the key that has a digest, or None if it is not one of ours."""
    row = session.scalar(
        select(ApiKeyRow).where(or_(ApiKeyRow.digest == digest, ApiKeyRow.former_digest == digest)).limit(1)
    )
    if row is None:
        return None
    is_current = hmac.compare_digest(row.digest, digest)
    is_former = (
        hmac.compare_digest(row.former_digest or "", digest)
        and row.former_until is not None
        and row.former_until > datetime.now(UTC)
    )
    return _key_of(row) if is_current or is_former else None


def note_use(session: Session, name: str) -> None:
    """Write down that a key was used now."""
    session.execute(update(ApiKeyRow).where(ApiKeyRow.name == name).values(last_used_at=datetime.now(UTC)))


def count_keys(session: Session) -> int:
    """Count the programs' keys."""
    return session.scalar(select(func.count()).select_from(ApiKeyRow)) or 0


def digest_of(key: str) -> str:
    """Return what stands for a key where the key itself must not be."""
    return hashlib.sha256(key.encode()).hexdigest()


def _named_key(session: Session, name: str) -> ApiKeyRow:
    """Fetch a program's key for change, by its name."""
    row = session.scalar(select(ApiKeyRow).where(ApiKeyRow.name == name).with_for_update())
    if row is None:
        raise UnknownRecord(f"There is no key named {name!r}: `python -m service list-keys` lists them.")
    return row


def _key_of(row: ApiKeyRow) -> ApiKey:
    """Return what a stored key is known for, without its digest."""
    return ApiKey(row.name, frozenset(row.scopes), row.created_at, row.last_used_at, row.former_until)
