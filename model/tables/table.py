"""The one reader of tables: whatever the format, batches of numbered rows."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model.errors import InvalidInput
from model.tables.batch import Batch, read_grid
from model.tables.decoding import lines, open_text
from model.tables.delimited import delimited_records
from model.tables.json_rows import read_json

_CSV, JSON = (".csv", ".tsv"), (".jsonl", ".ndjson", ".json")
_EXCEL, _PARQUET = ".xlsx", ".parquet"
#: What a file that holds a table may end with; those of text also with `.gz` behind.
ENDINGS = (*_CSV, *JSON, _EXCEL, _PARQUET)


def ending(source: str) -> str:
    """Return the ending that names a file's format; nothing if it is none that can be read."""
    name = source.lower()
    found = Path(name.removesuffix(".gz")).suffix
    readable = (*_CSV, *JSON) if name.endswith(".gz") else ENDINGS
    return found if found in readable else ""


def read_batches(source: str) -> Iterator[Batch]:
    """Read a file, some thousand rows at a time; `-` is JSON on standard input.

    The first batch names the columns where the format does; there may be no
    row in it.

    Raises
    ------
    InvalidInput
        If it cannot be read, with the row and what to do.
    """
    kind = ".jsonl" if source == "-" else ending(source)
    try:
        if source != "-" and Path(source).stat().st_size == 0:
            raise InvalidInput(f"{source!r} is empty.")
        if not kind:
            raise InvalidInput(f"{source!r} is none of {', '.join(ENDINGS)}: save it as one of these, such as CSV.")
        if kind == _PARQUET:
            from model.tables.parquet import read_parquet  # noqa: PLC0415 - slow to import

            yield from read_parquet(source)
        elif kind == _EXCEL:
            from model.tables.excel import excel_records  # noqa: PLC0415 - slow to import

            yield from read_grid(source, excel_records(source), padded=True)
        else:
            with open_text(source) as text:
                if kind in JSON:
                    yield from read_json(source, text)
                else:
                    yield from read_grid(source, delimited_records(source, lines(source, text)), padded=False)
    except (OSError, EOFError, UnicodeError, zlib.error) as error:
        why = str(getattr(error, "strerror", None) or error).strip() or "it is damaged"
        raise InvalidInput(f"{source!r} cannot be read: {why.splitlines()[0].rstrip('.')}.") from error


def read_rows(source: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read a table row by row, each with its number, from 1; see `read_batches`."""
    for batch in read_batches(source):
        names = list(batch.columns)
        for number, cells in zip(batch.numbers, zip(*batch.columns.values(), strict=True), strict=True):
            yield number, dict(zip(names, cells, strict=True))
