"""Who has which item open, so that nobody unknowingly decides what a colleague is reading."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from service.storage.tables.comments import ClaimRow, CommentRow

Ended = Literal["decided", "skipped", "closed", "expired", "taken", "renewed"]
#: An item that a moderator skipped is not offered to the same one for so long.
SKIPPED_FOR = timedelta(hours=12)
#: No lease is longer. One that seems so was given by a clock that was ahead, and holds nothing.
_LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """One item that is open before one moderator."""

    id: int
    comment_id: str
    moderator: str
    opened_at: datetime
    until: datetime


def claim(
    session: Session,
    comment: CommentRow,
    moderator: str,
    lease: timedelta,
    *,
    turn: int | None = None,
    take: bool = False,
) -> Claim:
    """Hold an item for a moderator, unless another one holds it: then return that one's claim.

    Parameters
    ----------
    session
        A write transaction that has locked the comment.
    comment
        The item.
    moderator
        Who opened it. Whoever holds it already holds it anew, since when they first opened it.
    lease
        For how long.
    turn
        Which showing of the queue this is.
    take
        Take it from whoever holds it.
    """
    now = datetime.now(UTC)
    held = session.scalar(select(ClaimRow).where(ClaimRow.comment_id == comment.id, ClaimRow.ended_at.is_(None)))
    opened_at = now
    if held is not None:
        active = now < held.until < now + _LONGEST
        if active and held.moderator != moderator and not take:
            return _claim(held)
        if active and held.moderator == moderator:
            opened_at, turn = held.opened_at, turn if turn is not None else held.turn
            _end(held, "renewed", now)
        elif active:
            _end(held, "taken", now)
        else:
            _end(held, "expired", min(held.until, now))
        session.flush()
    row = ClaimRow(comment_id=comment.id, moderator=moderator, turn=turn, opened_at=opened_at, until=now + lease)
    session.add(row)
    session.flush()
    return _claim(row)


def holder(session: Session, comment_id: str) -> Claim | None:
    """Return the claim of whoever holds an item now."""
    row = session.scalar(
        select(ClaimRow).where(
            ClaimRow.comment_id == comment_id,
            ClaimRow.ended_at.is_(None),
            *_runs(ClaimRow.until),
        ),
    )
    return None if row is None else _claim(row)


def holders(session: Session, comment_ids: list[str]) -> dict[str, Claim]:
    """Return the claims on those of these items that somebody holds now."""
    rows = session.scalars(
        select(ClaimRow).where(
            ClaimRow.comment_id.in_(comment_ids),
            ClaimRow.ended_at.is_(None),
            *_runs(ClaimRow.until),
        ),
    )
    return {row.comment_id: _claim(row) for row in rows}


def extend(session: Session, claim_id: int, moderator: str, lease: timedelta) -> bool:
    """Hold an item for longer; return whether it is still held."""
    row = _newest(session, claim_id)
    now = datetime.now(UTC)
    if row is None or row.moderator != moderator or row.ended_at is not None or row.until <= now:
        return False
    row.until = now + lease
    return True


def release(session: Session, claim_id: int, moderator: str, how: Ended) -> Claim | None:
    """Release an item, if this very claim still holds it.

    Who skips it lets go of it in all their windows; who closes one, in that one alone.
    """
    row = _newest(session, claim_id) if how == "skipped" else session.get(ClaimRow, claim_id, with_for_update=True)
    if row is None or row.moderator != moderator or row.ended_at is not None:
        return None
    _end(row, how, min(datetime.now(UTC), row.until))
    return _claim(row)


def last_skips(
    session: Session, moderator: str, *, since: datetime, most: int
) -> tuple[tuple[Claim, datetime, str | None], ...]:
    """Return what a moderator skipped lately and nobody has decided on, each with when, and the comment's author."""
    rows = session.execute(
        select(ClaimRow, CommentRow.author)
        .join(CommentRow, CommentRow.id == ClaimRow.comment_id)
        .where(
            ClaimRow.moderator == moderator,
            ClaimRow.ended == "skipped",
            ClaimRow.ended_at >= since,
            CommentRow.state.in_(("open", "escalated")),
        )
        .order_by(ClaimRow.ended_at.desc())
        .limit(most)
    )
    return tuple((_claim(row), row.ended_at or row.until, author) for row, author in rows)


def take_up(session: Session, claim_id: int, moderator: str) -> str | None:
    """Take back a skip, so that the item may be offered to this moderator again; return its comment, or None."""
    row = session.get(ClaimRow, claim_id)
    if row is None or row.moderator != moderator or row.ended != "skipped":
        return None
    same = (ClaimRow.comment_id == row.comment_id, ClaimRow.moderator == moderator, ClaimRow.ended == "skipped")
    for skipped in session.scalars(select(ClaimRow).where(*same).with_for_update()):
        skipped.ended = "closed"
    return row.comment_id


def release_all(session: Session, moderator: str) -> None:
    """Release whatever a moderator holds when they log out: their page no longer can."""
    now = datetime.now(UTC)
    held = (ClaimRow.moderator == moderator, ClaimRow.ended_at.is_(None), *_runs(ClaimRow.until))
    for row in session.scalars(select(ClaimRow).where(*held).with_for_update()):
        _end(row, "closed", now)


def finish(session: Session, comment_id: str, moderator: str, *, knowingly: bool = False) -> datetime | None:
    """End the claim on an item that was decided on; return when this moderator had opened it.

    Another moderator's claim ends too if it was overruled `knowingly`.
    """
    row = session.scalar(select(ClaimRow).where(ClaimRow.comment_id == comment_id, ClaimRow.ended_at.is_(None)))
    if row is None:
        return None
    if row.moderator == moderator:
        _end(row, "decided", datetime.now(UTC))
        return row.opened_at
    if knowingly:
        _end(row, "taken", datetime.now(UTC))
    return None


def free_for(moderator: str) -> ColumnElement[bool]:
    """Write down which comments may be offered to a moderator: not held by another, nor skipped by this one."""
    now = datetime.now(UTC)
    other = aliased(ClaimRow)
    held = and_(other.ended_at.is_(None), *_runs(other.until), other.moderator != moderator)
    skipped = (other.moderator == moderator) & (other.ended == "skipped") & (other.ended_at > now - SKIPPED_FOR)
    return ~select(other.id).where(other.comment_id == CommentRow.id, or_(held, skipped)).correlate(CommentRow).exists()


def turns_so_far(session: Session) -> int:
    """Count the items that the queue has shown."""
    return session.scalar(select(func.max(ClaimRow.turn))) or 0


def _runs(until: InstrumentedAttribute[datetime]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that a claim has not run out."""
    now = datetime.now(UTC)
    return until > now, until < now + _LONGEST


def _newest(session: Session, claim_id: int) -> ClaimRow | None:
    """Fetch a claim, or the one that holds the item since its moderator opened it once more, in another window."""
    row = session.get(ClaimRow, claim_id, with_for_update=True)
    if row is None or row.ended != "renewed":
        return row
    same = (ClaimRow.comment_id == row.comment_id, ClaimRow.moderator == row.moderator)
    return session.scalar(select(ClaimRow).where(*same, ClaimRow.ended_at.is_(None)).with_for_update())


def _end(row: ClaimRow, how: Ended, at: datetime) -> None:
    """Note how and when a claim ended."""
    row.ended, row.ended_at = how, at


def _claim(row: ClaimRow) -> Claim:
    """Return a stored claim."""
    return Claim(row.id, row.comment_id, row.moderator, row.opened_at, row.until)
