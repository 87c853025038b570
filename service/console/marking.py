"""A comment cut at the words that made its scores, for a page to mark; its slurs, for a page to mask."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from model.attributes import BY_NAME
from model.records import Span
from service.wording.catalogue import gettext as _
from service.wording.catalogue import lazy_gettext

#: Attributes that only sum up the others: a mark names them where nothing more exact is known.
GENERAL = ("toxicity", "severe_toxicity", "likely_to_reject")
#: Characters of a line on a page, roughly, and the most lines that are not folded.
_LINE = 70
_MOST_LINES = 18
_BLANKS_AROUND = re.compile(r"(\A\s+|\s+\Z)")
#: What a page calls an attribute.
_LABELS = {
    "toxicity": lazy_gettext("toxicity"),
    "severe_toxicity": lazy_gettext("severe toxicity"),
    "insult": lazy_gettext("insult"),
    "profanity": lazy_gettext("profanity"),
    "threat": lazy_gettext("threat"),
    "identity_attack": lazy_gettext("identity attack"),
    "off_topic": lazy_gettext("off topic"),
    "likely_to_reject": lazy_gettext("usually removed"),
    "court_case": lazy_gettext("a court case"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a passage: a slur, or what stands between two."""

    text: str
    slur: bool = False

    @property
    def masked(self) -> str:
        """The text with only the first letter of each word left.

        Of letters that stand alone the first one is left: they may be a word
        that was spaced out.
        """
        return re.sub(r"(?<=\S)\S|(?<=\s)\S(?!\S)", "•", self.text)


@dataclass(frozen=True, slots=True)
class Passage:
    """Some of a comment's text, the attributes that it counts towards, if any, and where in it slurs stand."""

    text: str
    attributes: tuple[str, ...] = ()
    slurs: tuple[tuple[int, int], ...] = ()

    @property
    def label(self) -> str:
        """What the mark is called: the exact attributes, or else "abusive"."""
        return ", ".join(map(label, self.kind)) if any(self.kind) else _("abusive")

    @property
    def kind(self) -> tuple[str, ...]:
        """By what it is marked: the exact attributes; an empty name for general ones alone, nothing for no mark."""
        return tuple(name for name in self.attributes if name not in GENERAL) or ("",) * bool(self.attributes)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The passage cut at its slurs; the pieces put together are the text."""
        cut, at = [], 0
        for start, end in self.slurs:
            cut += [Piece(self.text[at:start]), Piece(self.text[start:end], slur=True)]
            at = max(at, end)
        return tuple(piece for piece in (*cut, Piece(self.text[at:])) if piece.text)


def label(attribute: str) -> str:
    """Name an attribute as a moderator would."""
    return str(_LABELS.get(attribute, attribute.replace("_", " ")))


def named(attribute: str) -> str:
    """Name what a comment is that has an attribute."""
    if attribute == "toxicity":
        return _("abusive")
    return _("severely abusive") if attribute == "severe_toxicity" else label(attribute)


def tall(text: str) -> bool:
    """Return whether a text needs so many lines that a page folds it at first."""
    return sum(1 + len(line) // _LINE for line in text.split("\n")) > _MOST_LINES


def passages(text: str, spans: Iterable[Span], slurs: Sequence[tuple[int, int]] = ()) -> tuple[Passage, ...]:
    """Cut a text at its spans; the passages put together are the text.

    Neighbours whose marks are called the same become one passage, with the
    white space between them, so that a marked phrase reads as one; white space
    at an end of one is no part of it. Of a span that
    reaches beyond the text, the part within it counts; one that holds neither
    letter nor digit marks nothing, since a label on each emoji tells nothing.

    Parameters
    ----------
    text
        A comment as written.
    spans
        The words that are reasons to look.
    slurs
        Where the words to be masked stand, in order.
    """
    changes: dict[int, list[tuple[str, int]]] = {0: [], len(text): []}
    for span in spans:
        start, end = max(0, span.start), min(len(text), span.end)
        if any(character.isalnum() for character in text[start:end]):
            changes.setdefault(start, []).append((span.attribute, 1))
            changes.setdefault(end, []).append((span.attribute, -1))
    covering = dict.fromkeys(BY_NAME, 0)
    cut: list[Passage] = []
    points = sorted(changes)
    for start, end in pairwise(points):
        for attribute, change in changes[start]:
            covering[attribute] = covering.get(attribute, 0) + change
        names = tuple(name for name, count in covering.items() if count)
        for part in _BLANKS_AROUND.split(text[start:end]) if names else (text[start:end],):
            _append(cut, Passage(part, () if part.isspace() else names))
    return _with_slurs(cut, slurs)


def _append(cut: list[Passage], passage: Passage) -> None:
    """Add a passage, joined with those before it where they mark the same."""
    if not passage.text:
        return
    if cut and cut[-1].kind == passage.kind:
        cut[-1] = Passage(cut[-1].text + passage.text, cut[-1].attributes)
    elif len(cut) > 1 and passage.attributes and cut[-2].kind == passage.kind and cut[-1].text.isspace():
        space = cut.pop()
        cut[-1] = Passage(cut[-1].text + space.text + passage.text, cut[-1].attributes)
    else:
        cut.append(passage)


def _with_slurs(cut: Sequence[Passage], slurs: Sequence[tuple[int, int]]) -> tuple[Passage, ...]:
    """Return the passages, each with the slurs, or the parts of some, that stand in it."""
    found, at = [], 0
    for passage in cut:
        size = len(passage.text)
        inside = [(max(0, start - at), min(size, end - at)) for start, end in slurs if start < at + size and end > at]
        found.append(replace(passage, slurs=tuple(inside)))
        at += size
    return tuple(found)
