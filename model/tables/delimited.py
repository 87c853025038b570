"""Rows of CSV, in whatever way a program or a person has saved it."""

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from model.errors import InvalidInput
from model.tables.batch import Record

_DELIMITERS = (",", ";", "\t")
_SAID = re.compile(r'"?sep=([^"\r\n])"?\s*')
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')
#: A field that is longer begins with a quote that nobody closed.
_LONGEST_FIELD = 1_000_000


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
        If a quote is not closed, or nobody can tell what separates the columns.
    """
    csv.field_size_limit(_LONGEST_FIELD)
    lines = _Lines(text)
    delimiter = _delimiter(source, lines)
    # Strict, or else an open quote takes the rest of the file for its field.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    names: list[str] = []
    number = 0
    while True:
        lines.record.clear()
        line = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _open_quote(source, number, line, _broken(lines.record, delimiter, names), str(error)) from error
        if cells is None:
            return
        if len(lines.record) > 1 and _holds_rows(lines.record, cells, delimiter, len(names)):
            raise _open_quote(source, number, line, _broken(lines.record[:1], delimiter, names), "a row follows in it")
        names = names or cells
        number += bool(cells)
        yield Record(line, cells)


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
                f"{source!r}, line {lines.number + 1}: {best[0]!r} or {best[1]!r} may separate the columns: "
                f"write sep={best[0]} or sep={best[1]} into a line above."
            )
        return best[0]
    return _DELIMITERS[0]


def _open_quote(source: str, number: int, line: int, column: str, why: str) -> InvalidInput:
    place = f"row {number}" if number else "the names"
    return InvalidInput(
        f"{source!r}, {place} (line {line}), column {column}: a quote is not closed ({why}): "
        "close it; a quote within a quoted text is written twice."
    )


def _holds_rows(lines: list[str], cells: list[str], delimiter: str, width: int) -> bool:
    """Return whether a quote was closed by another row's.

    Nothing in a comment of several lines looks like the row that it stands
    in: as many columns, and an id of the same make.
    """
    if width < 2 or not any(map(str.isdigit, cells[0])):
        return False
    shape = _shape(cells[0])
    rows = (next(csv.reader([line], delimiter=delimiter), [""]) for line in lines[1:])
    return any(len(row) >= width and _shape(row[0]) == shape for row in rows)


def _shape(text: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text.strip()))


def _broken(lines: list[str], delimiter: str, names: list[str]) -> str:
    """Name the column whose quote is not closed, or closed before its end."""
    column = _broken_column(lines, delimiter)
    return repr(names[column].strip()) if column < len(names) else str(column + 1)


def _broken_column(lines: list[str], delimiter: str) -> int:
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
