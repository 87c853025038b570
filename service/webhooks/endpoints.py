"""Who is told of events: the endpoints of outgoing webhooks, and their secrets."""

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from service.storage import audit
from service.storage.tables.programs import EventRow, WebhookRow

EVENTS = ("comment.flagged", "comment.reported", "comment.decided", "audit.head")
#: For how long the secret before the present one signs too.
GRACE = timedelta(hours=24)
_LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told of events.

    Attributes
    ----------
    internal
        It may be plain HTTP, or an address of one's own network.
    enabled
        False once it has answered 410.
    waiting, given_up
        How many events are still to be delivered, and how many never were.
    """

    id: int
    url: str
    internal: bool
    events: tuple[str, ...]
    enabled: bool
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to an endpoint, or there; `outcome` is that of the last attempt, if there was one."""

    type: str
    created_at: datetime
    attempts: int
    delivered_at: datetime | None
    next_attempt_at: datetime | None
    outcome: str | None


def last_deliveries(session: Session, number: int, *, most: int) -> tuple[Delivery, ...]:
    """Return an endpoint's latest events, the latest first."""
    query = select(EventRow).where(EventRow.endpoint_id == number).order_by(EventRow.created_at.desc(), EventRow.id)
    return tuple(
        Delivery(row.type, row.created_at, row.attempts, row.delivered_at, row.next_attempt_at, row.last_outcome)
        for row in session.scalars(query.limit(most))
    )


def add_endpoint(
    session: Session, url: str, events: Collection[str], *, internal: bool, who: str | None = None
) -> tuple[int, str]:
    """Add an endpoint; return its number and its secret, which will not be shown again."""
    _check(url, internal=internal)
    if not events:
        raise InvalidInput(f"Say what {url!r} is to be told of: {', '.join(EVENTS)}.")
    secret = _new_secret()
    row = WebhookRow(
        url=url,
        internal=internal,
        events=[event for event in EVENTS if event in events],
        secret=secret,
        enabled=True,
        created_at=datetime.now(UTC),
    )
    session.add(row)
    session.flush()
    audit.record(session, "webhook.add", who=who, about=str(row.id), why=", ".join(row.events))
    return row.id, secret


def rotate_secret(session: Session, number: int, *, who: str | None = None) -> str:
    """Replace an endpoint's secret; the former one signs too for a day."""
    row = get_endpoint(session, number)
    row.former_secret, row.former_until = row.secret, datetime.now(UTC) + GRACE
    row.secret = _new_secret()
    audit.record(session, "webhook.rotate", who=who, about=str(number))
    return row.secret


def remove_endpoint(session: Session, number: int, *, who: str | None = None) -> int:
    """Remove an endpoint with its events; return how many of them were still to be delivered."""
    row = get_endpoint(session, number)
    waiting = _count(session, number, EventRow.next_attempt_at.is_not(None))
    session.execute(delete(EventRow).where(EventRow.endpoint_id == number))
    session.delete(row)
    audit.record(session, "webhook.remove", who=who, about=str(number), why=f"{waiting} events waited")
    return waiting


def list_endpoints(session: Session) -> tuple[Endpoint, ...]:
    """Return all endpoints, oldest first."""
    return tuple(
        Endpoint(
            row.id,
            row.url,
            row.internal,
            tuple(row.events),
            row.enabled,
            waiting=_count(session, row.id, EventRow.next_attempt_at.is_not(None)),
            given_up=_count(session, row.id, EventRow.next_attempt_at.is_(None), EventRow.delivered_at.is_(None)),
        )
        for row in session.scalars(select(WebhookRow).order_by(WebhookRow.id))
    )


def get_endpoint(session: Session, number: int) -> WebhookRow:
    """Return an endpoint's row, locked."""
    row = session.get(WebhookRow, number, with_for_update=True)
    if row is None:
        raise UnknownRecord(f"There is no webhook {number}: `python -m service list-webhooks` lists them.")
    return row


def secrets_of(row: WebhookRow, now: datetime) -> Sequence[str]:
    """Return the secrets that sign at a moment: during a rotation two."""
    if row.former_secret is not None and row.former_until is not None and now < row.former_until:
        return (row.secret, row.former_secret)
    return (row.secret,)


def _count(session: Session, number: int, *which: ColumnElement[bool]) -> int:
    """Count an endpoint's events."""
    query = select(func.count()).select_from(EventRow).where(EventRow.endpoint_id == number, *which)
    return session.scalar(query) or 0


def _new_secret() -> str:
    """Draw a secret that signs what an endpoint is sent."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _check(url: str, *, internal: bool) -> None:
    """Refuse an address that no webhook may be sent to."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidInput(f"{url!r} is not an address: {error}.") from error
    if parts.scheme not in ("https", "http") or not host or not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidInput(f"{url!r} is not a web address such as https://paper.example/hooks.")
    if parts.scheme == "http" and not internal:
        raise InvalidInput(f"{url!r} is not https: use https, or allow it for your own network with --internal.")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("The address may not contain a name or a password: the signature says who is calling.")
    if len(url) > _LONGEST_URL:
        raise InvalidInput(f"The address has {len(url):,} characters; the limit is {_LONGEST_URL:,}.")
