"""What a page does not show as words: tags and the paths of addresses; and quotations that tags mark."""

import re
from collections.abc import Iterator

from model.reading.spacing import Edit

#: Ends of names on the internet, among those that readers write without `www.`.
TOP_LEVEL = (
    "com|org|net|gov|edu|int|mil|info|biz|co|io|tv|me|ly|be|uk|us|ca|au|nz|ie|de|fr|eu|in|za|ru|"
    "html?|php|pdf|jpe?g|png|gif"
)
#: Tags that comment software lets readers write: within a line, and those that begin another.
_INLINE = re.compile(
    "a|abbr|b|big|cite|code|del|em|font|i|ins|mark|q|s|small|span|strike|strong|su[bp]|u", re.IGNORECASE
)
_BLOCK = re.compile("blockquote|br|div|figure|h[1-6]|hr|iframe|img|li|ol|p|pre|table|t[drh]|ul", re.IGNORECASE)
_ATTRIBUTES = re.compile(
    r"align|alt|aria-[\w-]+|border|cite|class|color|data-[\w-]+|datetime|dir|face|height|href|id|lang|loading|name|"
    r"rel|role|size|sizes|src|srcset|start|style|target|title|type|width",
    re.IGNORECASE,
)
_OF_PROGRAMS = frozenset({"class", "rel", "sizes", "srcset", "style"})
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,9})((?:\s[^<>]*)?)/?>|\[(/?)(quote)((?:=[^\[\]\n]*)?)\]", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s*([A-Za-z][\w:-]*)\s*=\s*("[^"]*"|'[^']*'|[^\s"'=`]+)""")
_ADDRESS = re.compile(
    r"""(?:(?:https?|ftp)://|\bwww\.|(?<![\w@.])(?=[\w-]{1,63}\.))[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::\d+)?"""
    r"""(?P<path>[/?#][^\s<>"']*)""",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"^(?:https?:|ftp:|www\.)|\.(?:{TOP_LEVEL})(?::\d+)?[/?#]", re.IGNORECASE)
#: An attribute of so many words is a sentence; where programs put many, of three times as many.
_SENTENCE = 4
_SPEAKS = re.compile(r"(?<![a-z])(?:you|your|youre|yourself|ur|kys)(?![a-z])", re.IGNORECASE)
_LINE_END = re.compile(r"[\r\n]+")


def may_hold_markup(text: str) -> bool:
    """Return whether to look closer; most comments hold none of these signs."""
    return "<" in text or "/" in text or "[" in text


def markup_edits(text: str) -> list[Edit]:
    """Return what is to be changed in a text for it to be read as a page shows it.

    A tag vanishes, or ends a line; of an address its host remains. What a tag
    marks as a quotation becomes a line that begins with `>`. A tag that no
    comment software knows is what the reader wrote, and stays. So does what
    speaks to somebody, as where a page shows it after all, it is read. So does a
    comment of nothing but tags, as every comment must have a score.
    """
    if not may_hold_markup(text):
        return []
    edits = sorted([*_tag_edits(text), *_address_edits(text)])
    end, rest = 0, False
    for start, stop, _ in edits:
        rest = rest or bool(text[end:start].strip())
        end = max(end, stop)
    return edits if rest or text[end:].strip() else []


def _tag_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that take HTML and BBCode tags out of a text, and mark what they quote."""
    tags = [tag for tag in _TAG.finditer(text) if _is_tag(tag)]
    depth, end = 0, 0
    for tag, quotes in zip(tags, _quoting(tags), strict=True):
        if tag[5] and not quotes:
            continue
        if depth:
            # A quotation of several paragraphs is one line.
            yield from ((m.start(), m.end(), [(" ", *m.span())]) for m in _LINE_END.finditer(text, end, tag.start()))
        end = tag.end()
        opens = not (tag[1] or tag[4])
        name = (tag[2] or tag[5]).lower()
        inside = depth > 0
        depth += (1 if opens else -1) if quotes else 0
        if quotes and inside != (depth > 0):
            said = "\n> " if opens else "\n"
        elif _INLINE.fullmatch(name):
            said = ""
        else:
            said = " " if inside else "\n"
        yield tag.start(), tag.end(), [(character, *tag.span()) for character in said]


def _quoting(tags: list[re.Match[str]]) -> list[bool]:
    """Return which tags begin or end a quotation: those of `blockquote` and `[quote]` that have a partner."""
    found = [False] * len(tags)
    waiting: dict[str, list[int]] = {"blockquote": [], "quote": []}
    for i, tag in enumerate(tags):
        opened = waiting.get((tag[2] or tag[5]).lower())
        if opened is None:
            continue
        if not (tag[1] or tag[4]):
            opened.append(i)
        elif opened:
            found[opened.pop()] = found[i] = True
    return found


def _is_tag(tag: re.Match[str]) -> bool:
    """Return whether what looks like a tag is one."""
    if tag[5]:
        return not speaks(tag[6])
    if not (_INLINE.fullmatch(tag[2]) or _BLOCK.fullmatch(tag[2])):
        return False
    rest = tag[3].strip().removesuffix("/")
    place = 0
    while place < len(rest.rstrip()):
        attribute = _ATTRIBUTE.match(rest, place)
        if attribute is None or not _is_attribute(attribute[1].lower(), attribute[2]):
            return False
        place = attribute.end()
    return True


def _is_attribute(name: str, value: str) -> bool:
    """Return whether it is an attribute as programs write them, with no sentence in it."""
    words = len(value.split())
    return (
        bool(_ATTRIBUTES.fullmatch(name))
        and words < _SENTENCE * (3 if name in _OF_PROGRAMS else 1)
        and not speaks(value)
    )


def _address_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that take the paths of web addresses out of a text."""
    for address in _ADDRESS.finditer(text):
        path = address["path"].rstrip(".,;:!?'\"")
        if len(path) > 1 and _NAMED.search(address[0]) and not speaks(path):
            yield address.start("path"), address.start("path") + len(path), []


def speaks(words: str) -> bool:
    """Return whether words that a page need not show speak to somebody."""
    return bool(_SPEAKS.search(words))
