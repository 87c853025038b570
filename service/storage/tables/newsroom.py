"""The tables of what leads and admins set: the rules, the rota, the choices."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.tables.base import Base


class RulebookRow(Base):
    """A version of the newspaper's rules; never changed once it is there."""

    __tablename__ = "rulebook"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[list[Any]]
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime]


class ShiftRow(Base):
    """A weekly shift, by the newsroom's clock."""

    __tablename__ = "shift"
    id: Mapped[int] = mapped_column(primary_key=True)
    moderator: Mapped[str] = mapped_column(String(255))
    days: Mapped[list[Any]]
    starts: Mapped[time]
    ends: Mapped[time]


class ShiftChangeRow(Base):
    """One day that differs: an extra shift, or without times a day off."""

    __tablename__ = "shift_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    moderator: Mapped[str] = mapped_column(String(255))
    day: Mapped[date]
    starts: Mapped[time | None]
    ends: Mapped[time | None]


class ChoiceRow(Base):
    """What an admin chose for the whole newsroom, written as the environment would have it."""

    __tablename__ = "choice"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))
    chosen_by: Mapped[str] = mapped_column(String(255))
    chosen_at: Mapped[datetime]
