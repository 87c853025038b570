"""Articles and comments: nothing that was accepted is lost or doubled."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from model.records import Article, Comment
from service.items import article_of, reason_to_json, spans_to_json
from service.records import Judgement
from service.review import rank_of, settle
from service.tables import ArticleRow, CommentRow, EditRow, FlagRow, ScoreRow


def save_article(session: Session, article: Article) -> bool:
    """Create an article or replace it; tell whether it is new."""
    if article.id is None:
        raise ValueError("An article to be stored needs an id.")
    row = session.get(ArticleRow, article.id)
    new = row is None
    if row is None:
        row = ArticleRow(id=article.id)
        session.add(row)
    row.title, row.body, row.url = article.title, article.body, article.url
    row.section, row.published_at, row.received_at = article.section, article.published_at, datetime.now(UTC)
    session.flush()
    return new


def get_article(session: Session, article_id: str) -> Article:
    """Give an article; raise UnknownRecord if it is not stored."""
    row = session.get(ArticleRow, article_id)
    if row is None:
        raise UnknownRecord(f"There is no article {article_id!r}: store it first with PUT /v1/articles/<id>.")
    return article_of(row)


def find_text(session: Session, comment_id: str | None) -> str | None:
    """Give a stored comment's text, or None."""
    return None if comment_id is None else session.scalar(select(CommentRow.text).where(CommentRow.id == comment_id))


def is_stored(session: Session, comment: Comment) -> bool:
    """Tell whether the comment is stored with this very content: then there is nothing to do.

    What the newspaper left out now, but told earlier, is not a difference.
    """
    row = session.get(CommentRow, comment.id)
    return row is not None and not _differences(row, comment)


def save_comment(session: Session, comment: Comment, judgement: Judgement) -> bool:
    """Store a comment with what the scorer made of it; tell whether it is new.

    The same comment again changes nothing. A comment with a known id and
    another content is an edit: its former text and scores are kept.
    """
    row = session.get(CommentRow, comment.id, with_for_update=True)
    now = datetime.now(UTC)
    if row is None:
        row = CommentRow(
            id=comment.id,
            article_id=comment.article_id,
            parent_id=comment.parent_id,
            author=comment.author,
            text=comment.text,
            posted_at=comment.posted_at,
            received_at=now,
            revision=1,
            rank=0.0,
        )
        session.add(row)
        session.flush()
        _add_judgement(session, row, judgement, now)
        return True
    differences = _differences(row, comment)
    if not differences:
        return False
    judged_anew = {"text", "article_id", "parent_id"} & set(differences)
    if judged_anew:
        session.add(EditRow(comment_id=row.id, revision=row.revision, text=row.text, replaced_at=now))
        row.revision += 1
    for name in differences:
        setattr(row, name, getattr(comment, name))
    if judged_anew:
        _add_judgement(session, row, judgement, now)
    return False


def _differences(row: CommentRow, comment: Comment) -> list[str]:
    names = ("article_id", "parent_id", "author", "text", "posted_at")
    return [name for name in names if getattr(comment, name) not in (None, getattr(row, name))]


def _add_judgement(session: Session, row: CommentRow, judgement: Judgement, now: datetime) -> None:
    if judgement.scores is not None:
        subjects = judgement.scores.subjects
        session.add(
            ScoreRow(
                comment_id=row.id,
                revision=row.revision,
                bundle_version=judgement.bundle_version,
                scores=dict(judgement.scores.values),
                spans=spans_to_json(judgement.scores.spans),
                subjects=None if subjects is None else {"comment": subjects.comment, "article": subjects.article},
                scored_at=now,
            ),
        )
    if judgement.reasons:
        session.add(
            FlagRow(
                comment_id=row.id,
                revision=row.revision,
                reasons=[reason_to_json(reason) for reason in judgement.reasons],
                stream="safety",
                rank=rank_of(judgement.reasons),
                probability=1.0,
                raised_at=now,
                bundle_version=judgement.bundle_version,
            ),
        )
    settle(session, row)
