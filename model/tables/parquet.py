"""Rows of Parquet files."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from model.errors import InvalidInput
from model.tables.batch import Batch
from model.tables.exports import flat

_AT_ONCE = 5_000


def read_parquet(source: str) -> Iterator[Batch]:
    """Read rows; the first batch has the columns and no rows.

    Raises
    ------
    InvalidInput
        If it is no Parquet file, or a text in it is not UTF-8.
    """
    try:
        with pq.ParquetFile(source) as file:
            names = file.schema_arrow.names
            # What Argilla wrote.
            nested = any(name.endswith(".responses") for name in names)
            if not nested:
                yield Batch([], {name: [] for name in names})
            start = 1
            for rows in file.iter_batches(_AT_ONCE):
                columns = {name: _cells(source, start, name, rows.column(i)) for i, name in enumerate(names)}
                yield Batch(range(start, start + len(rows)), _flat(columns) if nested else columns)
                start += len(rows)
    except pa.ArrowException as error:
        raise InvalidInput(f"{source!r} cannot be read: {str(error).splitlines()[0]}") from error


def _cells(source: str, start: int, name: str, column: pa.Array) -> list[Any]:
    """Return a Parquet column's cells; say in which row one is not UTF-8."""
    try:
        cells: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        for number, cell in enumerate(column, start=start):
            try:
                cell.as_py()
            except UnicodeDecodeError as error:
                raise InvalidInput(
                    f"{source!r}, row {number}, column {name!r}: byte {error.object[error.start]:#04x} is not UTF-8: "
                    "write the texts as UTF-8."
                ) from error
        raise
    return cells


def _flat(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return columns with their nested objects taken apart."""
    rows = [flat(dict(zip(columns, cells, strict=True))) for cells in zip(*columns.values(), strict=True)]
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(name for row in rows for name in row)}
