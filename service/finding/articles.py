"""An article with all its comments in the order of their threads, and how heated they are."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from model.records import Article
from service.storage.items import article_of, court_case_of, load_items
from service.storage.records import CourtCase, Item
from service.storage.tables.comments import ArticleRow, CommentRow, FlagRow

#: Deeper answers stand no further to the right.
DEEPEST = 4
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class HourlyCount:
    """How many comments were posted in an hour, and how many of them were flagged."""

    begins: datetime
    comments: int
    flagged: int


@dataclass(frozen=True, slots=True)
class Commented:
    """An article, its marks, and what is stored below it; `verdicts` counts those in force."""

    article: Article
    watched: bool
    court_case: CourtCase | None
    comments: int
    waiting: int
    verdicts: dict[str, int]
    last: datetime | None


def get_commented(session: Session, article_id: str, now: datetime) -> Commented:
    """Return an article with the figures of its comments; raise UnknownRecord if it is not stored."""
    row = session.get(ArticleRow, article_id)
    if row is None:
        raise UnknownRecord(f"There is no article {article_id!r}.")
    below = CommentRow.article_id == article_id
    at = func.coalesce(CommentRow.posted_at, CommentRow.received_at)
    counts = session.execute(
        select(CommentRow.verdict, func.count(), func.count().filter(CommentRow.state == "open"))
        .where(below)
        .group_by(CommentRow.verdict)
    ).all()
    last = session.scalar(select(CommentRow).where(below).order_by(at.desc()).limit(1))
    return Commented(
        article=article_of(row),
        watched=row.watched,
        court_case=court_case_of(row, now),
        comments=sum(count for _, count, _ in counts),
        waiting=sum(waiting for _, _, waiting in counts),
        verdicts={verdict: count for verdict, count, _ in counts if verdict},
        last=None if last is None else last.posted_at or last.received_at,
    )


def threads_of(session: Session, article_id: str, *, start: int, limit: int) -> tuple[tuple[Item, int], ...]:
    """Return a page of an article's comments, each below what it answers, and how deep it stands."""
    order = list(_in_threads(session, article_id))[start : start + limit]
    rows = session.scalars(select(CommentRow).where(CommentRow.id.in_([name for name, _ in order])))
    by_id = {row.id: row for row in rows}
    items = load_items(session, [by_id[name] for name, _ in order])
    return tuple((item, depth) for item, (_, depth) in zip(items, order, strict=True))


def heat(session: Session, article_id: str, last: datetime) -> tuple[HourlyCount, ...]:
    """Count what was posted in each of the 24 hours up to the last comment."""
    begin = last.replace(minute=0, second=0, microsecond=0) - 23 * _HOUR
    flagged = select(FlagRow.id).where(FlagRow.comment_id == CommentRow.id, FlagRow.stream == "safety").exists()
    at = func.coalesce(CommentRow.posted_at, CommentRow.received_at)
    query = select(CommentRow.posted_at, CommentRow.received_at, flagged).where(
        CommentRow.article_id == article_id, at >= begin
    )
    comments, flags = [0] * 24, [0] * 24
    for posted_at, received_at, is_flagged in session.execute(query):
        hour = int(((posted_at or received_at) - begin) / _HOUR)
        comments[hour] += 1
        flags[hour] += is_flagged
    return tuple(HourlyCount(begin + number * _HOUR, comments[number], flags[number]) for number in range(24))


def _in_threads(session: Session, article_id: str) -> Iterator[tuple[str, int]]:
    """Yield the ids of an article's comments, the oldest thread first, each with its depth."""
    at = func.coalesce(CommentRow.posted_at, CommentRow.received_at)
    query = (
        select(CommentRow.id, CommentRow.parent_id)
        .where(CommentRow.article_id == article_id)
        .order_by(at, CommentRow.id)
    )
    parents: dict[str, str | None] = {name: parent for name, parent in session.execute(query)}  # noqa: C416
    answers: dict[str | None, list[str]] = defaultdict(list)
    for name, parent in parents.items():
        answers[parent if parent in parents and parent != name else None].append(name)
    seen: set[str] = set()
    # What answers each other in a circle begins no thread, and stands at the end.
    for begins in (*answers[None], *parents):
        open_ = [(begins, 0)]
        while open_:
            name, depth = open_.pop()
            if name not in seen:
                seen.add(name)
                yield name, depth
                open_ += [(answer, min(depth + 1, DEEPEST)) for answer in reversed(answers[name])]
