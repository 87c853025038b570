"""Phrases that raise a comment's scores, where labelled comments hold too few for a classifier to know them all."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import punctuation

import numpy as np
from ahocorasick_rs import AhoCorasick, Implementation
from numpy.typing import NDArray

#: What such phrases are a case of, in the guide's words: they announce harm, or call for it.
ATTRIBUTE = "threat"
_ENDS = f" \n{punctuation}"
#: Runs of blanks; and a line end within a sentence, where a program broke the line: not that of a quotation or a list.
_BLANKS = re.compile(r"[ \t]{2,}|\t")
_BROKEN = re.compile(r"(?<![.!?:\s])[ \t]*\r?\n[ \t]*(?=[a-z])(?![a-z]{1,3}[.)])|[ \t]{2,}|\t")
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases of one kind.

    Attributes
    ----------
    sentence
        What a moderator is told of a comment that holds one.
    patterns
        Each behind hints: texts in lower case of which it needs one, parted by `|`.
    is_meant
        Whether a phrase is meant as said: takes the text, and where the phrase begins and ends.
    more
        Attribute to how much more log-odds a comment with one has.
    """

    sentence: str
    patterns: Sequence[tuple[str, str]]
    is_meant: Callable[[str, int, int], bool]
    more: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Said:
    """The phrases that a text holds: of which kind, and where each begins and ends."""

    kind: Phrases
    places: tuple[tuple[int, int], ...]


class PhraseFinder:
    """Finds phrases of several kinds; of a text that holds more than one, the first kind counts."""

    def __init__(self, kinds: Sequence[Phrases]) -> None:
        self._kinds = kinds
        behind: dict[str, list[tuple[int, re.Pattern[str]]]] = {}
        for number, kind in enumerate(kinds):
            for hints, pattern in kind.patterns:
                compiled = re.compile(pattern, re.IGNORECASE)
                for hint in hints.split("|"):
                    behind.setdefault(hint, []).append((number, compiled))
        self._behind = tuple(behind.values())
        # All hints in one pass, however many there are (Aho and Corasick 1975).
        self._hints = AhoCorasick(list(behind), implementation=Implementation.DFA)

    def find(self, texts: Sequence[str]) -> dict[int, Said]:
        """Find phrases in N texts as the normaliser leaves them; return those of each that holds any, by its number."""
        said, hints_in = {}, self._hints.find_matches_as_indexes
        for i, text in enumerate(texts):
            has_gaps = "\n" in text or "\t" in text or "  " in text
            together = " ".join(text.split()) if has_gaps else text
            # Most texts hold no hint, however their blanks are read, and are looked at no further.
            if found := hints_in(together.lower(), overlapping=True):
                hints = {hint for hint, _, _ in found}
                one = self._said_across(text, hints) if has_gaps else self._said(text, hints)
                if one is not None:
                    said[i] = one
        return said

    def _said_across(self, text: str, hints: set[int]) -> Said | None:
        """Return the phrases of a text as it stands, and those that runs of blanks and broken lines hide."""
        as_it_stands = self._said(text, hints)
        found = [] if as_it_stands is None else [as_it_stands]
        held = {quoted.end() for quoted in _QUOTED.finditer(text)} if "\n" in text else set()
        for gaps in (_BLANKS, _BROKEN) if "\n" in text else (_BLANKS,):
            shut = [gap.span() for gap in gaps.finditer(text) if gap.start() not in held]
            said = self._said(_closed(text, shut), hints) if shut else None
            if said is not None:
                owner = _owners(len(text), shut)
                found.append(Said(said.kind, tuple((owner[start], owner[end - 1] + 1) for start, end in said.places)))
        for kind in self._kinds:
            if places := {place for said in found if said.kind is kind for place in said.places}:
                return Said(kind, tuple(sorted(places)))
        return None

    def _said(self, text: str, hints: set[int]) -> Said | None:
        """Return the phrases of a text that holds hints."""
        found: dict[int, set[tuple[int, int]]] = {}
        patterns = {behind for hint in hints for behind in self._behind[hint]}
        for number, pattern in patterns:
            found.setdefault(number, set()).update(match.span() for match in pattern.finditer(text))
        for number in sorted(found):
            kind = self._kinds[number]
            if meant := {_words_alone(text, *place) for place in found[number] if kind.is_meant(text, *place)}:
                return Said(kind, tuple(sorted(meant)))
        return None


def _closed(text: str, gaps: Sequence[tuple[int, int]]) -> str:
    """Return a text with one blank for each gap."""
    ends = [0, *(end for _, end in gaps)]
    starts = [*(start for start, _ in gaps), len(text)]
    return " ".join([text[start:end] for start, end in zip(ends, starts, strict=True)])


def _owners(length: int, gaps: Sequence[tuple[int, int]]) -> list[int]:
    """Return where each character of a text of that length stood before its gaps were closed."""
    owner, after = list[int](), 0
    for start, end in gaps:
        owner += range(after, start + 1)
        after = end
    return [*owner, *range(after, length)]


def _words_alone(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a phrase begins without the full stop by which its pattern knows that a sentence does."""
    return end - len(text[start:end].lstrip(_ENDS)), end


def raised(scores: NDArray[np.float32], names: Sequence[str], said: Mapping[int, Said]) -> NDArray[np.float32]:
    """Raise the scores of texts that hold phrases.

    Parameters
    ----------
    scores, names
        N x A probabilities, and of which attributes.
    said
        Which of the N texts hold which.
    """
    if not said:
        return scores
    found = scores.copy()
    rows = list(said)
    more = np.array([[one.kind.more.get(name, 0.0) for name in names] for one in said.values()], dtype=np.float32)
    odds = np.log(scores[rows]) - np.log1p(-scores[rows]) + more
    found[rows] = 1 / (1 + np.exp(-odds))
    return found
