"""Slurs and swear words, found to be masked; what a comment is flagged for has no part in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The server's parent process imports this too, and must not have numpy before it forks.
    from model.reading.text import TextNormaliser

_FILE = Path(__file__).with_name("slurs.txt")


def slurs_in(text: str) -> tuple[tuple[int, int], ...]:
    """Return where slurs stand in a text as written, disguised ones too: half-open ranges, in order."""
    read = _normaliser().normalise(text)
    found = {read.original(*match.span()) for match in _pattern().finditer(read.text)}
    return tuple(sorted(found))


@cache
def _normaliser() -> "TextNormaliser":
    """Return what reads disguised slurs."""
    from model.reading.text import TextNormaliser  # noqa: PLC0415 - see above

    stems = [word.rstrip("*") for word in _words() if word.rstrip("*").isalpha()]
    # Of letters that stand apart, only a word that it knows is put together.
    return TextNormaliser([stem + ending for ending in ("", "s", "er", "ers", "ed", "ing") for stem in stems])


@cache
def _pattern() -> re.Pattern[str]:
    """Return the pattern that finds slurs."""
    words = "|".join(re.escape(word.rstrip("*")) + (r"[a-z]*" if word.endswith("*") else "") for word in _words())
    return re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)


def _words() -> Iterator[str]:
    """Yield the slurs of the list."""
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
