"""An amended comment: the text that a moderator puts in place of what was written.

Belowline changes nothing itself. The original stays where it is, and whoever
publishes it is told what to publish instead.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from model.errors import InvalidInput

#: Stands where words were struck: readers see that something is missing.
GAP = "[…]"
_TOKEN = re.compile(r"\s+|\S+")
#: Pairs of words that are compared; a rewriting of more is taken as a whole.
_MOST_PAIRS = 250_000


def strike(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """Return a text without its struck parts, a gap in place of each; those with blanks alone between them are one."""
    kept, at = [], 0
    for start, end in _joined(text, ranges):
        kept += [text[at:start], GAP]
        at = end
    return "".join([*kept, text[at:]])


def struck(original: str, amended: str) -> tuple[tuple[int, int], ...]:
    """Return which parts of the original do not stand in the amended text, in whole words and in order."""
    before, after = ([(match[0], *match.span()) for match in _TOKEN.finditer(text)] for text in (original, amended))
    words = [[token for token, _, _ in tokens] for tokens in (before, after)]
    first = _shared(words[0], words[1])
    last = _shared(words[0][first:][::-1], words[1][first:][::-1])
    middle = [tokens[first : len(tokens) - last] for tokens in words]
    if not middle[0]:
        return ()
    if len(middle[0]) * len(middle[1]) > _MOST_PAIRS:
        gone = [(0, len(middle[0]))]
    else:
        blocks = SequenceMatcher(None, middle[0], middle[1], autojunk=False).get_opcodes()
        gone = [(start, end) for kind, start, end, _, _ in blocks if kind in ("delete", "replace")]
    ranges = [(before[first + start][1], before[first + end - 1][2]) for start, end in gone]
    return tuple(_joined(original, ranges))


def check_amended(original: str, amended: str) -> None:
    """Raise InvalidInput unless something was amended and something is left."""
    if amended == original:
        raise InvalidInput("The amended text is the comment as it stands: strike or change something, or keep it.")
    if not amended.replace(GAP, "").strip():
        raise InvalidInput("Nothing is left of the comment: remove it instead.")


def _shared(some: list[str], others: list[str]) -> int:
    """Return with how many equal words two lists begin."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(text: str, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges in order, without the blanks at their ends, those that only blanks part put together."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        inside = text[max(0, start) : end]
        if not inside.strip():
            continue
        first, last = max(0, start) + len(inside) - len(inside.lstrip()), max(0, start) + len(inside.rstrip())
        if found and not text[found[-1][1] : first].strip():
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found
