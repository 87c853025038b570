"""Articles: stored, found, and marked by moderators to be watched or to have every comment read."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from model.errors import InvalidInput, UnknownRecord
from model.reading.characters import is_readable
from model.records import Article
from service.moderation.flags import COURT_CASE_REASON, flag_for_court_case
from service.storage import audit
from service.storage.database import Database
from service.storage.items import article_of, load_items, not_undone
from service.storage.records import CourtCase, Item
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow
from service.triage.order import COURT_CASE, REPLY_REACH

LONGEST_JURISDICTION = 64
_AT_ONCE = 100
# Written down once, and no object made of the row: each score of a comment below an article asks this.
_ARTICLE = select(*(getattr(ArticleRow, field.name) for field in fields(Article))).where(
    ArticleRow.id == bindparam("article_id")
)


def save_article(session: Session, article: Article) -> bool:
    """Create an article or replace it; return whether it is new."""
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


def get_article(session: Session, article_id: str) -> Article:
    """Return an article; raise UnknownRecord if it is not stored."""
    row = session.connection().execute(_ARTICLE, {"article_id": article_id}).one_or_none()
    if row is None:
        raise UnknownRecord(f"There is no article {article_id!r}: store it first with PUT /v1/articles/<id>.")
    return Article(**row._mapping)  # noqa: SLF001 - public by SQLAlchemy's documentation, as in a namedtuple


def get_articles(session: Session, article_ids: Iterable[str]) -> dict[str, Article | UnknownRecord]:
    """Return some articles by their ids; the error stands in the place of one that is not stored."""
    found: dict[str, Article | UnknownRecord] = {}
    for article_id in article_ids:
        try:
            found[article_id] = get_article(session, article_id)
        except UnknownRecord as error:
            found[article_id] = error
    return found


def latest_articles(session: Session, most: int, known: Mapping[str, Article]) -> dict[str, Article]:
    """Return the articles that came in last, by their ids; one of `known` is given itself if it is unchanged."""
    rows = session.scalars(select(ArticleRow).order_by(ArticleRow.received_at.desc(), ArticleRow.id).limit(most))
    found = {row.id: article_of(row) for row in rows}
    return {key: known[key] if known.get(key) == article else article for key, article in found.items()}


def find_article(session: Session, *, article_id: str, url: str) -> Article | None:
    """Return the article that has text and this id, or else this address; the latest of several."""
    by_id = session.get(ArticleRow, article_id)
    by_url = select(ArticleRow).where(ArticleRow.url == url).order_by(ArticleRow.received_at.desc())
    found = [by_id] if by_id is not None else []
    if url:
        found += session.scalars(by_url)
    return next((article for article in map(article_of, found) if has_text(article)), None)


def note_article(session: Session, article_id: str, url: str) -> None:
    """Note that an article exists; what is known of it stays, and its text may come later."""
    row = session.get(ArticleRow, article_id)
    if row is None:
        save_article(session, Article(id=article_id, url=url))
    elif not row.url:
        row.url = url


def has_text(article: Article) -> bool:
    """Return whether there is anything to compare a comment with; an article may be known before its text."""
    return is_readable(article.title) or is_readable(article.body)


def watch(session: Session, article_id: str, *, on: bool, who: str) -> None:
    """Put an article on the watch list, or take it off."""
    _article(session, article_id).watched = on
    audit.record(session, "article.watch", who=who, about=article_id, why="on" if on else "off")


def mark_court_case(db: Database, article_id: str, case: CourtCase | None, *, who: str) -> int:
    """Send all comments of an article to review, those that are there and those to come; with None, no longer.

    What waits already is put where the mark says, and goes on waiting there
    when the mark is taken away or runs out.

    Returns
    -------
    int
        How many comments were sent to review, or up the queue, now: all but
        those on whose present text a decision holds.
    """
    if case is not None:
        check_case(case, datetime.now(UTC))
    with db.write() as session:
        article, told = _article(session, article_id), case or CourtCase()
        article.court_case = case is not None
        article.court_jurisdiction, article.court_from, article.court_until = told.jurisdiction, told.since, told.until
        audit.record(session, "article.court-case", who=who, about=article_id, why=_why(case))
    if case is None:
        return 0
    sent, last = 0, ""
    # In small steps: an article may have thousands of comments, and others want to write too.
    while True:
        with db.write() as session:
            rows = session.scalars(_unread(article_id, last)).all()
            for row, item in zip(rows, load_items(session, rows), strict=True):
                if not _stands_as_court_case(item):
                    flag_for_court_case(session, row, item.judgement)
                    sent += 1
        if not rows:
            return sent
        last = rows[-1].id


def check_case(case: CourtCase, now: datetime) -> None:
    """Raise InvalidInput if a mark would not be in force now."""
    if case.jurisdiction and len(case.jurisdiction) > LONGEST_JURISDICTION:
        raise InvalidInput(
            f"The jurisdiction has {len(case.jurisdiction)} characters: use at most {LONGEST_JURISDICTION}."
        )
    if case.since and case.since > now:
        raise InvalidInput("The first day is still to come: mark the article on that day.")
    if not case.is_active(now):
        raise InvalidInput("The last day is over: choose a later one, or leave it empty.")


def _why(case: CourtCase | None) -> str:
    """Write for the audit what a court case's setting was."""
    if case is None:
        return "off"
    days = [f"{name} {day:%Y-%m-%d}" for name, day in (("from", case.since), ("until", case.until)) if day]
    return ", ".join(["on", *filter(None, [case.jurisdiction]), *days])


def _stands_as_court_case(item: Item) -> bool:
    """Return whether a comment waits where the mark puts it already."""
    told = COURT_CASE_REASON in item.judgement.reasons
    return item.state == "open" and told and item.rank >= COURT_CASE * REPLY_REACH


def _unread(article_id: str, last: str) -> Select[CommentRow]:
    """Return the query for an article's next comments that nobody has decided on as they are now written."""
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
            or_(CommentRow.state == "open", ~decided),
        )
        .order_by(CommentRow.id)
        .limit(_AT_ONCE)
        .with_for_update()
    )


def _fill(row: ArticleRow, article: Article) -> ArticleRow:
    """Write what a newspaper sent of an article into its row."""
    row.title, row.body, row.url = article.title, article.body, article.url
    row.section, row.published_at, row.received_at = article.section, article.published_at, datetime.now(UTC)
    return row


def _article(session: Session, article_id: str) -> ArticleRow:
    """Fetch an article for change."""
    row = session.get(ArticleRow, article_id, with_for_update=True)
    if row is None:
        raise UnknownRecord(f"There is no article {article_id!r}.")
    return row
