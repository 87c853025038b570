"""A comment cut at the words that made its scores, for a page to mark and mask."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from model.attributes import BY_NAME
from model.records import Span

#: Attributes that only sum up the others: a mark names them where nothing more exact is known.
_GENERAL = ("toxicity", "severe_toxicity", "likely_to_reject")
_LABELS = {"identity_attack": "identity attack", "off_topic": "off topic", "likely_to_reject": "usually removed"}


@dataclass(frozen=True, slots=True)
class Passage:
    """Some of a comment's text, and the attributes that it counts towards, if any."""

    text: str
    attributes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What the mark is called: the exact attributes, or else "abusive"."""
        exact = [label(name) for name in self.attributes if name not in _GENERAL]
        return ", ".join(exact) or "abusive"

    @property
    def masked(self) -> str:
        """The text with only the first letter of each word left.

        Of letters that stand alone the first one is left: they may be a word
        that was spaced out.
        """
        return re.sub(r"(?<=\S)\S|(?<=\s)\S(?!\S)", "•", self.text)


def label(attribute: str) -> str:
    """Name an attribute as a moderator would."""
    return _LABELS.get(attribute, attribute.replace("_", " "))


def passages(text: str, spans: Iterable[Span]) -> tuple[Passage, ...]:
    """Cut a text at its spans; the passages put together are the text.

    Neighbours with the same attributes become one passage, with the white
    space between them, so that a marked phrase reads as one. Of a span that
    reaches beyond the text, the part within it counts.
    """
    changes: dict[int, list[tuple[str, int]]] = {0: [], len(text): []}
    for span in spans:
        start, end = max(0, span.start), min(len(text), span.end)
        if start < end:
            changes.setdefault(start, []).append((span.attribute, 1))
            changes.setdefault(end, []).append((span.attribute, -1))
    covering = dict.fromkeys(BY_NAME, 0)
    cut: list[Passage] = []
    points = sorted(changes)
    for start, end in pairwise(points):
        for attribute, change in changes[start]:
            covering[attribute] = covering.get(attribute, 0) + change
        names = tuple(name for name, count in covering.items() if count)
        _append(cut, Passage(text[start:end], names))
    return tuple(cut)


def _append(cut: list[Passage], passage: Passage) -> None:
    """Add a passage, joined with those before it where they mark the same."""
    if cut and cut[-1].attributes == passage.attributes:
        cut[-1] = Passage(cut[-1].text + passage.text, passage.attributes)
    elif len(cut) > 1 and passage.attributes and cut[-2].attributes == passage.attributes and cut[-1].text.isspace():
        space = cut.pop()
        cut[-1] = Passage(cut[-1].text + space.text + passage.text, passage.attributes)
    else:
        cut.append(passage)
