"""Rows out, in the format that a file's ending tells."""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.errors import InvalidInput

_FORMATS = (".jsonl", ".csv", ".parquet")


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
