"""Comments and articles out of the rows of any table."""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from model.errors import InvalidInput
from model.reading.characters import is_readable
from model.records import Article, Comment
from model.tables.decoding import LONGEST_LINE, broken_byte, open_text
from model.tables.table import read_rows

#: What others call the columns of a comment; the likeliest name first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        *("text", "comment_text", "comment", "tweet", "body", "comment_body", "comment_body_value", "comment_content"),
        "content",
    ),
    "id": ("id", "comment_id", "commentid", "cid"),
    "article_id": ("article_id", "story_id", "asset_id", "post_id", "comment_post_id", "articleid"),
    "parent_text": ("parent_text",),
}


class Unreadable(ValueError):
    """A cell that means nothing to us; the message says what it should be."""


def plain_name(name: str) -> str:
    """Read a column's name as it is meant: `Comment Text`, `attributeScores.TOXICITY.summaryScore.value`."""
    name = re.sub(r"[\s\-]+", "_", name.strip().lower())
    return name.removeprefix("attributescores.").removesuffix(".summaryscore.value")


@lru_cache(maxsize=64)
def comment_columns(names: tuple[str, ...]) -> Mapping[str, str]:
    """Find which of a table's columns hold the parts of a comment."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain_name(name), name)
    found = {part: next((known[usual] for usual in NAMES[part] if usual in known), None) for part in NAMES}
    return {part: name for part, name in found.items() if name is not None}


def comment_text(cell: Any) -> str:
    """Read a comment; the Perspective API nests it."""
    if isinstance(cell, dict):
        cell = cell.get("text")
    if _is_missing(cell):
        return ""
    if not isinstance(cell, str):
        raise Unreadable("not a text")
    return cell


def words(cell: Any) -> str | None:
    """Read a name, an id or a text that need not be there."""
    if _is_missing(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        # Ids that had a gap among them were made floats.
        cell = int(cell)
    return str(cell) or None


def read_comments(source: str) -> list[Comment]:
    """Read comments from a file, or JSON from standard input (`-`)."""
    return [
        as_comment(row, f"{source!r}, row {number}", place) for place, (number, row) in enumerate(read_rows(source))
    ]


def as_comment(row: Mapping[str, Any], where: str, place: int) -> Comment:
    """Read a row as a comment.

    Parameters
    ----------
    row
        Its columns may have any of `NAMES`.
    where
        The table and the row, for messages.
    place
        Of the row, counted from 0: what a comment without an id is called by.
    """
    columns = comment_columns(tuple(row))
    if "text" not in columns:
        raise InvalidInput(f"{where} has no 'text'; it has {', '.join(row) or 'nothing'}.")
    try:
        text = comment_text(row[columns["text"]])
    except Unreadable as error:
        raise InvalidInput(f"{where}: {columns['text']} is {row[columns['text']]!r}, {error}.") from error
    rest = {part: words(row[name]) for part, name in columns.items() if part != "text"}
    return Comment(
        text=text,
        id=rest.get("id") or str(place),
        article_id=rest.get("article_id"),
        parent_text=rest.get("parent_text"),
    )


def read_articles(source: str) -> dict[str, Article]:
    """Read articles by their ids; `text` is taken for `body`."""
    articles: dict[str, Article] = {}
    for number, row in read_rows(source):
        article = _article(row, f"{source!r}, row {number}")
        if article.id is None:
            raise InvalidInput(f"{source!r}, row {number}: the article has no article_id.")
        articles[article.id] = article
    return articles


def read_article(source: str) -> Article:
    """Read one article: a table of one row, or text whose first line is the title."""
    if Path(source).suffix != ".txt":
        rows = list(read_rows(source))
        if len(rows) != 1:
            raise InvalidInput(f"{source!r} holds {len(rows)} articles: use --articles for several.")
        return _article(rows[0][1], f"{source!r}, row {rows[0][0]}")
    try:
        with open_text(source) as file:
            text = file.read(LONGEST_LINE + 1)
    except OSError as error:
        raise InvalidInput(f"{source!r} cannot be read: {error.strerror}.") from error
    if len(text) > LONGEST_LINE:
        raise InvalidInput(f"{source!r} has more than {LONGEST_LINE:,} characters: is it the right file?")
    if byte := broken_byte(text):
        raise InvalidInput(f"{source!r}: {byte} is not UTF-8: save the file as UTF-8.")
    title, _, body = text.replace("\r\n", "\n").replace("\r", "\n").strip().partition("\n")
    if not title:
        raise InvalidInput(f"{source!r} holds no text: the first line is the article's title.")
    return Article(title=title.strip(), body=body.strip())


def _article(row: Mapping[str, Any], where: str) -> Article:
    """Read an article from a row; refuse one without title and body."""
    title = words(row.get("title")) or ""
    body = words(row.get("body")) or words(row.get("text")) or ""
    if not (is_readable(title) or is_readable(body)):
        raise InvalidInput(f"{where}: the article has neither a title nor a body.")
    return Article(title=title, body=body, id=words(row.get("article_id")) or words(row.get("id")))


def _is_missing(cell: Any) -> bool:
    """Return whether a cell is empty."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell))
