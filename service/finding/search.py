"""Comments by their words, author, article, id, day and verdict, the newest first.

Every field is a field of one index of words (migration 0023), so the database
meets several conditions at once, and stops at the end of the page.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias
from unicodedata import combining, normalize

from sqlalchemy import ColumnElement, FromClause, Row, Select, column, func, select, table, text, true
from sqlalchemy.orm import Session

from service.storage.items import load_items
from service.storage.names import composed
from service.storage.records import Item
from service.storage.tables.comments import ArticleRow, CommentRow, SearchRow

#: More words, or articles with those words in their titles, do not make a search more exact.
MOST_WORDS = 20
MOST_ARTICLES = 100
#: `none` is what nobody has decided on.
Found = Literal["keep", "remove", "amend", "escalate", "none"]
_PART = re.compile(r'"([^"]*)"?|(\S+)')
_FIRST, _LAST = date(1990, 1, 1), date(2099, 12, 31)
#: Nobody sees them: words go on behind them.
_JOINERS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
#: What asks the index, the comments' numbers in it, and the stretches of them to go through.
_Query: TypeAlias = "tuple[Select[int, str], ColumnElement[int], FromClause | None]"
#: In PostgreSQL's index (migration 0023), what stands before each word of a field, and how much of a word counts.
_MARKS = {"text": "", "author": "@", "article": "/", "verdict": "=", "day": "#"}
_LONGEST_WORD = 500
#: Of how many comments its stretches are, and those in which it gathers all endings of an open word anew.
_STRETCH, _LONG_STRETCH = 20_000, 200_000


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
    days = [_Phrase("day", (day,)) for day in _days(wanted)]
    nothing_to_look_for = wanted.words.strip() and not any(phrase.field == "text" for phrase in phrases)
    if nothing_to_look_for or (wanted.article and not articles) or not days:
        return SearchPage((), None)
    groups = [[phrase] for phrase in phrases]
    if articles and all(map(_words, articles)):
        groups.append([_Phrase("article", (name,)) for name in articles])
    groups += [[_Phrase("verdict", (wanted.verdict,))]] if wanted.verdict else []
    groups += [days] if wanted.since or wanted.until else []
    found: list[Row[int, str]] = []
    for query, number, stretches in _queries(session, groups, _numbers(session, wanted.comment_id, before)):
        most = limit + 1 - len(found)
        page = query.where(*conditions).order_by(number.desc()).limit(most)
        found += session.execute(page if stretches is None else _by_stretches(page, stretches).limit(most))
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
        conditions.append(CommentRow.author == composed(wanted.author))
    if wanted.since is not None:
        conditions.append(at >= wanted.since)
    if wanted.until is not None:
        conditions.append(at <= wanted.until)
    return conditions


def _articles(session: Session, given: str) -> tuple[str, ...]:
    """Return the article with this id, or else the latest whose titles hold these letters."""
    if session.get(ArticleRow, given) is not None:
        return (given,)
    query = select(ArticleRow.id).where(ArticleRow.title.icontains(composed(given), autoescape=True))
    return tuple(session.scalars(query.order_by(ArticleRow.received_at.desc()).limit(MOST_ARTICLES)))


def _numbers(session: Session, comment_id: str, before: int | None) -> range:
    """Return the numbers that the page's comments may have: all before it, or that of the one that is named."""
    if comment_id:
        one = session.scalar(select(SearchRow.number).where(SearchRow.comment_id == comment_id))
        first, end = (0, 0) if one is None else (one, one + 1)
    else:
        first, end = 0, (session.scalar(select(func.max(SearchRow.number))) or 0) + 1
    return range(first, end if before is None else min(before, end))


def _queries(session: Session, groups: Sequence[Sequence[_Phrase]], numbers: range) -> Iterator[_Query]:
    """Ask for comments with a phrase of each group, in more than one step where the first may fill the page."""
    if not groups:
        yield _unindexed(numbers)
    elif session.get_bind().dialect.name == "sqlite":
        yield _of_fts5(groups, numbers)
    elif any(phrase.prefix and phrase.field == "text" for group in groups for phrase in group):
        newest = max(numbers.start, (numbers.stop - 1) // _STRETCH * _STRETCH)
        yield _of_tsvectors(groups, range(newest, numbers.stop), _STRETCH)
        yield _of_tsvectors(groups, range(numbers.start, newest), _LONG_STRETCH)
    else:
        yield _of_tsvectors(groups, numbers, _STRETCH)


def _unindexed(numbers: range) -> _Query:
    """Return the query for a search without words."""
    number = SearchRow.number.expression
    query = select(number, SearchRow.comment_id).join(CommentRow, CommentRow.id == SearchRow.comment_id)
    return query.where(*_among(number, numbers)), number, None


def _of_fts5(groups: Sequence[Sequence[_Phrase]], numbers: range) -> _Query:
    """Ask SQLite's full-text index."""
    number: ColumnElement[int] = table("comment_words", column("rowid")).c.rowid
    asked = " AND ".join(f"({' OR '.join(map(_fts5, group))})" for group in groups)
    condition = text("comment_words MATCH :asked").bindparams(asked=asked)
    return _joined(number).where(condition, *_among(number, numbers)), number, None


def _of_tsvectors(groups: Sequence[Sequence[_Phrase]], numbers: range, size: int) -> _Query:
    """Ask PostgreSQL's, stretch after stretch.

    It does not know how many comments hold some words together, and is in no
    order: for a page of what is in most comments it would sort a million. A
    stretch is one more word of each comment, and the index is soon through
    with one that holds nothing of what is looked for.
    """
    held = table("comment_words", column("number")).c.number
    asked = " & ".join(f"({' | '.join(map(_tsquery, group))})" for group in groups)
    condition = text("comment_words.words @@ (CAST(:asked AS tsquery) && CAST(:size || '.' || stretch AS tsquery))")
    condition = condition.bindparams(asked=asked, size=f"~{size}")
    matching = select((held + 0).label("number")).where(condition, *_among(held, numbers))
    # With the sum and the offset it does not think of walking through all comments in their order.
    number: ColumnElement[int] = matching.order_by((held + 0).desc()).offset(0).subquery().c.number
    stretches = func.generate_series((numbers.stop - 1) // size, numbers.start // size, -1)
    return _joined(number), number, stretches.alias("stretch")


def _by_stretches(page: Select[int, str], stretches: FromClause) -> Select[int, str]:
    """Return the query for the pages of stretches, in their order."""
    found = page.lateral()
    return select(found.c.number, found.c.comment_id).select_from(stretches).join(found, true())


def _among(number: ColumnElement[int], numbers: range) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Write down that a number is one of these."""
    return number >= numbers.start, number < numbers.stop


def _joined(number: ColumnElement[int]) -> Select[int, str]:
    """Return the query for comments by their numbers in the index."""
    # A sum, since SQLite would else look each comment up in the index of words, and not the reverse.
    query = select(number, SearchRow.comment_id).join(SearchRow, SearchRow.number == number + 0)
    return query.join(CommentRow, CommentRow.id == SearchRow.comment_id)


def _fts5(phrase: _Phrase) -> str:
    """Write a phrase for SQLite's full-text index."""
    words = " ".join(phrase.words).replace('"', '""')
    return f'{phrase.field} : "{words}"{" *" if phrase.prefix else ""}'


def _tsquery(phrase: _Phrase) -> str:
    """Write a phrase for PostgreSQL's full-text index."""
    # SQLite's does this to words by itself.
    words = map(_folded, phrase.words) if phrase.field in ("text", "author") else phrase.words
    quoted = [_MARKS[phrase.field] + word.replace("\\", "\\\\").replace("'", "''") for word in words]
    return " <-> ".join(f"'{word}'" for word in quoted) + (":*" if phrase.prefix else "")


def _folded(word: str) -> str:
    """Write a word as PostgreSQL's index has it."""
    return "".join(one for one in normalize("NFKD", word) if not combining(one)).lower()[:_LONGEST_WORD]


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
    seen = "".join(one for one in normalize("NFC", given) if one not in _JOINERS and not combining(one))
    return tuple(re.findall(r"[^\W_]+", seen))


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
