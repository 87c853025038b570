"""The tables. Reports, decisions, scores and earlier texts are only ever added to."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on every database: SQLite forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Turn any aware moment into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give back the zone that SQLite forgot."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    # Named constraints, so that a later migration can address them on every database.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class ArticleRow(Base):
    """An article, by the newspaper's own id."""

    __tablename__ = "article"
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    section: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[datetime | None]
    received_at: Mapped[datetime]


class CommentRow(Base):
    """A comment as it is now, by the newspaper's own id.

    `state` and `rank` follow from flags, reports and decisions; they stand
    here so that the worst of many thousand is found by an index, and are
    written by `service.review.settle` alone.
    """

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_queue", "state", "rank", "id"),)
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("article.id"), index=True)
    # No foreign key: a newspaper may send a reply before the comment that it answers.
    parent_id: Mapped[str | None] = mapped_column(String(255), index=True)
    author: Mapped[str | None] = mapped_column(String(255), index=True)
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    posted_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    state: Mapped[str | None] = mapped_column(String(16))
    rank: Mapped[float] = mapped_column(default=0.0)


class EditRow(Base):
    """A comment before it was edited: decisions and scores on it still speak of that text."""

    __tablename__ = "edit"
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    replaced_at: Mapped[datetime]


class ScoreRow(Base):
    """What a bundle said of a comment; the latest one counts."""

    __tablename__ = "score"
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    revision: Mapped[int]
    bundle_version: Mapped[str] = mapped_column(String(255))
    # "values" is a word of SQL.
    scores: Mapped[dict[str, Any]]
    spans: Mapped[list[Any]]
    subjects: Mapped[dict[str, Any] | None]
    scored_at: Mapped[datetime]


class FlagRow(Base):
    """A machine's request to look."""

    __tablename__ = "flag"
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    revision: Mapped[int]
    reasons: Mapped[list[Any]]
    stream: Mapped[str] = mapped_column(String(16), default="safety")
    rank: Mapped[float]
    # How likely an item such as this one was to be shown: 1 for whatever crosses a threshold.
    probability: Mapped[float] = mapped_column(default=1.0)
    raised_at: Mapped[datetime]
    bundle_version: Mapped[str] = mapped_column(String(255))


class ReportRow(Base):
    """A reader's request to look."""

    __tablename__ = "report"
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    reporter: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(String(255))
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class DecisionRow(Base):
    """A person's verdict: keep, remove, escalate, or undo of an earlier one.

    `last_flag` and `last_report` name what lay before the moderator: a later
    one brings the comment back, whatever the clocks of two machines say.
    """

    __tablename__ = "decision"
    # Two moderators cannot both undo the same decision.
    __table_args__ = (UniqueConstraint("undoes"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), index=True)
    revision: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(16))
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    moderator: Mapped[str] = mapped_column(String(255))
    rule: Mapped[str | None] = mapped_column(String(255))
    note: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]]
    decided_at: Mapped[datetime]
    bundle_version: Mapped[str | None] = mapped_column(String(255))
    last_flag: Mapped[int]
    last_report: Mapped[int]


class UserRow(Base):
    """A moderator who can log in."""

    __tablename__ = "user_account"  # "user" is a word of SQL
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class ApiKeyRow(Base):
    """A program's key: only the SHA-256 of it is kept."""

    __tablename__ = "api_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
