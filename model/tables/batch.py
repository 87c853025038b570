"""Some rows of a table, and the grid of cells that most tables are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from model.errors import InvalidInput
from model.tables.decoding import broken_byte

_AT_ONCE = 5_000
_SHOWN = 40
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table as they stand in it.

    Attributes
    ----------
    numbers
        Of the rows; the first below the names of the columns is 1.
    columns
        Name to one cell a row; an empty cell is None.
    """

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a grid before anybody knows its columns; `line` is where it begins in the file."""

    line: int
    cells: list[str]


def batched(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut rows into batches."""
    rest = iter(items)
    return iter(lambda: list(islice(rest, _AT_ONCE)), [])


def read_grid(source: str, records: Iterator[Record], *, padded: bool) -> Iterator[Batch]:
    """Read records whose first one names the columns.

    Parameters
    ----------
    source
        The table, for messages.
    records
        Blank ones may be among them.
    padded
        The format knows no width: it leaves out or adds empty cells at the
        end of a row.

    Raises
    ------
    InvalidInput
        If a row is wider or narrower than the names, or a byte cannot be read.
    """
    header = _header(source, records)
    width = max((place for place, name in enumerate(header, start=1) if name), default=0)
    # Nameless columns on the right are Excel's; between others, one is a data frame's index.
    places = [place for place, name in enumerate(header) if name]
    if not places:
        return
    yield Batch([], {header[place]: [] for place in places})
    for some in batched(_rows(source, records, header, width, padded=padded)):
        numbers, cells = zip(*some, strict=True)
        columns = list(zip(*cells, strict=True))
        yield Batch(numbers, {header[place]: columns[place] for place in places})


def _header(source: str, records: Iterator[Record]) -> list[str]:
    """Return a table's column names; refuse what is not UTF-8 and names given twice."""
    for record in records:
        names = [name.strip() for name in record.cells]
        if not any(names):
            continue
        for name in names:
            if byte := broken_byte(name):
                raise InvalidInput(f"{source!r}, line {record.line}: {byte} is not UTF-8: save the file as UTF-8.")
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise InvalidInput(f"{source!r} has more than one column named {twice[0]!r}.")
        return names
    return []


def _rows(
    source: str, records: Iterator[Record], header: Sequence[str], width: int, *, padded: bool
) -> Iterator[tuple[int, list[str | None]]]:
    """Yield a table's rows with their numbers; refuse one of another length."""
    number = 0
    for record in records:
        cells: list[str] = record.cells
        if not any(cells) and (padded or len(cells) < width):
            # A blank line.
            continue
        number += 1
        where = f"{source!r}, row {number} (line {record.line})"
        if padded:
            cells = cells + [""] * (width - len(cells))
        if len(cells) < width:
            raise InvalidInput(
                f"{where} ends before column {header[len(cells)]!r}: it has {len(cells)} cells for {width} columns; "
                "put a text that contains a line break in quotes."
            )
        if any(cells[width:]) or (len(cells) > len(header) and not padded):
            place = next((place for place in range(width, len(cells)) if cells[place]), width)
            raise InvalidInput(
                f"{where}, column {place + 1}: {cells[place][:_SHOWN]!r} is beyond the last column, "
                f"{header[width - 1]!r}: put a text that contains a separator in quotes."
            )
        for place, cell in () if all(map(str.isascii, cells)) else enumerate(cells[:width]):
            if byte := broken_byte(cell):
                raise InvalidInput(f"{where}, column {header[place]!r}: {byte} is not UTF-8: save the file as UTF-8.")
        yield number, [cell or None for cell in cells[:width]]
