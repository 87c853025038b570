"""The tables of what other programs send and are told: calls answered, suggestions, webhooks."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.tables.base import Base


class AnswerRow(Base):
    """What was answered to a call with an idempotency key; kept for a day."""

    __tablename__ = "answer"
    #: The name of the program's key; empty where none was needed.
    caller: Mapped[str] = mapped_column(String(255), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class SuggestionRow(Base):
    """What another program's moderators said of a comment; the latest one on a `subject` counts."""

    __tablename__ = "suggestion"
    id: Mapped[int] = mapped_column(primary_key=True)
    # SHA-256 of the community with the comment's id, or with its text where no id was sent.
    subject: Mapped[str] = mapped_column(String(64), index=True)
    # No foreign key: the program's comments need not be stored here.
    comment_id: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    scores: Mapped[dict[str, Any]]
    attributes: Mapped[dict[str, Any]]
    languages: Mapped[list[Any]]
    community: Mapped[str | None] = mapped_column(Text)
    client_token: Mapped[str | None] = mapped_column(Text)
    story_url: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]


class WebhookRow(Base):
    """An address that is told of events; its secrets have to be kept as they are, since they sign."""

    __tablename__ = "webhook_endpoint"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    # Whether it may be plain HTTP or an address of one's own network.
    internal: Mapped[bool]
    events: Mapped[list[Any]]
    secret: Mapped[str] = mapped_column(String(255))
    former_secret: Mapped[str | None] = mapped_column(String(255))
    former_until: Mapped[datetime | None]
    enabled: Mapped[bool]
    created_at: Mapped[datetime]


class EventRow(Base):
    """One event for one endpoint, stored in the transaction of what it tells of."""

    __tablename__ = "outbox"
    #: The webhook-id: the same in every attempt.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoint.id"), index=True)
    type: Mapped[str] = mapped_column(String(64))
    #: The body, byte for byte as it is sent.
    payload: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    #: While an attempt runs: when it counts as lost. None if it was delivered or given up.
    next_attempt_at: Mapped[datetime | None] = mapped_column(index=True)
    delivered_at: Mapped[datetime | None]
    last_outcome: Mapped[str | None] = mapped_column(String(255))
