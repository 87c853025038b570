"""The tables of who gets in: moderators with their sessions, programs' keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.tables.base import Base


class UserRow(Base):
    """A moderator who can log in."""

    __tablename__ = "user_account"  # "user" is a word of SQL
    __table_args__ = (Index("uq_user_account_subject", "subject", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(16), server_default="moderator")
    # Who they are to the OpenID provider: its address and its own number for them.
    subject: Mapped[str | None] = mapped_column(String(512))
    created_at: Mapped[datetime]
    # Whether they want slurs "masked", until a key is pressed, or "shown"; None as the newsroom has it.
    slurs: Mapped[str | None] = mapped_column(String(16))
    # In which they want pages; None as the newsroom has it.
    language: Mapped[str | None] = mapped_column(String(16))


class SessionRow(Base):
    """A moderator's session; the token in the cookie is not kept, only its SHA-256."""

    __tablename__ = "user_session"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    begun_at: Mapped[datetime]


class AttemptRow(Base):
    """How often somebody tried something in a row; a digest stands for what and who."""

    __tablename__ = "attempt"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)


class ApiKeyRow(Base):
    """A program's key: only the SHA-256 of it is kept, and of the one before it while that still works."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    former_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    former_until: Mapped[datetime | None]
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
