"""Articles and comments: nothing that was accepted is lost or doubled."""

import random
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import UnknownRecord
from model.reading.characters import is_readable
from model.records import Article, Comment
from service.moderation.decisions import settle
from service.storage.items import article_of, reason_to_json, spans_to_json
from service.storage.records import FlagReason, Judgement
from service.storage.tables import ArticleRow, CommentRow, EditRow, FlagRow, ScoreRow
from service.triage.order import Stream, doubt_weight, flag_rank
from service.webhooks import outbox

#: Why a comment is looked at that nothing else speaks against.
COURT_CASE_REASON = FlagReason("Its article is marked as a court case: a person reads every comment on it.")
# Written down once, and no object made of the row: each score of a comment below an article asks this.
_ARTICLE = select(*(getattr(ArticleRow, field.name) for field in fields(Article))).where(
    ArticleRow.id == bindparam("article_id")
)
# Not a seeded generator: workers that are forked would all draw the same.
_CHANCE = random.SystemRandom()


def save_article(session: Session, article: Article) -> bool:
    """Create an article or replace it; tell whether it is new."""
    if article.id is None:
        raise ValueError("An article to be stored needs an id.")
    row = session.get(ArticleRow, article.id)
    new = row is None
    if row is None:
        row = _fill(ArticleRow(id=article.id), article)
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:
            # On PostgreSQL two writers can both find the id free; the slower one now finds it taken.
            row, new = session.get_one(ArticleRow, article.id), False
    _fill(row, article)
    session.flush()
    return new


def _fill(row: ArticleRow, article: Article) -> ArticleRow:
    row.title, row.body, row.url = article.title, article.body, article.url
    row.section, row.published_at, row.received_at = article.section, article.published_at, datetime.now(UTC)
    return row


def get_article(session: Session, article_id: str) -> Article:
    """Give an article; raise UnknownRecord if it is not stored."""
    row = session.connection().execute(_ARTICLE, {"article_id": article_id}).one_or_none()
    if row is None:
        raise UnknownRecord(f"There is no article {article_id!r}: store it first with PUT /v1/articles/<id>.")
    return Article(**row._mapping)  # noqa: SLF001 - public by SQLAlchemy's documentation, as in a namedtuple


def latest_articles(session: Session, most: int, known: Mapping[str, Article]) -> dict[str, Article]:
    """Give the articles that came in last, by their ids; one of `known` is given itself if it is unchanged."""
    rows = session.scalars(select(ArticleRow).order_by(ArticleRow.received_at.desc(), ArticleRow.id).limit(most))
    found = {row.id: article_of(row) for row in rows}
    return {key: known[key] if known.get(key) == article else article for key, article in found.items()}


def has_text(article: Article) -> bool:
    """Tell whether there is anything to compare a comment with; an article may be known before its text."""
    return is_readable(article.title) or is_readable(article.body)


def find_article(session: Session, *, article_id: str, url: str) -> Article | None:
    """Give the article that has text and this id, or else this address; the latest of several."""
    by_id = session.get(ArticleRow, article_id)
    by_url = select(ArticleRow).where(ArticleRow.url == url).order_by(ArticleRow.received_at.desc())
    found = [by_id] if by_id is not None else []
    if url:
        found += session.scalars(by_url)
    return next((article for article in map(article_of, found) if has_text(article)), None)


def note_article(session: Session, article_id: str, url: str) -> None:
    """Note that there is an article; what is known of it stays, and its text comes later."""
    row = session.get(ArticleRow, article_id)
    if row is None:
        save_article(session, Article(id=article_id, url=url))
    elif not row.url:
        row.url = url


def find_text(session: Session, comment_id: str | None) -> str | None:
    """Give a stored comment's text, or None."""
    return None if comment_id is None else session.scalar(select(CommentRow.text).where(CommentRow.id == comment_id))


def is_stored(session: Session, comment: Comment) -> bool:
    """Tell whether the comment is stored with this very content: then there is nothing to do.

    What the newspaper left out now, but told earlier, is not a difference.
    """
    row = session.get(CommentRow, comment.id)
    return row is not None and not _differences(row, comment)


def save_comment(session: Session, comment: Comment, judgement: Judgement, *, random_rate: float = 0.0) -> bool:
    """Store a comment with what the scorer made of it; tell whether it is new.

    The same comment again changes nothing. A comment with a known id and
    another content is an edit: its former text and scores are kept.

    Parameters
    ----------
    session
        A write transaction.
    comment, judgement
        What is stored.
    random_rate
        How likely a new comment is to be drawn for the random stream,
        whatever its scores.
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
        if _CHANCE.random() < random_rate:
            _add_flag(session, row, "random", (), 1.0, random_rate, now, judgement.bundle_version)
        _add_judgement(session, row, judgement, now)
        _settle_parent(session, row)
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


def flag_for_court_case(session: Session, row: CommentRow, now: datetime) -> None:
    """Send a comment to review since its article is marked as a court case."""
    _add_flag(session, row, "safety", (COURT_CASE_REASON,), flag_rank((), court_case=True), 1.0, now, "")
    settle(session, row)


def _differences(row: CommentRow, comment: Comment) -> list[str]:
    if row.erased_at is not None:
        return []  # what was erased does not come back
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
    reasons = judgement.reasons
    court_case = session.get_one(ArticleRow, row.article_id).court_case
    if court_case:
        reasons = (*reasons, COURT_CASE_REASON)
    if reasons:
        rank = flag_rank(judgement.reasons, court_case=court_case)
        _add_flag(session, row, "safety", reasons, rank, 1.0, now, judgement.bundle_version)
    elif judgement.doubt is not None:
        rank = doubt_weight(judgement.doubt.score or 0.0, judgement.doubt.threshold or 0.0)
        _add_flag(session, row, "doubt", (judgement.doubt,), rank, 1.0, now, judgement.bundle_version)
    settle(session, row)


def _add_flag(
    session: Session,
    row: CommentRow,
    stream: Stream,
    reasons: tuple[FlagReason, ...],
    rank: float,
    probability: float,
    now: datetime,
    bundle_version: str,
) -> None:
    session.add(
        FlagRow(
            comment_id=row.id,
            revision=row.revision,
            reasons=[reason_to_json(reason) for reason in reasons],
            stream=stream,
            rank=rank,
            probability=probability,
            raised_at=now,
            bundle_version=bundle_version,
        ),
    )
    outbox.tell_flagged(session, row, stream, reasons, bundle_version)


def _settle_parent(session: Session, row: CommentRow) -> None:
    """Work out anew where the answered comment stands: it is read by more now."""
    if row.parent_id is None:
        return
    parent = session.get(CommentRow, row.parent_id, with_for_update=True)
    if parent is not None and parent.state == "open" and parent.stream == "safety":
        settle(session, parent)
