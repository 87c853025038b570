"""Files as text: gzip or plain, UTF-8 or UTF-16, with every byte that is neither kept in its place."""

import codecs
import gzip
import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from model.errors import InvalidInput

_GZIP = b"\x1f\x8b"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is the beginning of this one.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Characters of a line, and of a row of JSON: a hundred comments of the longest kind, and their articles.
LONGEST_LINE = 1 << 25
#: What a byte that cannot be decoded becomes, until somebody who knows its row tells of it.
_BROKEN = re.compile("[\udc80-\udcff]")


def _keep(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is not UTF-8 as a lone surrogate, by which it is found later."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(0xDC00 + max(error.object[error.start], 0x80)), error.end


codecs.register_error("belowline.keep", _keep)


@contextmanager
def open_text(source: str) -> Iterator[TextIO]:
    """Open a file, or standard input for `-`; line ends stay as they are."""
    with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
        raw = cast("io.BufferedReader", file)
        if raw.peek(2).startswith(_GZIP):
            raw = io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)))
        start = raw.peek(4)
        if b"\0" in start[:2]:
            raise InvalidInput(
                f"{source!r} is neither UTF-8 nor UTF-16 with a byte-order mark: save the file as UTF-8."
            )
        encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
        errors = "surrogateescape" if encoding.startswith("utf-8") else "belowline.keep"
        yield io.TextIOWrapper(cast("BinaryIO", raw), encoding, errors, newline="")


def lines(source: str, text: TextIO, begun: str = "") -> Iterator[str]:
    """Read a file line by line, and refuse one that goes on for ever: some kilobytes of gzip can hold gigabytes of it.

    `begun` is what was read of the first one before.
    """
    line = begun if begun.endswith(("\n", "\r")) else begun + text.readline(LONGEST_LINE + 1)
    while line:
        if len(line) > LONGEST_LINE:
            raise InvalidInput(f"{source!r} has a line of more than {LONGEST_LINE:,} characters: is it the right file?")
        yield line
        line = text.readline(LONGEST_LINE + 1)


def broken_byte(text: str) -> str | None:
    """Return the first byte of a text that could not be decoded, as it is written in a message."""
    if text.isascii():
        return None
    found = _BROKEN.search(text)
    return f"byte {ord(found[0]) - 0xDC00:#04x}" if found else None
