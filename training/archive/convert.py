"""Any table as Parquet, which can be entered at any row."""

import os
import re
import shutil
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from model.tables.batch import batched
from model.tables.comments import as_comment
from model.tables.table import ending, read_rows
from training.archive.plan import sha256

_SCHEMA = pa.schema([(name, pa.string()) for name in ("text", "id", "article_id", "parent_text")])
#: The folder of the copies, below that of the parts.
_COPIES = "_input"
#: Halves of pairs, which JSON can hold and Parquet cannot; nobody sees them, and no score does.
_HALVES = re.compile("[\ud800-\udfff]")


def as_parquet(given: str, out: Path) -> str:
    """Name a file's comments as Parquet, written below `out` where the file is another table of this machine.

    The copy is named after what it holds, so that a run that goes on finds it
    again and one with other comments does not.

    Raises
    ------
    InvalidInput
        If a row cannot be read.
    """
    if ending(given) in ("", ".parquet") or not Path(given).is_file():
        return given
    file = out / _COPIES / f"{sha256(Path(given))}.parquet"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{uuid4().hex}")
        try:
            _write(given, part)
            # The name says what it holds; a copy made anew is the same file to a run that goes on.
            os.utime(part, (0, 0))
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    return str(file)


def drop_copies(out: Path) -> None:
    """Delete the copies that were made below `out`."""
    shutil.rmtree(out / _COPIES, ignore_errors=True)


def _write(given: str, file: Path) -> None:
    """Write a table of comments, in whatever form it comes, as the Parquet that an archive is scored from."""
    comments = (
        as_comment(row, f"{given!r}, row {number}", place) for place, (number, row) in enumerate(read_rows(given))
    )
    with pq.ParquetWriter(file, _SCHEMA) as table:
        for some in batched(comments):
            columns = {name: [_whole(getattr(comment, name)) for comment in some] for name in _SCHEMA.names}
            table.write_table(pa.table(columns, _SCHEMA))


def _whole(text: str | None) -> str | None:
    """Return a text without halves of surrogate pairs, which Parquet cannot hold."""
    return text if text is None or text.isascii() else _HALVES.sub("", text)
