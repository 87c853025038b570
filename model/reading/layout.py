"""How a comment is set on its page: entities stand for signs, and stars or underscores for stress."""

import html
import re
from collections.abc import Iterator
from html.entities import html5

from model.reading.characters import reading
from model.reading.markup import markup_edits, may_hold_markup
from model.reading.rewriting import bounded
from model.reading.spacing import Edit

#: `&amp;lt;` was encoded twice.
_ENTITY = re.compile(r"&(?:amp;)*((?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)")
#: Signs around whole words, the same before as behind; within a word they hide letters, as they do behind the
#: single letter of 's***'. Of bounded length, or a text of nothing but such signs would take seconds.
_STRESSED = re.compile(
    r"(?<![^\s\"'(\[{>,.;:!?_-])(?P<stars>\*{1,3})(?=[\"'(]?[^\W_])(?P<in_stars>(?:[^*\n]|(?<=\w)\*+(?=\w)){1,200}?)"
    r"(?<=[^\W_]|[.,!?\"')%])(?<!\s[b-hj-zB-HJ-Z])(?P=stars)(?![^\s\"')\]}<,.;:!?_-])"
    r"|(?<![^\s\"'(\[{>,.;:!?*-])(?P<lines>_{1,3})(?=[\"'(]?[^\W_])(?P<in_lines>(?:[^_\n]|(?<=\w)_+(?=\w)){1,200}?)"
    r"(?<=[^\W_]|[.,!?\"')%])(?P=lines)(?![^\s\"')\]}<,.;:!?*-])"
)


def may_be_laid_out(text: str) -> bool:
    """Return whether to look closer; most comments hold none of these signs."""
    return "&" in text or "*" in text or "_" in text or may_hold_markup(text)


def layout_edits(text: str) -> list[Edit]:
    """Return what is to be changed in a text for it to be read as a page shows it.

    What an entity stands for may be the sign of a tag, so that it comes first.
    A comment of nothing but blank entities stays, as every comment must have a score.
    """
    entities = list(_entity_edits(text)) if "&" in text else []
    signs = "".join(sign for _, _, letters in entities for sign, *_ in letters)
    if entities and (_ENTITY.sub("", text) + signs).strip():
        return entities
    return [*_stress_edits(text)] or markup_edits(text)


def _entity_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that put signs for entities."""
    found = [entity for entity in _ENTITY.finditer(text) if entity[1] in html5 or entity[1][0] == "#"]
    said = (("".join(map(reading, html.unescape(f"&{entity[1]}")))) for entity in found)
    for entity, (_, read) in zip(found, bounded(enumerate(said)), strict=True):
        yield entity.start(), entity.end(), [(sign, *entity.span()) for sign in read]


def _stress_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that leave out the signs around stressed words."""
    if "*" in text or "_" in text:
        for found in _STRESSED.finditer(text):
            inner = "in_stars" if found["stars"] else "in_lines"
            yield found.start(), found.start(inner), []
            yield found.end(inner), found.end(), []
