"""Where labels come from: files and folders of them, and data sets of the Hugging Face hub."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from model.errors import InvalidInput
from model.tables.batch import Batch
from model.tables.table import ending, read_batches

_AT_ONCE = 5_000
_TRAINING = re.compile(r"(?<![a-z])train(ing)?(?![a-z])")


def tables_of(source: str) -> Sequence[str]:
    """Name the tables of a source: a file, the files of a folder, or a data set of the hub.

    Where files of a folder are named after `train`, the others are there to
    be measured on, as `datasets` has it too.

    Raises
    ------
    InvalidInput
        If a file or a folder of them is meant that is not there.
    """
    path = Path(source)
    if path.is_dir():
        files = sorted(str(file) for file in path.rglob("*") if file.is_file() and ending(file.name))
        found = [file for file in files if _TRAINING.search(str(Path(file).relative_to(path)).lower())] or files
        if not found:
            raise InvalidInput(f"{source!r} holds no table: put .csv, .xlsx, .jsonl or .parquet files there.")
        return found
    if not path.is_file() and (ending(source) or (path.suffix and path.parent != Path())):
        raise InvalidInput(f"There is no file {source!r}.")
    return [source]


def read_label_batches(table: str) -> Iterator[Batch]:
    """Read a table of labels, one of `tables_of`, a few thousand rows at a time.

    Raises
    ------
    InvalidInput
        If it cannot be read, with the row and what to do.
    """
    return read_batches(table) if Path(table).is_file() else _hub(table)


def _hub(source: str) -> Iterator[Batch]:
    """Read a dataset of the Hugging Face hub in batches."""
    import datasets  # noqa: PLC0415 - it takes seconds to import

    datasets.disable_progress_bars()
    start = 1
    try:
        for columns in datasets.load_dataset(source, split="train", streaming=True).iter(_AT_ONCE):
            if start == 1:
                yield Batch([], {name: [] for name in columns})
            size = len(next(iter(columns.values())))
            yield Batch(range(start, start + size), columns)
            start += size
    except Exception as error:
        cause = error.__cause__ or error
        raise InvalidInput(
            f"{source!r} is not a file here, and it cannot be read as a data set: {str(cause).splitlines()[0]}."
        ) from error
