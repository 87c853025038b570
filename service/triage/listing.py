"""What waits for a person, counted and in order; which item comes next for which moderator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, false, func, or_, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from model.attributes import BY_NAME
from service.storage.cursors import read_queue_cursor, write_queue_cursor
from service.storage.items import load_items
from service.storage.records import Page, State
from service.storage.tables.comments import ArticleRow, ClaimRow, CommentRow
from service.triage import claims
from service.triage.claims import Claim
from service.triage.order import STREAMS, Shares, Stream, stream_order

#: More names than this do not help to choose one.
MOST_CHOICES = 200
_TRIES = 5


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items somebody asked to see.

    `about` is an attribute, or `abuse` (any but off topic), or `reported`.
    What was erased is left out unless `erased`: nothing of it is left to look at.
    """

    state: State = "open"
    stream: Stream | None = None
    article_id: str | None = None
    section: str | None = None
    about: str | None = None
    author: str | None = None
    watched: bool = False
    erased: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than all of a state."""
        return any((self.article_id, self.section, self.about, self.author, self.watched))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the one that has waited longest; None if none waits."""

    streams: dict[Stream, int]
    oldest: datetime | None

    @property
    def total(self) -> int:
        """How many there are in all streams."""
        return sum(self.streams.values())


def list_items(session: Session, wanted: ItemFilter, *, cursor: str | None = None, limit: int = 50) -> Page:
    """Return the items that somebody asked to see, the next one first.

    Parameters
    ----------
    session
        To read by.
    wanted
        Which items.
    cursor
        Where the page begins: `next_cursor` of the one before. Unlike a
        number of items to leave out, it stays right while others decide.
    limit
        The most items of a page.
    """
    # The streams' names happen to descend from what matters most: safety, random, doubt.
    # What does not wait is in none.
    by_stream: list[InstrumentedAttribute[Any]] = [CommentRow.stream] if wanted.state == "open" else []
    keys = [*by_stream, CommentRow.queue_position, CommentRow.id]
    query = select(CommentRow).where(*_conditions(wanted))
    if cursor is not None:
        stream, *rest = read_queue_cursor(cursor)
        # A place in a list of another state says nothing of this one, which then begins at its first page.
        if bool(stream) == bool(by_stream):
            # All keys descend, so that one row comparison finds the place.
            query = query.where(tuple_(*keys) < tuple_(*([stream] if stream else []), *rest))
    rows = list(session.scalars(query.order_by(*(key.desc() for key in keys)).limit(limit + 1)))
    last = rows[limit - 1] if len(rows) > limit else None
    following = write_queue_cursor(last.stream, last.queue_position, last.id) if last else None
    return Page(load_items(session, rows[:limit]), following)


def waiting(session: Session, wanted: ItemFilter) -> Waiting:
    """Count what waits, stream by stream."""
    query = (
        select(CommentRow.stream, func.count(), func.min(CommentRow.since))
        .where(*_conditions(wanted))
        .group_by(CommentRow.stream)
    )
    counts: dict[Stream, int] = dict.fromkeys(STREAMS, 0)
    oldest: list[datetime] = []
    for stream, number, since in session.execute(query):
        counts[cast("Stream", stream)] = number
        oldest.append(cast("datetime", since))
    return Waiting(counts, min(oldest, default=None))


def count(session: Session, wanted: ItemFilter) -> int:
    """Count the items that somebody asked to see."""
    return session.scalar(select(func.count()).select_from(CommentRow).where(*_conditions(wanted))) or 0


def articles_in(session: Session, state: State) -> tuple[tuple[ArticleRow, int], ...]:
    """Return the articles that have items in this state, with how many; those with most first."""
    counted = (
        select(CommentRow.article_id, func.count().label("count"))
        .where(CommentRow.state == state)
        .group_by(CommentRow.article_id)
        .subquery()
    )
    query = (
        select(ArticleRow, counted.c.count)
        .join(counted, counted.c.article_id == ArticleRow.id)
        .order_by(counted.c.count.desc(), ArticleRow.id)
        .limit(MOST_CHOICES)
    )
    return tuple((article, number) for article, number in session.execute(query))


def sections(session: Session) -> tuple[str, ...]:
    """Return the sections that articles are in."""
    query = select(ArticleRow.section).distinct().where(ArticleRow.section.is_not(None)).order_by(ArticleRow.section)
    return tuple(section for section in session.scalars(query.limit(MOST_CHOICES)) if section)


def next_for(session: Session, moderator: str, wanted: ItemFilter, *, shares: Shares, lease: timedelta) -> Claim | None:
    """Hold the next item for a moderator; None if nothing waits that they may have.

    Who holds an item already gets it again, so that a reload changes nothing.

    Parameters
    ----------
    session
        A write transaction.
    moderator
        Who asks.
    wanted
        What they asked to see; of which stream is left to the turns, unless they chose one.
    shares
        What share of what is shown each stream has.
    lease
        For how long the item is theirs.
    """
    held = session.scalar(_held(moderator, wanted))
    if held is not None and (again := _claim_one(session, held, moderator, lease, None)):
        return again
    turn = claims.turns_so_far(session)
    order = (wanted.stream,) if wanted.stream else stream_order(turn, shares)
    calm = session.scalar(
        select(CommentRow.extreme)
        .join(ClaimRow, ClaimRow.comment_id == CommentRow.id)
        .where(ClaimRow.moderator == moderator)
        .order_by(ClaimRow.id.desc())
        .limit(1)
    )
    for query in _candidates(moderator, wanted, order, calm=bool(calm)):
        # Another moderator may have been given the same one at this moment.
        for _ in range(_TRIES):
            row = session.scalar(query)
            if row is None:
                break
            if found := _claim_one(session, row, moderator, lease, turn + 1):
                return found
    return None


def _candidates(
    moderator: str, wanted: ItemFilter, order: tuple[Stream, ...], *, calm: bool
) -> Iterator[Select[CommentRow]]:
    """Yield the queries to be tried one after the other: after an extreme item, first those for another kind."""
    free = (CommentRow.state == "open", claims.free_for(moderator))
    for extreme in ((CommentRow.extreme == false(),), ()) if calm else ((),):
        for stream in order:
            yield (
                select(CommentRow)
                .where(*_conditions(wanted), CommentRow.stream == stream, *free, *extreme)
                .order_by(CommentRow.queue_position.desc(), CommentRow.id.desc())
                .limit(1)
                # Only PostgreSQL needs it; SQLite lets one writer in at a time.
                .with_for_update(of=CommentRow, skip_locked=True)
            )


def _claim_one(session: Session, row: CommentRow, moderator: str, lease: timedelta, turn: int | None) -> Claim | None:
    """Claim an item for a moderator; None if a colleague was faster."""
    try:
        with session.begin_nested():
            found = claims.claim(session, row, moderator, lease, turn=turn)
    except IntegrityError:
        return None
    return found if found.moderator == moderator else None


def _held(moderator: str, wanted: ItemFilter) -> Select[CommentRow]:
    """Return the query for the items that a moderator holds."""
    return (
        select(CommentRow)
        .join(ClaimRow, ClaimRow.comment_id == CommentRow.id)
        .where(
            *_conditions(wanted),
            ClaimRow.moderator == moderator,
            ClaimRow.ended_at.is_(None),
            ClaimRow.until > datetime.now(UTC),
        )
        .order_by(ClaimRow.id.desc())
        .limit(1)
        .with_for_update(of=CommentRow)
    )


def _conditions(wanted: ItemFilter) -> list[ColumnElement[bool]]:
    """Write down which rows of the comment table a moderator asked to see."""
    conditions: list[ColumnElement[bool]] = [CommentRow.state == wanted.state]
    if wanted.state != "open":
        # True of all of them; said so that the index is used up to their order.
        conditions.append(CommentRow.stream.is_(None))
        if not wanted.erased:
            # The audit has what was decided.
            conditions.append(CommentRow.erased_at.is_(None))
    elif wanted.stream is not None:
        conditions.append(CommentRow.stream == wanted.stream)
    if wanted.article_id is not None:
        conditions.append(CommentRow.article_id == wanted.article_id)
    if wanted.author is not None:
        conditions.append(CommentRow.author == wanted.author)
    articles = select(ArticleRow.id)
    if wanted.section is not None:
        conditions.append(CommentRow.article_id.in_(articles.where(ArticleRow.section == wanted.section)))
    if wanted.watched:
        conditions.append(CommentRow.article_id.in_(articles.where(ArticleRow.watched)))
    if wanted.about is not None:
        names = [name for name in BY_NAME if name != "off_topic"] if wanted.about == "abuse" else [wanted.about]
        conditions.append(or_(*(CommentRow.about.contains(f" {name} ", autoescape=True) for name in names)))
    return conditions
