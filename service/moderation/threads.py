"""What the console shows of an item: its thread, its scores over time, its author's history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session, aliased

from service.moderation.comments import get_comment
from service.storage.items import decision_of, load_items, not_undone
from service.storage.records import Decision, Item
from service.storage.tables.comments import CommentRow, DecisionRow, EditRow, ScoreRow

#: More than this of a thread is not shown at once.
MOST_OF_A_THREAD = 50
_MOST_REMOVALS = 5


@dataclass(frozen=True, slots=True)
class Scored:
    """One bundle's scores of one revision of a comment."""

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


@dataclass(frozen=True, slots=True)
class History:
    """What is known of an author besides the item itself.

    Attributes
    ----------
    comments
        How many of theirs are stored.
    kept, removed
        How many of them a person kept or removed, as it stands.
    waiting
        How many wait for a person.
    removals
        The latest few that were removed, latest first.
    """

    comments: int
    kept: int
    removed: int
    waiting: int
    removals: tuple[Item, ...]


def item_in_thread(session: Session, comment_id: str) -> tuple[Item, tuple[Item, ...]]:
    """Return an item, and its thread: the comments that it answers, the item itself, and its replies, in that order.

    Raises
    ------
    UnknownRecord
        If the comment is not stored.
    """
    about = get_comment(session, comment_id)
    above: list[CommentRow] = []
    seen = {about.id}
    parent_id = about.parent_id
    while parent_id is not None and parent_id not in seen and len(above) < MOST_OF_A_THREAD:
        seen.add(parent_id)
        row = session.get(CommentRow, parent_id)
        if row is None:
            break
        above.append(row)
        parent_id = row.parent_id
    replies = session.scalars(
        select(CommentRow)
        .where(CommentRow.parent_id == about.id, CommentRow.id != about.id)
        .order_by(CommentRow.posted_at.nulls_first(), CommentRow.id)
        .limit(MOST_OF_A_THREAD),
    ).all()
    thread = load_items(session, [*above[::-1], about, *replies])
    return thread[len(above)], thread


def scores_of(session: Session, comment_id: str) -> tuple[Scored, ...]:
    """Return all that bundles ever said of a comment, latest first."""
    rows = session.scalars(select(ScoreRow).where(ScoreRow.comment_id == comment_id).order_by(ScoreRow.id.desc()))
    return tuple(Scored(row.bundle_version, row.revision, row.scored_at, dict(row.scores)) for row in rows)


def edits_of(session: Session, comment_id: str) -> tuple[Edit, ...]:
    """Return the texts that the author replaced, latest first."""
    rows = session.scalars(
        select(EditRow).where(EditRow.comment_id == comment_id).order_by(EditRow.revision.desc()),
    )
    return tuple(Edit(row.revision, row.text, row.replaced_at) for row in rows)


def last_decisions(
    session: Session, moderator: str, *, since: datetime, most: int
) -> tuple[tuple[Decision, str | None], ...]:
    """Return a moderator's latest decisions that still can be taken back, each with the comment's author.

    Latest first; a batch counts once. On what was erased, nothing can be taken back.
    """
    latest = (
        select(func.max(DecisionRow.id))
        .join(CommentRow, CommentRow.id == DecisionRow.comment_id)
        .where(
            DecisionRow.moderator == moderator,
            DecisionRow.verdict != "undo",
            CommentRow.erased_at.is_(None),
            DecisionRow.decided_at >= since,
            not_undone(),
        )
        .group_by(func.coalesce(DecisionRow.batch, cast(DecisionRow.id, String)))
        .order_by(func.max(DecisionRow.id).desc())
        .limit(most)
    )
    rows = session.execute(
        select(DecisionRow, CommentRow.author)
        .join(CommentRow, CommentRow.id == DecisionRow.comment_id)
        .where(DecisionRow.id.in_(latest))
        .order_by(DecisionRow.id.desc())
    )
    return tuple((decision_of(row), author) for row, author in rows)


def decisions_of_batch(session: Session, batch: str) -> tuple[Decision, ...]:
    """Return the decisions made with one click, except those taken back or erased since."""
    rows = session.scalars(
        select(DecisionRow)
        .join(CommentRow, CommentRow.id == DecisionRow.comment_id)
        .where(
            DecisionRow.batch == batch,
            CommentRow.erased_at.is_(None),
            not_undone(),
        ),
    )
    return tuple(map(decision_of, rows))


def other_author(session: Session, names: Sequence[str]) -> str | None:
    """Return the one of these names that somebody has commented under, or None."""
    return session.scalar(select(CommentRow.author).where(CommentRow.author.in_(names)).limit(1)) if names else None


def history_of(session: Session, item: Item) -> History | None:
    """Return what is known of an item's author; None if nobody is named."""
    author = item.comment.author
    if author is None:
        return None
    comments, waiting = session.execute(
        select(func.count(), func.count().filter(CommentRow.state == "open")).where(CommentRow.author == author),
    ).one()
    later = aliased(DecisionRow)
    in_force = (
        select(DecisionRow.verdict, DecisionRow.comment_id, DecisionRow.id)
        .join(CommentRow, CommentRow.id == DecisionRow.comment_id)
        .where(
            CommentRow.author == author,
            CommentRow.id != item.comment.id,
            DecisionRow.verdict != "undo",
            not_undone(),
            ~select(later.id)
            .where(
                later.comment_id == DecisionRow.comment_id,
                later.id > DecisionRow.id,
                later.verdict != "undo",
                not_undone(later),
            )
            .correlate(DecisionRow)
            .exists(),
        )
        .subquery()
    )
    counted = session.execute(select(in_force.c.verdict, func.count()).group_by(in_force.c.verdict))
    verdicts: dict[str, int] = {verdict: number for verdict, number in counted}  # noqa: C416 - rows are no pairs to mypy
    removed = (
        select(CommentRow)
        .join(in_force, in_force.c.comment_id == CommentRow.id)
        .where(in_force.c.verdict == "remove")
        .order_by(in_force.c.id.desc())
        .limit(_MOST_REMOVALS)
    )
    removals = load_items(session, list(session.scalars(removed)))
    return History(comments, verdicts.get("keep", 0), verdicts.get("remove", 0), waiting, removals)
