"""What the console asks of the database beyond `service.review`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, Text, cast, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session, aliased

from model.attributes import BY_NAME
from service.items import decision_of, load_items
from service.records import Decision, Item, State
from service.tables import ArticleRow, CommentRow, DecisionRow, EditRow, FlagRow, ReportRow, ScoreRow

#: More than this of a thread is not shown at once.
MOST_OF_A_THREAD = 50
_DECISIONS_SEARCHED = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items a moderator asked to see.

    `about` is an attribute, or `abuse` (any but off topic), or `reported`.
    """

    state: State = "open"
    article_id: str | None = None
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a page begins: after the item with this rank and id."""

    rank: float
    comment_id: str


@dataclass(frozen=True, slots=True)
class Scored:
    """What one bundle said of one revision of a comment."""

    bundle_version: str
    revision: int
    scored_at: datetime
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that its author replaced."""

    revision: int
    text: str
    replaced_at: datetime


def find_items(session: Session, wanted: Wanted, *, after: Place | None, limit: int) -> tuple[Item, ...]:
    """Give the items that a moderator asked to see, worst first."""
    query = select(CommentRow).where(*_conditions(wanted))
    if after is not None:
        query = query.where(tuple_(CommentRow.rank, CommentRow.id) < tuple_(after.rank, after.comment_id))
    query = query.order_by(CommentRow.rank.desc(), CommentRow.id.desc()).limit(limit)
    return load_items(session, list(session.scalars(query)))


def count_wanted(session: Session, wanted: Wanted) -> int:
    """Count the items that a moderator asked to see."""
    return session.scalar(select(func.count()).select_from(CommentRow).where(*_conditions(wanted))) or 0


def articles_in(session: Session, state: State) -> tuple[tuple[str, str, int], ...]:
    """Give id, title and number of items of each article that has some in this state."""
    query = (
        select(ArticleRow.id, ArticleRow.title, func.count())
        .join(CommentRow, CommentRow.article_id == ArticleRow.id)
        .where(CommentRow.state == state)
        .group_by(ArticleRow.id, ArticleRow.title)
        .order_by(func.count().desc(), ArticleRow.id)
    )
    return tuple((article_id, title, count) for article_id, title, count in session.execute(query))


def waiting_since(session: Session, comment_ids: Collection[str]) -> dict[str, datetime]:
    """Tell since when each of these open comments has waited.

    A comment waits from the first flag or report that came in after the
    decision that holds, not from its first flag ever.
    """
    events = _unseen(CommentRow.id.in_(comment_ids))
    query = select(events.c.comment_id, func.min(events.c.at)).group_by(events.c.comment_id)
    return {comment_id: since for comment_id, since in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def oldest(session: Session, wanted: Wanted) -> datetime | None:
    """Tell since when the longest waiting of these comments has waited."""
    events = _unseen(*_conditions(wanted))
    found: datetime | None = session.scalar(select(func.min(events.c.at)))
    return found


def thread_of(session: Session, item: Item) -> tuple[Item, ...]:
    """Give the comments that an item answers, the item itself, and its replies, in that order."""
    above: list[CommentRow] = []
    seen = {item.comment.id}
    parent_id = item.comment.parent_id
    while parent_id is not None and parent_id not in seen and len(above) < MOST_OF_A_THREAD:
        seen.add(parent_id)
        row = session.get(CommentRow, parent_id)
        if row is None:
            break
        above.append(row)
        parent_id = row.parent_id
    replies = session.scalars(
        select(CommentRow)
        .where(CommentRow.parent_id == item.comment.id, CommentRow.id != item.comment.id)
        .order_by(CommentRow.posted_at, CommentRow.id)
        .limit(MOST_OF_A_THREAD),
    ).all()
    return (*load_items(session, above[::-1]), item, *load_items(session, replies))


def parents_of(session: Session, items: Collection[Item]) -> dict[str, Item]:
    """Give the comments that these items answer, by id, where they are stored."""
    ids = {item.comment.parent_id for item in items} - {None}
    rows = list(session.scalars(select(CommentRow).where(CommentRow.id.in_(ids))))
    return {str(parent.comment.id): parent for parent in load_items(session, rows)}


def scores_of(session: Session, comment_id: str) -> tuple[Scored, ...]:
    """Give all that bundles ever said of a comment, latest first."""
    rows = session.scalars(select(ScoreRow).where(ScoreRow.comment_id == comment_id).order_by(ScoreRow.id.desc()))
    return tuple(Scored(row.bundle_version, row.revision, row.scored_at, dict(row.scores)) for row in rows)


def edits_of(session: Session, comment_id: str) -> tuple[Edit, ...]:
    """Give the texts that the author replaced, latest first."""
    rows = session.scalars(
        select(EditRow).where(EditRow.comment_id == comment_id).order_by(EditRow.revision.desc()),
    )
    return tuple(Edit(row.revision, row.text, row.replaced_at) for row in rows)


def last_decision(session: Session, moderator: str, *, since: datetime) -> Decision | None:
    """Give a moderator's latest decision that still can be taken back, if it is not older than `since`."""
    latest = session.scalar(select(func.max(DecisionRow.id))) or 0
    undo = aliased(DecisionRow)
    row = session.scalar(
        select(DecisionRow)
        .where(
            # Bounds the search: there is no index on the moderator.
            DecisionRow.id > latest - _DECISIONS_SEARCHED,
            DecisionRow.moderator == moderator,
            DecisionRow.verdict != "undo",
            DecisionRow.decided_at >= since,
            ~select(undo.id).where(undo.undoes == DecisionRow.id).exists(),
        )
        .order_by(DecisionRow.id.desc())
        .limit(1),
    )
    return None if row is None else decision_of(row)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Write down which rows of the comment table a moderator asked to see."""
    conditions: list[ColumnElement[bool]] = [CommentRow.state == wanted.state]
    if wanted.article_id is not None:
        conditions.append(CommentRow.article_id == wanted.article_id)
    # Aliases: the queries that these conditions end in may read the same tables.
    if wanted.about == "reported":
        report = aliased(ReportRow)
        conditions.append(select(report.id).where(report.comment_id == CommentRow.id).correlate(CommentRow).exists())
    elif wanted.about is not None:
        flag, any_flag = aliased(FlagRow), aliased(FlagRow)
        latest = (
            select(func.max(any_flag.id))
            .where(any_flag.comment_id == CommentRow.id)
            .correlate(CommentRow)
            .scalar_subquery()
        )
        # As `reason_to_json` writes it: a span's attribute is not followed by a score. A quote
        # within a sentence is escaped in JSON, so that no text can pass for a key.
        names = [name for name in BY_NAME if name != "off_topic"] if wanted.about == "abuse" else [wanted.about]
        named = or_(
            *(cast(flag.reasons, Text).contains(f'"attribute": "{name}", "score"', autoescape=True) for name in names)
        )
        conditions.append(select(flag.id).where(flag.id == latest, named).correlate(CommentRow).exists())
    return conditions


def _unseen(*which: ColumnElement[bool]) -> Subquery:
    """Select the flags and reports that no holding decision has looked at."""
    decision, undo = aliased(DecisionRow), aliased(DecisionRow)
    holding = (
        select(func.max(decision.id))
        .where(
            decision.comment_id == CommentRow.id,
            decision.verdict != "undo",
            ~select(undo.id).where(undo.undoes == decision.id).correlate(decision).exists(),
        )
        .correlate(CommentRow)
        .scalar_subquery()
    )
    standing = aliased(DecisionRow)
    flags = (
        select(FlagRow.comment_id, FlagRow.raised_at.label("at"))
        .join(CommentRow, CommentRow.id == FlagRow.comment_id)
        .outerjoin(standing, standing.id == holding)
        .where(*which, FlagRow.id > func.coalesce(standing.last_flag, 0))
    )
    reports = (
        select(ReportRow.comment_id, ReportRow.created_at.label("at"))
        .join(CommentRow, CommentRow.id == ReportRow.comment_id)
        .outerjoin(standing, standing.id == holding)
        .where(*which, ReportRow.id > func.coalesce(standing.last_report, 0))
    )
    return union_all(flags, reports).subquery()
