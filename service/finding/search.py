"""Comments by their words, author, article, id, day and verdict, the newest first.

Every field is a field of one index of words (migration 0016), so the database
meets several conditions at once, and stops at the end of the page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias
from unicodedata import combining, normalize

from sqlalchemy import ColumnElement, Row, Select, column, func, select, table, text
from sqlalchemy.orm import Session

from service.storage.items import load_items
from service.storage.records import Item
from service.storage.tables.comments import ArticleRow, CommentRow, SearchRow

#: More words, or articles with those words in their titles, do not make a search more exact.
MOST_WORDS = 20
MOST_ARTICLES = 100
#: `none` is what nobody has decided on.
Found = Literal["keep", "remove", "amend", "escalate", "none"]
_PART = re.compile(r'"([^"]*)"?|(\S+)')
_FIRST, _LAST = date(1990, 1, 1), date(2099, 12, 31)
#: Among so many of the newest comments is a page of whatever is in one of several hundred.
_NEWEST = 20_000
#: What asks the index, and the comments' numbers in it.
_Query: TypeAlias = "tuple[Select[int, str], ColumnElement[int]]"
#: How each field is called in PostgreSQL's index, which knows four weights and no names.
_WEIGHTS = {"text": "A", "author": "B", "article": "C", "verdict": "D", "day": "D"}


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What somebody searches for; an empty field asks for nothing.

    Attributes
    ----------
    words
        All of them are in the text. Quotes hold a phrase together, and a star
        at the end of a word stands for any ending.
    author
        Words of the name, in this order; the last may be cut short.
    article
        An article's id, or a part of its title.
    comment_id
        The comment's own id.
    since, until
        When it was posted, or came in if nobody said when.
    verdict
        Of the decision in force.
    """

    words: str = ""
    author: str = ""
    article: str = ""
    comment_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    verdict: Found | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some comments, and the number before which the next page begins; None at the end."""

    items: tuple[Item, ...]
    following: int | None


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Words that stand beside each other in one field; a `prefix` may go on."""

    field: str
    words: tuple[str, ...]
    prefix: bool = False


def search(session: Session, wanted: SearchQuery, *, before: int | None = None, limit: int = 50) -> SearchPage:
    """Return the comments that match, the newest first.

    Parameters
    ----------
    session
        To read by.
    wanted
        What they look for.
    before
        Where the page begins: `following` of the one before.
    limit
        The most comments of a page.
    """
    articles = _articles(session, wanted.article) if wanted.article else ()
    conditions = _conditions(wanted, articles)
    phrases = [*_written(wanted.words), *_named("author", wanted.author, prefix=True)]
    nothing_to_look_for = wanted.words.strip() and not any(phrase.field == "text" for phrase in phrases)
    if nothing_to_look_for or (wanted.article and not articles):
        return SearchPage((), None)
    groups = [[phrase] for phrase in phrases]
    groups += filter(None, [[phrase for name in articles for phrase in _named("article", name)]])
    groups += [[_Phrase("verdict", (wanted.verdict,))]] if wanted.verdict else []
    groups += [[_Phrase("day", (day,)) for day in _days(wanted)]] if wanted.since or wanted.until else []
    found: Sequence[Row[int, str]] = ()
    for query, number in _queries(session, () if wanted.comment_id else groups, before):
        asked = query.where(*conditions, *([number < before] if before is not None else []))
        found = session.execute(asked.order_by(number.desc()).limit(limit + 1)).all()
        if len(found) > limit:
            break
    following = found[limit - 1][0] if len(found) > limit else None
    rows = session.scalars(select(CommentRow).where(CommentRow.id.in_([row[1] for row in found[:limit]])))
    by_id = {row.id: row for row in rows}
    return SearchPage(load_items(session, [by_id[name] for _, name in found[:limit]]), following)


def _conditions(wanted: SearchQuery, articles: Sequence[str]) -> list[ColumnElement[bool]]:
    """Write down, for a search, what the index does not say, or says only nearly."""
    conditions: list[ColumnElement[bool]] = [CommentRow.erased_at.is_(None)]
    at = func.coalesce(CommentRow.posted_at, CommentRow.received_at)
    if articles:
        conditions.append(CommentRow.article_id.in_(articles))
    if wanted.author and not _words(wanted.author):
        # A name of signs alone is no word.
        conditions.append(CommentRow.author == wanted.author)
    if wanted.comment_id:
        conditions.append(CommentRow.id == wanted.comment_id)
    if wanted.since is not None:
        conditions.append(at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at <= wanted.until)
    return conditions


def _articles(session: Session, given: str) -> tuple[str, ...]:
    """Return the article with this id, or else the latest whose titles hold these letters."""
    if session.get(ArticleRow, given) is not None:
        return (given,)
    query = select(ArticleRow.id).where(ArticleRow.title.icontains(given, autoescape=True))
    return tuple(session.scalars(query.order_by(ArticleRow.received_at.desc()).limit(MOST_ARTICLES)))


def _queries(session: Session, groups: Sequence[Sequence[_Phrase]], before: int | None) -> Iterator[_Query]:
    """Ask for comments with a phrase of each group, in more than one way where the first may not find a page."""
    if not groups:
        yield _unindexed()
    elif session.get_bind().dialect.name == "sqlite":
        yield _of_fts5(groups)
    else:
        yield from _of_tsvectors(session, groups, before)


def _unindexed() -> _Query:
    """Return the query for a search without words."""
    query = select(SearchRow.number, SearchRow.comment_id).join(CommentRow, CommentRow.id == SearchRow.comment_id)
    return query, SearchRow.number.expression


def _of_fts5(groups: Sequence[Sequence[_Phrase]]) -> _Query:
    """Ask SQLite's full-text index for comments."""
    number: ColumnElement[int] = table("comment_words", column("rowid")).c.rowid
    asked = " AND ".join(f"({' OR '.join(map(_fts5, group))})" for group in groups)
    condition = text("comment_words MATCH :asked").bindparams(asked=asked)
    # A sum, since SQLite would else look each comment up in the index of words, and not the reverse.
    return _joined(number, number + 0).where(condition), number


def _of_tsvectors(session: Session, groups: Sequence[Sequence[_Phrase]], before: int | None) -> Iterator[_Query]:
    """Ask PostgreSQL's: among the newest comments first, and among all where these do not fill a page.

    It does not know how many comments hold some words together, or the
    beginning of one, and so would look through a million for what is in ten.
    What is in many is among the newest often enough; for what is in few, it
    is made to use the index.
    """
    words = table("comment_words", column("number"))
    asked = " & ".join(f"({' | '.join(map(_tsquery, group))})" for group in groups)
    condition = text("comment_words.words @@ to_tsquery('simple', :asked)").bindparams(asked=asked)
    end = before or (session.scalar(select(func.max(SearchRow.number))) or 0) + 1
    newest = words.c.number
    yield _joined(newest, newest).where(condition, newest >= end - _NEWEST), newest
    # With the offset and the sum it does not think of walking through all comments in their order.
    number = select(newest).where(condition).order_by(newest.desc()).offset(0).subquery().c.number
    yield _joined(number, number + 0), number


def _joined(number: ColumnElement[int], found: ColumnElement[int]) -> Select[int, str]:
    """Return the query for comments by their numbers in the index."""
    query = select(number, SearchRow.comment_id).join(SearchRow, SearchRow.number == found)
    return query.join(CommentRow, CommentRow.id == SearchRow.comment_id)


def _fts5(phrase: _Phrase) -> str:
    """Write a phrase for SQLite's full-text index."""
    # Words hold no quotes.
    return f'{phrase.field} : "{" ".join(phrase.words)}"{" *" if phrase.prefix else ""}'


def _tsquery(phrase: _Phrase) -> str:
    """Write a phrase for PostgreSQL's full-text search."""
    weight = _WEIGHTS[phrase.field]
    # SQLite's index does this to words by itself.
    bare = ["".join(one for one in normalize("NFKD", word) if not combining(one)).lower() for word in phrase.words]
    words = [f"verdict{word}" if phrase.field == "verdict" else word for word in bare]
    ends = [""] * (len(words) - 1) + ["*" if phrase.prefix else ""]
    return " <-> ".join(f"'{word}':{end}{weight}" for word, end in zip(words, ends, strict=True))


def _written(given: str) -> Iterator[_Phrase]:
    """Read what somebody typed into the search."""
    for quoted, word in _PART.findall(given)[:MOST_WORDS]:
        if words := _words(quoted or word):
            yield _Phrase("text", words, prefix=word.endswith("*"))


def _named(field: str, name: str, *, prefix: bool = False) -> Iterator[_Phrase]:
    """Yield the phrase that finds a name in a field; none if it has no words."""
    if words := _words(name):
        yield _Phrase(field, words, prefix)


def _words(given: str) -> tuple[str, ...]:
    """Cut a text into words; case and accents make no difference to either index."""
    return tuple(re.findall(r"[^\W_]+", "".join(one for one in normalize("NFC", given) if not combining(one))))


def _days(wanted: SearchQuery) -> Iterator[str]:
    """Write a span of time as years, months and days, as few as they can be."""
    day = max(_FIRST, wanted.since.astimezone(UTC).date()) if wanted.since else _FIRST
    last = min(_LAST, wanted.until.astimezone(UTC).date()) if wanted.until else _LAST
    while day <= last:
        for form, following in (("%Y", _next_year(day)), ("%Y%m", _next_month(day)), ("%Y%m%d", day + timedelta(1))):
            begins = day.strftime(form) != (day - timedelta(1)).strftime(form)
            if begins and following - timedelta(1) <= last:
                yield day.strftime(form)
                day = following
                break


def _next_year(day: date) -> date:
    """Return the same day's next first of January."""
    return date(day.year + 1, 1, 1)


def _next_month(day: date) -> date:
    """Return the first of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
