"""A text under change, with a map from each character to where it was written."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.reading.characters import reading
from model.reading.spacing import Edit

#: Characters that are not read as themselves, or might not be.
UNUSUAL = re.compile(r"[^\n\r\t -~]")
#: Signs that are read by their names, in one comment, and characters from which on a reading is a name: a comment
#: must not become ten times as long as it is.
_MOST_NAMES, _NAME = 1_000, 5
#: A dash that is written without blanks, read as a hyphen; beside single letters it may hide one, as in 'f—k'.
_DASHES = frozenset("–—―")
_DASHED = re.compile(
    r"(?:(?<=[A-Za-z]{2})|(?<=[^A-Za-z][IiaA]))-(?=[A-Za-z]{2})|(?<=[A-Za-z]{2})-(?=[IiaA](?![A-Za-z]))"
)
_ATTACHED = frozenset({"Mn", "Mc", "Me", "Cf"})


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A comment as it is meant to be read.

    Attributes
    ----------
    text
        What is read.
    starts, ends
        For each character of `text` the half-open range of the comment's
        characters that it stands for; None where each stands for itself.
    """

    text: str
    starts: NDArray[np.int32] | None = None
    ends: NDArray[np.int32] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the comment as written.

        A letter comes with its marks, an emoji with all that it is made of.
        """
        if self.starts is None or self.ends is None or start >= end:
            return start, end
        return int(self.starts[start]), int(self.ends[end - 1])

    def part(self, start: int, end: int) -> "NormalisedText":
        """Return `text[start:end]`, with its map to the comment as written."""
        if self.starts is None or self.ends is None:
            places = np.arange(start, end, dtype=np.int32)
            return NormalisedText(self.text[start:end], places, places + np.int32(1))
        return NormalisedText(self.text[start:end], self.starts[start:end], self.ends[start:end])


class Rewriting:
    """A text under change, and where each of its characters came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._written = text
        self._starts: list[int] | None = None
        self._ends: list[int] | None = None

    def read_characters(self) -> None:
        """Read each character that is not plain ASCII."""
        text = self.text
        odd = list(bounded((m.start(), reading(m[0])) for m in UNUSUAL.finditer(text)))
        if all(len(r) == 1 and not _is_joined(text[i]) for i, r in odd):
            characters = list(text)
            for i, r in odd:
                characters[i] = r
            self.text = "".join(characters)
            return
        readings = dict(odd)
        pieces, starts, ends = [], [], []
        for start, end in _clusters(text):
            for i in range(start, end):
                piece = readings.get(i, text[i])
                pieces.append(piece)
                starts += [start] * len(piece)
                ends += [end] * len(piece)
        self.text, self._starts, self._ends = "".join(pieces), starts, ends

    def part_dashes(self) -> bool:
        """Set a blank behind dashes between words, as none follows hyphens; return whether there were any."""
        if _DASHES.isdisjoint(self._written) and "&" not in self._written:
            return False
        places = (found.start() for found in _DASHED.finditer(self.text))
        dashes = [i for i in places if self._was(i) in _DASHES]
        return self.apply((i, i + 1, [(sign, i, i + 1) for sign in "- "]) for i in dashes)

    def _was(self, place: int) -> str:
        """Return what was written where a character is read, an entity as its sign."""
        if self._starts is None or self._ends is None:
            return self._written[place]
        return html.unescape(self._written[self._starts[place] : self._ends[place]])

    def apply(self, edits: Iterable[Edit]) -> bool:
        """Apply edits that do not overlap; return whether there were any."""
        ordered = sorted(edits)
        if not ordered:
            return False
        text, end = self.text, 0
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        old_starts = self._starts if self._starts is not None else list(range(len(text)))
        old_ends = self._ends if self._ends is not None else list(range(1, len(text) + 1))
        for begin, stop, letters in ordered:
            if begin < end:
                continue
            pieces.append(text[end:begin])
            starts += old_starts[end:begin]
            ends += old_ends[end:begin]
            for letter, s, e in letters:
                pieces.append(letter)
                starts.append(old_starts[s])
                ends.append(old_ends[e - 1])
            end = stop
        self.text = "".join(pieces) + text[end:]
        self._starts, self._ends = starts + old_starts[end:], ends + old_ends[end:]
        return True

    def result(self) -> NormalisedText:
        """Return the text as it is now."""
        if self._starts is None:
            return NormalisedText(self.text)
        return NormalisedText(self.text, np.array(self._starts, np.int32), np.array(self._ends, np.int32))


def bounded(odd: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Read what comes after very many emoji as if the further ones were blanks."""
    names = 0
    for place, read in odd:
        names += len(read) >= _NAME
        yield place, " " if len(read) >= _NAME and names > _MOST_NAMES else read


def _is_joined(character: str) -> bool:
    """Return whether a character is half of a flag."""
    # Two regional indicators are one flag.
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into what a reader sees as one sign each."""
    start = 0
    flag = False
    for i, character in enumerate(text):
        if i == start:
            flag = _is_joined(character)
            continue
        previous = text[i - 1]
        if previous == "\u200d" and not character.isascii() and not character.isalpha():
            continue
        if flag and _is_joined(character):
            flag = False
            continue
        if not character.isascii() and (
            unicodedata.category(character) in _ATTACHED or "\U0001f3fb" <= character <= "\U0001f3ff"
        ):
            continue
        yield start, i
        start, flag = i, _is_joined(character)
    if text:
        yield start, len(text)
