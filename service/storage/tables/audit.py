"""The tables of the audit."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.tables.base import Base


class AuditRow(Base):
    """Who did what, chained to the entry before; a trigger refuses every change."""

    __tablename__ = "audit"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(255))
    via: Mapped[str] = mapped_column(String(300))
    what: Mapped[str] = mapped_column(String(64))
    about: Mapped[str | None] = mapped_column(String(255))
    why: Mapped[str | None] = mapped_column(String(255))
    model: Mapped[str | None] = mapped_column(String(255))
    rules: Mapped[int | None]
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Base):
    """The one row that says where the audit ends: who locks it may add to it."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
