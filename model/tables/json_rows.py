"""Rows of JSON: one object a line, or one list of objects."""

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from model.errors import InvalidInput
from model.tables.batch import Batch, batched
from model.tables.decoding import LONGEST_LINE, broken_byte, lines
from model.tables.exports import flat

_CHUNK = 1 << 16
_BETWEEN = re.compile(r"[\s,]*")
_SHOWN = 40
#: A row with its number.
Numbered = tuple[int, dict[str, Any]]


def read_json(source: str, text: TextIO) -> Iterator[Batch]:
    """Read rows of JSON Lines or of a JSON list; `text` is the whole file.

    Raises
    ------
    InvalidInput
        If a row is not a JSON object, or a byte of it cannot be read.
    """
    for rows in batched(_rows(source, text)):
        names = dict.fromkeys(name for _, row in rows for name in row)
        yield Batch([number for number, _ in rows], {name: [row.get(name) for _, row in rows] for name in names})


def _rows(source: str, text: TextIO) -> Iterator[Numbered]:
    """Yield the rows of JSON Lines or of a JSON list, with their numbers."""
    blank = 0
    # A list may be a single line, however long.
    while (begun := text.readline(_CHUNK)) and not begun.strip():
        blank += begun.endswith(("\n", "\r"))
    if begun.lstrip().startswith("["):
        yield from _list(source, begun[begun.index("[") + 1 :], text)
        return
    for number, line in enumerate(lines(source, text, begun), start=blank + 1):
        if line.strip():
            yield number, _object(source, number, line, _lone(source, number, line))


def _lone(source: str, number: int, line: str) -> Any:
    """Parse a line of JSON; say which one is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        hint = ": write one object a line (JSON Lines), or a list of them" if number == 1 else ""
        raise InvalidInput(f"{source!r}, row {number}: not JSON ({error}){hint}.") from error


def _list(source: str, buffer: str, text: TextIO) -> Iterator[Numbered]:
    """Read the elements of a list, no more of it in memory than the longest takes."""
    decoder = json.JSONDecoder()
    place, number, size = 0, 1, _CHUNK
    while True:
        found = _BETWEEN.match(buffer, place)
        place = found.end() if found else place
        if buffer.startswith("]", place):
            if (buffer[place + 1 :] + text.read(_CHUNK)).strip():
                raise InvalidInput(f"{source!r}: there is more after the list it begins with.")
            return
        problem: Exception | None = None
        if place < len(buffer):
            try:
                row, end = decoder.raw_decode(buffer, place)
            except (ValueError, RecursionError) as error:
                problem = error
            else:
                yield number, _object(source, number, buffer[place:end], row)
                place, number, size = end, number + 1, _CHUNK
                continue
        more = text.read(size) if len(buffer) - place <= LONGEST_LINE else ""
        if not more:
            why = f"not JSON ({problem})" if problem else "the list is not closed"
            raise InvalidInput(f"{source!r}, row {number}: {why}.") from problem
        # What an element lacks is read in ever larger pieces: it is decoded a few times, not thousands.
        buffer, place, size = buffer[place:] + more, 0, size * 2


def _object(source: str, number: int, written: str, row: Any) -> dict[str, Any]:
    """Return a row as a flat object; refuse what is no object or not UTF-8."""
    if not isinstance(row, dict):
        raise InvalidInput(
            f"{source!r}, row {number}: {written.strip()[:_SHOWN]!r} is not an object: write one per line (JSON Lines)."
        )
    if byte := broken_byte(written):
        name = next((name for name, value in row.items() if broken_byte(f"{name}{value}")), "")
        raise InvalidInput(f"{source!r}, row {number}, column {name!r}: {byte} is not UTF-8: save the file as UTF-8.")
    return flat(row)
