"""Tables of any size, some rows at a time: CSV, JSON Lines, Parquet, and whatever `datasets` reads."""

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from model.errors import InvalidInput

_CSV, _JSON, _PARQUET = (".csv", ".tsv"), (".jsonl", ".ndjson", ".json"), (".parquet",)
_ENDINGS = (*_CSV, *_JSON, *_PARQUET)
_AT_ONCE = 5_000
Row = TypeVar("Row")
#: A field that is longer begins with a quote that nobody closed.
_LONGEST_FIELD = 1_000_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table as they stand there.

    Attributes
    ----------
    numbers
        Of the rows; the first below the names of the columns is 1.
    columns
        Name to one cell a row.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[Any]]


def read_batches(source: str) -> Iterator[Batch]:
    """Read a file, a folder or a data set of the hub, a few thousand rows at a time.

    Raises
    ------
    InvalidInput
        If it cannot be read, with the row and what to do.
    """
    path = Path(source)
    if path.is_file():
        if path.suffix.lower() not in _ENDINGS:
            raise InvalidInput(f"{source!r} is none of {', '.join(_ENDINGS)}: save it as one of them, as CSV perhaps.")
        if path.stat().st_size == 0:
            raise InvalidInput(f"{source!r} is empty.")
    elif path.suffix.lower() in _ENDINGS or (path.suffix and path.parent != Path()):
        raise InvalidInput(f"There is no file {source!r}.")
    kind = path.suffix.lower() if path.is_file() else ""
    try:
        if kind in _CSV:
            yield from _csv(source)
        elif kind in _JSON:
            yield from _json(source)
        elif kind in _PARQUET:
            yield from _parquet(source)
        else:
            yield from _hub(source)
    except OSError as error:
        raise InvalidInput(f"{source!r} cannot be read: {error.strerror or error}.") from error


def _csv(source: str) -> Iterator[Batch]:
    csv.field_size_limit(_LONGEST_FIELD)
    with Path(source).open("rb") as file:
        lines = _lines(source, file)
        header = next(lines, "")
        delimiter = max(",;\t", key=header.count)
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
        if twice := {name for name in names if names.count(name) > 1}:
            raise InvalidInput(f"{source!r} has {len(twice)} names on several columns, such as {min(twice)!r}.")
        yield Batch([], {name: [] for name in names})
        for rows in _batched(_csv_rows(source, csv.reader(lines, delimiter=delimiter), len(names))):
            numbers, cells = zip(*rows, strict=True)
            yield Batch(numbers, dict(zip(names, zip(*cells, strict=True), strict=True)))


def _csv_rows(source: str, rows: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    number = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise InvalidInput(
                f"{source!r}, row {number + 1}: {error}; is there a quote that is not closed?"
            ) from error
        if row is None:
            return
        if not row:
            continue
        number += 1
        if len(row) != width:
            raise InvalidInput(
                f"{source!r}, row {number} has {len(row)} fields and the first line {width} names "
                f"({' | '.join(row)[:60]!r}): a text with a separator, a quote or a line break in it stands in quotes."
            )
        yield number, row


def _json(source: str) -> Iterator[Batch]:
    with Path(source).open("rb") as file:
        for rows in _batched(_json_rows(source, file)):
            names = dict.fromkeys(name for _, row in rows for name in row)
            yield Batch([number for number, _ in rows], {name: [row.get(name) for _, row in rows] for name in names})


def _json_rows(source: str, file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_lines(source, file), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            hint = ": give one object a line (JSON Lines)" if number == 1 else ""
            raise InvalidInput(f"{source!r}, row {number}: not JSON ({error}){hint}.") from error
        if not isinstance(row, dict):
            raise InvalidInput(
                f"{source!r}, row {number}: {line.strip()[:40]!r} is not an object: give one a line (JSON Lines)."
            )
        yield number, row


def _batched(rows: Iterator[Row]) -> Iterator[list[Row]]:
    return iter(lambda: list(islice(rows, _AT_ONCE)), [])


def _lines(source: str, file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(file):
        try:
            # Excel begins a file with a mark that is no part of the first name.
            yield line.decode("utf-8" if number else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInput(
                f"{source!r}, line {number + 1}: byte {line[error.start]:#04x} is not UTF-8; save it as UTF-8."
            ) from error


def _parquet(source: str) -> Iterator[Batch]:
    import pyarrow as pa  # noqa: PLC0415 - slow to import, and only where it is needed
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        with pq.ParquetFile(source) as file:
            yield Batch([], {name: [] for name in file.schema_arrow.names})
            start = 1
            for rows in file.iter_batches(_AT_ONCE):
                yield Batch(range(start, start + len(rows)), rows.to_pydict())
                start += len(rows)
    except pa.ArrowException as error:
        raise InvalidInput(f"{source!r} cannot be read: {str(error).splitlines()[0]}") from error


def _hub(source: str) -> Iterator[Batch]:
    if Path(source).exists():
        os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets  # noqa: PLC0415 - it takes seconds to import, and reads HF_HUB_OFFLINE then

    datasets.disable_progress_bars()
    start = 1
    try:
        for columns in datasets.load_dataset(source, split="train", streaming=True).iter(_AT_ONCE):
            count = len(next(iter(columns.values())))
            yield Batch(range(start, start + count), columns)
            start += count
    except Exception as error:
        cause = error.__cause__ or error
        raise InvalidInput(
            f"{source!r} is no file that is here, and as a data set it cannot be read: {str(cause).splitlines()[0]}."
        ) from error
