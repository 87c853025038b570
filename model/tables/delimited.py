"""Rows of CSV, however a program or a person has saved it."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise

from model.errors import InvalidInput
from model.tables.batch import Record

_DELIMITERS = (",", ";", "\t")
_SAID = re.compile(r'"?sep=([^"\r\n])"?\s*')
_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
#: How many values of a column are remembered, to know a row again that a quote has swallowed.
_MOST_SEEN = 50
#: Records of several lines that are looked at again when the whole file is known.
_MOST_DOUBTFUL = 1_000
#: A field that is longer begins, nearly always, with a quote that nobody closed.
_LONGEST_FIELD = 1_000_000
#: What the reader is allowed to find out whether it does.
_ANY_LENGTH = 2**31 - 1


class _Lines:
    """The lines of a file, of which those of the present record are remembered."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        self.record.append(line)
        return line

    def push_back(self, line: str) -> None:
        """Put a line back, to be read again."""
        self._lines = chain([line], self._lines)
        self.number -= 1
        self.record.clear()


def delimited_records(source: str, text: Iterable[str]) -> Iterator[Record]:
    """Read records; the first is the one that names the columns.

    Parameters
    ----------
    source
        The table, for messages.
    text
        Its lines, with their ends.

    Raises
    ------
    InvalidInput
        If a quote is never closed, a field is too long, or nobody can tell what separates the columns.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    lines = _Lines(text)
    delimiter = _delimiter(source, lines)
    # Strict, or else an open quote takes the rest of the file for its field.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    names: list[str] = []
    watch = _Watch(0)
    number = 0
    while True:
        lines.record.clear()
        line = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if (long := _too_long(lines.record, delimiter)) is not None:
                raise _long_field(source, number, line, _column(long, names)) from error
            raise _open_quote(source, number, line, _broken(lines.record, delimiter, names), str(error)) from error
        if cells is None:
            break
        if names and len(lines.record) > 1:
            broken = partial(_broken, lines.record[:1], delimiter, names)
            tell = partial(_tell_swallowed, source, number, line, broken)
            watch.look_into(_Swallowed.read(lines.record, cells, delimiter), tell)
        if names:
            watch.remember(cells)
        elif cells:
            names, watch = cells, _Watch(len(cells))
        number += bool(cells)
        yield Record(line, cells)
    watch.look_again()


def _delimiter(source: str, lines: _Lines) -> str:
    """Return what separates the columns: Excel's own `sep=;` in the first line says it, or else their names do."""
    said = None
    for line in lines:
        if said is None and (found := _SAID.fullmatch(line)):
            said = found[1]
            continue
        if not line.strip(' "\r\n' + "".join(_DELIMITERS)):
            continue
        lines.push_back(line)
        if said is not None:
            return said
        counts = {mark: len(next(csv.reader([line], delimiter=mark))) for mark in _DELIMITERS}
        most = max(counts.values())
        best = [mark for mark in _DELIMITERS if counts[mark] == most]
        if most > 1 and len(best) > 1:
            raise InvalidInput(
                f"{source!r}, line {lines.number + 1}: {best[0]!r} or {best[1]!r} could separate the columns: "
                f"write sep={best[0]} or sep={best[1]} on a line of its own above them."
            )
        return best[0]
    return _DELIMITERS[0]


def _open_quote(source: str, number: int, line: int, column: str, why: str) -> InvalidInput:
    """Return the error for a quote that is never closed."""
    return InvalidInput(
        f"{source!r}, {_row(number)} (line {line}), column {column}: a quote is never closed ({why}): "
        "close it, and write a quote within a quoted text twice."
    )


def _long_field(source: str, number: int, line: int, column: str) -> InvalidInput:
    """Return the error for a field that is no comment, whose quotes are as they should be."""
    return InvalidInput(
        f"{source!r}, {_row(number)} (line {line}), column {column}: longer than {_LONGEST_FIELD:,} characters: "
        "shorten it, or leave the row out."
    )


def _row(number: int) -> str:
    """Name a record: the first is the one that names the columns."""
    return f"row {number}" if number else "the names"


def _too_long(lines: list[str], delimiter: str) -> int | None:
    """Return the number of the column that is too long for a record that is whole; None if no such one is."""
    csv.field_size_limit(_ANY_LENGTH)
    try:
        cells = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(_LONGEST_FIELD)
    return next((column for column, cell in enumerate(cells) if len(cell) > _LONGEST_FIELD), None)


def _tell_swallowed(source: str, number: int, line: int, broken: Callable[[], str]) -> InvalidInput:
    """Return the error for an open quote that swallowed rows."""
    return _open_quote(source, number, line, broken(), "a row follows in it")


@dataclass(frozen=True, slots=True)
class _Swallowed:
    """What might be other rows in a record of several lines, whose quote one of them closed.

    Nothing in a comment of several lines looks like the row that it stands
    in: as many columns, and an id of the same make or a first cell that other
    rows have, too. Where the comment itself comes first, the other cells of
    such a row give it away.

    Attributes
    ----------
    cells
        The record's.
    firsts
        The first cells of its further lines, where those have as many columns.
    rests
        The other cells of its lines, if it begins with a quote.
    """

    cells: list[str]
    firsts: list[str]
    rests: list[list[str]]

    @classmethod
    def read(cls, lines: list[str], cells: list[str], delimiter: str) -> "_Swallowed":
        """Read the lines that a quote holds as if they were rows."""
        rows = [_as_row(line, delimiter) for line in lines[1:]]
        rests: list[list[str]] = []
        if lines[0].startswith('"'):
            begun = _as_row(lines[0][1:], delimiter)
            rests = [row[1:] for row in (begun, *rows[:-1]) if any(row[1:]) and len(row) == len(cells)]
        return cls(cells, [row[0] for row in rows if len(row) >= len(cells)], rests)

    def is_certain(self, seen: list[set[str]]) -> bool:
        """Return whether one of them is a row, by what other rows hold in each column."""
        known = {self.cells[0], *seen[0]} - {""}
        if len(self.cells) > 1 and any(first in known or _alike(first, self.cells[0]) for first in self.firsts):
            return True
        fits = len(self.cells) == len(seen)
        return fits and any(_ends_as_rows_do(rest, self.cells[1:], seen[1:]) for rest in self.rests)


class _Watch:
    """Remembers what the columns hold, and so knows a row again that a quote has swallowed."""

    def __init__(self, columns: int) -> None:
        self._seen: list[set[str]] = [set() for _ in range(columns)]
        self._doubtful: list[tuple[_Swallowed, Callable[[], InvalidInput]]] = []

    def remember(self, cells: list[str]) -> None:
        """Remember what a row holds."""
        for values, cell in zip(self._seen, cells, strict=False):
            if len(values) < _MOST_SEEN:
                values.add(cell)

    def look_into(self, swallowed: _Swallowed, tell: Callable[[], InvalidInput]) -> None:
        """Raise the error if an open quote has swallowed a row; if that cannot be told yet, later."""
        if swallowed.is_certain(self._seen):
            raise tell()
        if len(self._doubtful) < _MOST_DOUBTFUL and (swallowed.firsts or swallowed.rests):
            self._doubtful.append((swallowed, tell))

    def look_again(self) -> None:
        """Raise the error of the first record in which there is a row after all, now that all columns are known."""
        for swallowed, tell in self._doubtful:
            if swallowed.is_certain(self._seen):
                raise tell()


def _as_row(line: str, delimiter: str) -> list[str]:
    """Cut a line into cells, but not where people write commas: within a number, or before a blank."""
    cells = next(csv.reader([line], delimiter=delimiter), None) or [""]
    is_prose = any(cell[:1].isspace() or _splits_number(before, cell) for before, cell in pairwise(cells))
    return [line] if is_prose else cells


def _splits_number(before: str, after: str) -> bool:
    """Return whether a delimiter stands within a number, as in `9,000`."""
    return before[-1:].isdigit() and _THOUSANDS.match(after) is not None


def _ends_as_rows_do(ends: list[str], cells: list[str], seen: list[set[str]]) -> bool:
    """Return whether what follows the first comma of a line is what follows the comment in a row."""
    return all(
        end == cell or end in values or _alike(end, cell) for end, cell, values in zip(ends, cells, seen, strict=True)
    )


def _alike(one: str, other: str) -> bool:
    """Return whether two cells are ids, moments or numbers of the same make."""
    one, other = one.strip(), other.strip()
    return any(map(str.isdigit, one)) and abs(len(one) - len(other)) <= 1 and _make(one) == _make(other)


def _make(text: str) -> str:
    """Return the pattern of letters and digits in a cell."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text))


def _broken(lines: list[str], delimiter: str, names: list[str]) -> str:
    """Name the column whose quote is not closed, or closed before its end."""
    return _column(_broken_column(lines, delimiter), names)


def _column(column: int, names: list[str]) -> str:
    """Name a column; one without a name by its number."""
    return repr(names[column].strip()) if column < len(names) else str(column + 1)


def _broken_column(lines: list[str], delimiter: str) -> int:
    """Return the number of the column in which a quote is never closed."""
    text, place, column = "".join(lines), 0, 0
    while place < len(text):
        if text[place] == '"':
            closed = _QUOTED.match(text, place)
            if closed is None or text[closed.end() : closed.end() + 1] not in {delimiter, "\r", "\n", ""}:
                return column
            place = closed.end()
        else:
            place = text.find(delimiter, place)
        if place < 0 or text[place : place + 1] != delimiter:
            return column
        place, column = place + 1, column + 1
    return column
