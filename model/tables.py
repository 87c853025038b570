"""Comments and articles in, scores out: JSON Lines, CSV and Parquet."""

import csv
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from model.errors import InvalidInput
from model.reading.characters import is_readable
from model.records import Article, Comment

_FORMATS = (".jsonl", ".csv", ".parquet")


def read_comments(source: str) -> list[Comment]:
    """Read comments from a file, or JSON Lines from standard input (`-`)."""
    return [as_comment(row, source, number) for number, row in enumerate(read_rows(source))]


def as_comment(row: Mapping[str, Any], source: str, number: int) -> Comment:
    """Read a row as a comment; one without an `id` is called by its number, counted from 0."""
    return Comment(
        text=_text(row, "text", source, number),
        id=str(number) if row.get("id") is None else str(row["id"]),
        article_id=_optional(row.get("article_id")),
        parent_text=_optional(row.get("parent_text")),
    )


def read_articles(source: str) -> dict[str, Article]:
    """Read articles by their ids; `text` is taken for `body`."""
    articles: dict[str, Article] = {}
    for number, row in enumerate(read_rows(source)):
        key = row.get("article_id", row.get("id"))
        if key is None:
            raise InvalidInput(f"{source!r}, row {number + 1}: the article has no article_id.")
        articles[str(key)] = _article(row, source, number)
    return articles


def read_article(source: str) -> Article:
    """Read one article: a table of one row, or text whose first line is the title."""
    if Path(source).suffix != ".txt":
        rows = read_rows(source)
        if len(rows) != 1:
            raise InvalidInput(f"{source!r} holds {len(rows)} articles: give several with --articles.")
        return _article(rows[0], source, 0)
    title, _, body = _content(source).strip().partition("\n")
    if not title:
        raise InvalidInput(f"{source!r} holds no text: the first line is the article's title.")
    return Article(title=title.strip(), body=body.strip())


def write_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], out: str | None) -> None:
    """Write rows to a file by its ending, or as JSON Lines to standard output."""
    suffix = Path(out).suffix if out else ".jsonl"
    if out and suffix not in _FORMATS:
        raise InvalidInput(f"{out!r} is none of {', '.join(_FORMATS)}: the ending tells the format.")
    if suffix == ".parquet":
        import pyarrow as pa  # noqa: PLC0415 - only where it is needed: it is slow to import
        import pyarrow.parquet as pq  # noqa: PLC0415

        pq.write_table(pa.table({column: [_flat(row.get(column)) for row in rows] for column in columns}), out)
        return
    text = io.StringIO(newline="")
    if suffix == ".csv":
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows({column: _flat(row.get(column)) for column in columns} for row in rows)
    else:
        for row in rows:
            text.write(json.dumps({c: row[c] for c in columns if c in row}, ensure_ascii=False) + "\n")
    if out:
        Path(out).write_text(text.getvalue(), encoding="utf-8", errors="surrogatepass", newline="")
    else:
        sys.stdout.write(text.getvalue())


def _flat(value: Any) -> Any:
    """Write a list as JSON where a cell must be one value."""
    return json.dumps(value) if isinstance(value, list) else value


def _article(row: Mapping[str, Any], source: str, number: int) -> Article:
    title = _optional(row.get("title")) or ""
    body = _optional(row.get("body")) or _optional(row.get("text")) or ""
    if not (is_readable(title) or is_readable(body)):
        raise InvalidInput(f"{source!r}, row {number + 1}: the article has neither a title nor a body.")
    return Article(title=title, body=body, id=_optional(row.get("article_id", row.get("id"))))


def read_rows(source: str) -> list[dict[str, Any]]:
    """Read a table as it is: a dict for each row."""
    suffix = Path(source).suffix
    if source == "-" or suffix == ".jsonl":
        return list(_json_rows(_content(source), source))
    if suffix == ".csv":
        csv.field_size_limit(2**31 - 1)
        rows = csv.DictReader(io.StringIO(_content(source), newline=""))
        return [{key: value or None for key, value in row.items() if key is not None} for row in rows]
    if suffix == ".parquet":
        return _parquet_rows(source)
    raise InvalidInput(f"{source!r} is none of {', '.join(_FORMATS)}: the ending tells the format.")


def _content(source: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source!r} cannot be read: {error.strerror}.") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InvalidInput(
            f"{source!r}, line {line}: byte {raw[error.start]:#04x} is not UTF-8; save it as UTF-8."
        ) from error


def _json_rows(content: str, source: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(content.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"{source!r}, line {number}: not JSON ({error}).") from error
        if not isinstance(row, dict):
            raise InvalidInput(f"{source!r}, line {number}: {line[:40]!r} is not an object with a `text`.")
        yield row


def _parquet_rows(source: str) -> list[dict[str, Any]]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        rows: list[dict[str, Any]] = pq.read_table(source).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"{source!r} cannot be read: {str(error).splitlines()[0]}") from error
    return rows


def _text(row: Mapping[str, Any], column: str, source: str, number: int) -> str:
    if column not in row:
        raise InvalidInput(f"{source!r}, row {number + 1} has no {column!r}; it has {', '.join(row) or 'nothing'}.")
    value = row[column]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidInput(f"{source!r}, row {number + 1}: {column} is {value!r}, not text.")
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else str(value)
