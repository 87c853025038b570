"""Sentences and offsets, counted as Google counts: in UTF-16 code units."""

import re
from collections.abc import Sequence

#: A text of many small sentences is cut into so many pieces at most: each is scored.
MOST = 32
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]{0,3}(\s+)|(\n)")


def sentences(text: str) -> list[tuple[int, int]]:
    """Cut a text into sentences: `text[start:end]`, without the blanks around them."""
    found, start = [], 0
    for end in [*(match.end() for match in _BREAK.finditer(text)), len(text)]:
        piece = text[start:end]
        if piece.strip():
            found.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
        start = end
    together = -(-len(found) // MOST) or 1
    groups = [found[i : i + together] for i in range(0, len(found), together)]
    return [(group[0][0], group[-1][1]) for group in groups]


def utf16_offsets(text: str, places: Sequence[int]) -> list[int]:
    """Turn places in a Python string, in rising order, into those of a UTF-16 string."""
    offsets, before, units = [], 0, 0
    for place in places:
        units += len(text[before:place].encode("utf-16-le", "surrogatepass")) // 2
        before = place
        offsets.append(units)
    return offsets
