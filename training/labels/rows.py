"""The rows of a table of labels, whoever wrote it, in our own form: checked, with our names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from model.attributes import BY_NAME
from model.errors import InvalidInput
from model.tables.batch import Batch
from model.tables.comments import Unreadable, comment_text, words
from model.tables.decoding import open_text
from model.tables.table import JSON, ending, read_batches
from training.labels.cells import (
    chance,
    fraction,
    is_yes,
    mapping,
    moment,
    score,
    seen_because,
)
from training.labels.columns import ATTRIBUTES, Columns, Hints, check_columns, guess_columns
from training.labels.readers import read_label_batches, tables_of
from training.labels.verdicts import Verdicts
from training.progress import Progress, silent

#: Unreadable cells that an error names.
_TOLD = 5
#: Characters of a file that are searched at a time.
_PIECE = 1 << 20
NO_HINTS = Hints()
_READ: Mapping[str, Callable[[Any], Any]] = {
    "comment_id": words,
    "article_id": words,
    "article_title": words,
    "article_body": words,
    "parent_text": words,
    "author": words,
    "time": moment,
    "seen_because": seen_because,
    "probability_seen": chance,
    "batch": is_yes,
    "blind": is_yes,
    "withdrawn": is_yes,
    "origin": words,
}
#: The columns of a row of labels, in their order.
FIELDS = ("comment_id", "text", "label", *ATTRIBUTES, *list(_READ)[1:])
#: What a nested attribute may be called.
_ATTRIBUTE_OF = {
    called: name for name in ATTRIBUTES for called in (name, *BY_NAME[name].columns, BY_NAME[name].perspective)
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Some label rows, column by column.

    Attributes
    ----------
    source
        The table that they are from.
    numbers
        Their numbers there, from 1.
    columns
        Each of `FIELDS` to one value a row.
    """

    source: str
    numbers: Sequence[int]
    columns: Mapping[str, list[Any]]

    def __len__(self) -> int:
        return len(self.numbers)

    def only(self, chosen: Sequence[int]) -> "Rows":
        """Return some of the rows, by position."""
        columns = {name: [cells[i] for i in chosen] for name, cells in self.columns.items()}
        return Rows(self.source, [self.numbers[i] for i in chosen], columns)


def read_label_rows(
    source: str,
    hints: Hints = NO_HINTS,
    *,
    limit: int | None = None,
    say: Progress = silent,
) -> Iterator[Rows]:
    """Read a table of labels, a few thousand rows at a time.

    Parameters
    ----------
    source
        A file, a folder or the id of a data set of the hub.
    hints
        What the user knows better.
    limit
        Stop after so many rows.
    say
        Called with what each column is read as.

    Raises
    ------
    InvalidInput
        If there are cells that make no sense: how many, and the first.
        All others have been yielded by then.
    """
    left = limit
    for table in tables_of(source):
        for rows in _read_rows(table, hints, left, say):
            yield rows
            left = left and left - len(rows)
        if left == 0:
            break


def _read_rows(table: str, hints: Hints, limit: int | None, say: Progress) -> Iterator[Rows]:
    """Yield a table's label rows, up to a limit; say which cells cannot be read."""
    problems: list[str] = []
    wrong = 0
    for batch, columns, verdicts in _understood(table, hints, limit, say):
        found = _rows(batch, columns, verdicts, problems)
        wrong += len(problems[_TOLD:])
        del problems[_TOLD:]
        if len(found):
            yield found
    if problems:
        count = len(problems) + wrong
        more = f" ({count} cells cannot be read; these are the first {len(problems)})" if count > 1 else ""
        raise InvalidInput(f"{table!r}, " + "; ".join(problems) + f"{more}.")


def _understood(
    table: str, hints: Hints, limit: int | None, say: Progress
) -> Iterator[tuple[Batch, Columns, Verdicts]]:
    """Yield a table's rows as they stand, up to a limit, with what their columns are taken for, and say that."""
    columns: Columns | None = None
    verdicts: Verdicts | None = None
    left = limit
    for whole in read_label_batches(table):
        batch = whole if left is None else _first(whole, left)
        # Not every line of JSON has every name: later ones may bring others.
        if columns is None or verdicts is None or not batch.columns.keys() <= set(columns.names):
            before = columns
            columns = guess_columns(table, batch.columns, hints.columns, before)
            if verdicts is None or before is None or before.of.get("label") != columns.of.get("label"):
                verdicts = Verdicts(table, columns.of.get("label", ""), columns.yes_no, hints.removed, hints.kept)
            for line in columns.lines(before):
                say(line)
        if not batch.numbers:
            # The format names its columns: there are no others to wait for.
            check_columns(columns, hints.columns)
        yield batch, columns, verdicts
        if left is not None:
            left -= len(batch.numbers)
            if left <= 0:
                break
    if columns is not None and verdicts is not None:
        check_columns(columns, hints.columns)
        for line in verdicts.lines():
            say(line)


def withdrawn_ids(source: str) -> set[str]:
    """Return the ids of the comments that a table withdraws."""
    return {gone for table in tables_of(source) if Path(table).is_file() for gone in _withdrawn_ids(table)}


def _withdrawn_ids(table: str) -> Iterator[str]:
    """Yield the ids of the comments that a table withdraws."""
    if ending(table) in JSON:
        # Most tables withdraw nothing: to read on is a fraction of the work of taking them apart.
        with open_text(table) as text:
            before = ""
            while (piece := text.read(_PIECE)) and "withdrawn" not in before + piece:
                before = piece[-len("withdrawn") :]
            if not piece:
                return
    for batch in read_batches(table):
        if {"withdrawn", "comment_id"} <= batch.columns.keys():
            told = zip(batch.columns["comment_id"], batch.columns["withdrawn"], strict=True)
            yield from (str(comment_id) for comment_id, withdrawn in told if str(withdrawn).lower() == "true")
        elif not batch.numbers:
            # It names its columns, and these are none of them.
            return


def _first(batch: Batch, count: int) -> Batch:
    """Return the first rows of a batch."""
    return Batch(batch.numbers[:count], {name: cells[:count] for name, cells in batch.columns.items()})


def _rows(batch: Batch, columns: Columns, verdicts: Verdicts, problems: list[str]) -> Rows:
    """Read the cells; add what cannot be read to `problems`, with its row and column."""
    of, count = columns.of, len(batch.numbers)

    def cells(role: str, read: Callable[[Any], Any]) -> list[Any]:
        name = of.get(role)
        if name is None or name not in batch.columns:
            return [None] * count
        raw = batch.columns[name]
        try:
            return list(map(read, raw))
        except (Unreadable, TypeError):
            return [_read(read, cell, number, name, problems) for cell, number in zip(raw, batch.numbers, strict=True)]

    read_fraction = partial(fraction, minus_one_is_unasked=columns.minus_one_is_unasked)
    found: dict[str, list[Any]] = {
        "text": [text or "" for text in cells("text", comment_text)],
        "label": verdicts.read(batch.columns.get(of.get("label", ""), [None] * count), batch.numbers),
        **{name: cells(name, read_fraction) for name in ATTRIBUTES},
        **{role: cells(role, read) for role, read in _READ.items()},
    }
    for i, nested in enumerate(cells("attributes", mapping)):
        for called, value in (nested or {}).items():
            name = _ATTRIBUTE_OF.get(called)
            value = score(value)  # noqa: PLW2901
            if name and value is not None:
                found[name][i] = _read(read_fraction, value, batch.numbers[i], f"{of['attributes']}.{called}", problems)
    for i, article in enumerate(cells("article", mapping)):
        for part in ("id", "title", "body") if article else ():
            found[f"article_{part}"][i] = found[f"article_{part}"][i] or words(article.get(part))
    return Rows(columns.source, batch.numbers, {name: found[name] for name in FIELDS})


def _read(read: Callable[[Any], Any], cell: Any, number: int, column: str, problems: list[str]) -> Any:
    """Read a cell of a label row; note what is wrong with it."""
    try:
        return read(cell)
    except Unreadable as error:
        problems.append(f"row {number}, column {column!r}: {str(cell)[:60]!r} is {error}")
    except TypeError:
        problems.append(f"row {number}, column {column!r}: {str(cell)[:60]!r} is a list or an object, not one value")
    return None
