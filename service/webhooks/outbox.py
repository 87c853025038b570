"""Events to deliver: written together with what they tell of, claimed, and crossed off.

An event is in the database before anybody hears of it. Whoever delivers claims
it for a while; if that process dies, the claim runs out and another delivers
it, under the same id.
"""

import json
import random
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from service.storage.audit import Head
from service.storage.records import Decision, FlagReason, Report
from service.storage.tables.comments import CommentRow
from service.storage.tables.programs import EventRow, WebhookRow
from service.webhooks.endpoints import secrets_of

#: Seconds before each attempt; after the last one the event is given up.
BACK_OFF = (0, 5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
#: Longer than an attempt can take.
LEASE = timedelta(seconds=30)
#: How long what was delivered, or given up, is kept, to be looked up.
KEPT = timedelta(days=30)
_JITTER = 0.2
_LONGEST_WAIT = 24 * 3600.0
#: What is due later than this was put off by a clock that was ahead: it is due now.
_NEVER_LATER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class ClaimedEvent:
    """An event that this process is to deliver now.

    Attributes
    ----------
    id
        The webhook-id.
    attempt
        1 at first. Whoever claims the event anew has a higher one.
    secrets
        What signs it: during a rotation two.
    """

    id: str
    endpoint_id: int
    url: str
    internal: bool
    secrets: tuple[str, ...]
    payload: str
    attempt: int


def tell_flagged(
    session: Session, comment: CommentRow, stream: str, reasons: tuple[FlagReason, ...], bundle_version: str
) -> None:
    """Announce that a machine asks a person to look."""
    found = [{"attribute": one.attribute, "score": one.score, "threshold": one.threshold} for one in reasons]
    _tell(session, "comment.flagged", comment, {"stream": stream, "reasons": found, "bundle_version": bundle_version})


def tell_reported(session: Session, comment: CommentRow, report: Report) -> None:
    """Announce that a reader asks a person to look."""
    _tell(session, "comment.reported", comment, {"report_id": report.id, "reason": report.reason})


def tell_decided(session: Session, comment: CommentRow, decision: Decision, rule: str | None) -> None:
    """Announce what a person decided; of an amended comment, also the text to be published and what to tell its author.

    Parameters
    ----------
    rule
        The title of the rule that is cited.
    """
    fields = ("verdict", "rule", "undoes", "bundle_version")
    about = {"decision_id": decision.id, "state": comment.state, **{name: getattr(decision, name) for name in fields}}
    if decision.amended_text is not None:
        under = f" under rule {decision.rule} ({rule})" if rule else ""
        notice = f"A moderator has amended your comment{under}. What you wrote is kept on record."
        about |= {"amended_text": decision.amended_text, "author": comment.author, "notice": notice}
    _tell(session, "comment.decided", comment, about)


def forget_amended(session: Session, comment_ids: Collection[str]) -> None:
    """Forget the events that hold an amended text of some comments."""
    for row in session.scalars(select(EventRow).where(EventRow.payload.contains('"amended_text":', autoescape=True))):
        if json.loads(row.payload)["data"]["comment_id"] in comment_ids:
            session.delete(row)


def tell_head(session: Session, head: Head) -> None:
    """Announce where the audit ends, so that somebody else keeps it."""
    _send(session, "audit.head", asdict(head))


def due_endpoints(session: Session, now: datetime) -> frozenset[int]:
    """Return the endpoints that have events to be delivered now."""
    query = select(EventRow.endpoint_id).distinct().join(WebhookRow, WebhookRow.id == EventRow.endpoint_id)
    return frozenset(session.scalars(query.where(_is_due(now), WebhookRow.enabled)))


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that an event is due."""
    return or_(EventRow.next_attempt_at <= now, EventRow.next_attempt_at > now + _NEVER_LATER)


def claim(session: Session, endpoint_id: int, now: datetime) -> ClaimedEvent | None:
    """Claim the event of an endpoint that has waited longest; nobody else gets it before the lease ends."""
    row = session.scalar(
        select(EventRow)
        .where(EventRow.endpoint_id == endpoint_id, _is_due(now))
        .order_by(EventRow.next_attempt_at, EventRow.created_at)
        .limit(1)
        # SQLite knows no locks of rows, and needs none: a transaction that writes is alone.
        .with_for_update(skip_locked=True)
    )
    endpoint = session.get(WebhookRow, endpoint_id)
    if row is None or endpoint is None or not endpoint.enabled:
        return None
    row.attempts += 1
    row.next_attempt_at = now + LEASE
    return ClaimedEvent(
        id=row.id,
        endpoint_id=endpoint_id,
        url=endpoint.url,
        internal=endpoint.internal,
        secrets=tuple(secrets_of(endpoint, now)),
        payload=row.payload,
        attempt=row.attempts,
    )


def cross_off(session: Session, claimed: ClaimedEvent, outcome: str, now: datetime) -> None:
    """Note that an event was delivered, also if the lease has ended meanwhile."""
    session.execute(
        update(EventRow)
        .where(EventRow.id == claimed.id)
        .values(delivered_at=now, next_attempt_at=None, last_outcome=outcome)
    )


def put_off(session: Session, claimed: ClaimedEvent, outcome: str, now: datetime, *, retry_after: float = 0) -> None:
    """Note that an attempt failed, and when the next one is due; after the last, give the event up.

    Parameters
    ----------
    retry_after
        Seconds that the receiver asked for; up to a day is honoured.
    """
    due = None
    if claimed.attempt < len(BACK_OFF):
        wait = BACK_OFF[claimed.attempt] * (1 + _JITTER * random.random())
        due = now + timedelta(seconds=max(wait, min(retry_after, _LONGEST_WAIT)))
    session.execute(
        update(EventRow)
        # Who has claimed it anew decides; what was delivered stays so.
        .where(EventRow.id == claimed.id, EventRow.attempts == claimed.attempt, EventRow.delivered_at.is_(None))
        .values(next_attempt_at=due, last_outcome=outcome)
    )


def disable(session: Session, endpoint_id: int) -> None:
    """Deliver nothing more to an endpoint: it is gone."""
    session.execute(update(WebhookRow).where(WebhookRow.id == endpoint_id).values(enabled=False))


def clear(session: Session, now: datetime) -> None:
    """Forget what was delivered long ago, and what was raised long ago and is not to be delivered any longer."""
    session.execute(delete(EventRow).where(EventRow.delivered_at < now - KEPT))
    off = select(WebhookRow.id).where(~WebhookRow.enabled)
    no_longer = or_(EventRow.next_attempt_at.is_(None), EventRow.endpoint_id.in_(off))
    session.execute(delete(EventRow).where(EventRow.created_at < now - KEPT, no_longer))


def _tell(session: Session, kind: str, comment: CommentRow, about: dict[str, Any]) -> None:
    """Announce to the endpoints what happened to a comment."""
    ids = {"comment_id": comment.id, "article_id": comment.article_id, "revision": comment.revision}
    _send(session, kind, {**ids, **about})


def _send(session: Session, kind: str, data: dict[str, Any]) -> None:
    """Put an event into the outbox of each endpoint that wants its kind."""
    # The lock keeps an endpoint from being removed before this transaction ends.
    query = select(WebhookRow).where(WebhookRow.enabled).with_for_update(read=True, key_share=True)
    endpoints = [row for row in session.scalars(query) if kind in row.events]
    if not endpoints:
        return
    now = datetime.now(UTC)
    body = {"type": kind, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": data}
    for endpoint in endpoints:
        session.add(
            EventRow(
                id=f"msg_{uuid.uuid4().hex}",
                endpoint_id=endpoint.id,
                type=kind,
                payload=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
                created_at=now,
                attempts=0,
                next_attempt_at=now,
            )
        )
