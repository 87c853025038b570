"""Marks that moderators set on articles: to be watched, and to have every comment read."""

from datetime import UTC, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from service.moderation.comments import flag_for_court_case
from service.storage import audit
from service.storage.database import Database
from service.storage.items import not_undone
from service.storage.tables import ArticleRow, CommentRow, DecisionRow

_AT_ONCE = 100


def watch(session: Session, article_id: str, *, on: bool, who: str) -> None:
    """Put an article on the watch list, or take it off."""
    _article(session, article_id).watched = on
    audit.record(session, "article.watch", who=who, about=article_id, why="on" if on else "off")


def mark_court_case(store: Database, article_id: str, *, on: bool, who: str) -> int:
    """Send all comments of an article to review, those that are there and those to come; or do so no longer.

    What waits already goes on waiting when the mark is taken away.

    Returns
    -------
    int
        How many comments were sent to review now: those on whose present text
        no decision holds and that nothing had brought into the safety stream.
    """
    with store.write() as session:
        _article(session, article_id).court_case = on
        audit.record(session, "article.court-case", who=who, about=article_id, why="on" if on else "off")
    if not on:
        return 0
    sent, last = 0, ""
    # In small steps: an article may have thousands of comments, and others want to write too.
    while True:
        with store.write() as session:
            rows = session.scalars(_unread(article_id, last)).all()
            for row in rows:
                flag_for_court_case(session, row, datetime.now(UTC))
        if not rows:
            return sent
        sent, last = sent + len(rows), rows[-1].id


def _unread(article_id: str, last: str) -> Select[CommentRow]:
    # Of the text as it is now, by a decision that holds.
    decided = (
        select(DecisionRow.id)
        .where(
            DecisionRow.comment_id == CommentRow.id,
            DecisionRow.revision == CommentRow.revision,
            DecisionRow.verdict != "undo",
            not_undone(),
        )
        .correlate(CommentRow)
        .exists()
    )
    return (
        select(CommentRow)
        .where(
            CommentRow.article_id == article_id,
            CommentRow.id > last,
            CommentRow.erased_at.is_(None),
            CommentRow.stream.is_distinct_from("safety"),
            ~decided,
        )
        .order_by(CommentRow.id)
        .limit(_AT_ONCE)
        .with_for_update()
    )


def _article(session: Session, article_id: str) -> ArticleRow:
    row = session.get(ArticleRow, article_id, with_for_update=True)
    if row is None:
        raise UnknownRecord(f"There is no article {article_id!r}.")
    return row
