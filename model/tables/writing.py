"""Rows out, in the format that a file's ending names."""

import csv
import io
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.errors import InvalidInput

_FORMATS = (".jsonl", ".csv", ".parquet")
#: How a formula begins. A number with a sign is none.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d+(\.\d+)?\Z)")


def check_ending(out: str | None) -> None:
    """Refuse a file whose ending names no format we can write; before the work, not after it."""
    if out and Path(out).suffix not in _FORMATS:
        raise InvalidInput(f"{out!r} is none of {', '.join(_FORMATS)}: the ending decides the format.")


def write_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], out: str | None) -> None:
    """Write rows to a file by its ending, or as JSON Lines to standard output."""
    suffix = Path(out).suffix if out else ".jsonl"
    check_ending(out)
    if suffix == ".parquet":
        import pyarrow as pa  # noqa: PLC0415 - only where it is needed: it is slow to import
        import pyarrow.parquet as pq  # noqa: PLC0415

        pq.write_table(pa.table({column: [_flat(row.get(column)) for row in rows] for column in columns}), out)
        return
    text = io.StringIO(newline="")
    if suffix == ".csv":
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows({column: disarmed(_flat(row.get(column))) for column in columns} for row in rows)
    else:
        for row in rows:
            text.write(json.dumps({c: row[c] for c in columns if c in row}, ensure_ascii=False) + "\n")
    if out:
        Path(out).write_text(text.getvalue(), encoding="utf-8", errors="surrogatepass", newline="")
    else:
        sys.stdout.write(text.getvalue())


def disarmed(cell: Any) -> Any:
    """Return a cell of a CSV file as no spreadsheet runs it: what begins like a formula gets an apostrophe in front."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _flat(value: Any) -> Any:
    """Write a list as JSON where a cell must be one value."""
    return json.dumps(value) if isinstance(value, list) else value
