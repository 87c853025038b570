"""A comment that may be HTML, as its readers see it."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser

#: What comment software lets a reader write, with the attributes that it may have.
_INLINE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("b", "strong", "i", "em", "s", "u", "code", "span"), frozenset({"class"})),
    "a": frozenset({"href", "target", "rel", "class"}),
}
_BLOCKS = dict.fromkeys(("br", "div", "p", "blockquote", "ul", "ol", "li", "pre"), frozenset({"class"}))
_TAGS = {**_INLINE, **_BLOCKS}
#: A reference to a character by more digits than any character's number needs. Python refuses to
#: make a number of very many, and the standard library does not expect that.
_LONG_REFERENCE = re.compile("&#([0-9]{8,})")


class _NotHtml(Exception):
    """A tag that comment software would not have let pass."""


class _Reader(HTMLParser):
    """Reads tags, as long as each is known, and notes where a line ends."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        #: Quotations that are open.
        self.quotes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens; refuse what a comment's HTML does not have."""
        known = _TAGS.get(tag)
        if known is None or any(name not in known or _holds_words(value) for name, value in attrs):
            raise _NotHtml
        self._break(tag, opens=True)

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        if tag not in _TAGS:
            raise _NotHtml
        self._break(tag, opens=False)

    def handle_data(self, data: str) -> None:
        """Keep the words between tags."""
        self.pieces.append(data)

    def _break(self, tag: str, *, opens: bool) -> None:
        """Break the line where a block begins or ends, and mark a quotation."""
        if tag not in _BLOCKS:
            return
        before = self.quotes
        if tag == "blockquote":
            self.quotes = before + 1 if opens else max(0, before - 1)
        # A quotation is one line, so that one sign marks all of it.
        self.pieces.append("\n" if not self.quotes else " " if before else "\n> ")


def text_of(body: str) -> str:
    """Return a comment's text, whether it comes as HTML or as text.

    A program does not always tell which of the two it sends, and readers
    write `a < b` and `<rant>`. Only a body whose every tag is one that
    comment software knows is read as HTML; in any other the tags are what
    the reader wrote, and stay. What stands in `blockquote` comes as a line
    that begins with `>`, as mail and Markdown mark it.
    """
    try:
        return "".join(_pieces(_LONG_REFERENCE.sub(_shortened, body))).strip()
    except _NotHtml:
        return body


def _shortened(reference: re.Match[str]) -> str:
    """Write a reference to the same character, or to none that exists, in eight digits at most."""
    return "&#" + (reference[1].lstrip("0")[:8] or "0")


def _pieces(body: str) -> Iterator[str]:
    """Return the text between the tags.

    The parser is given each tag by itself: over a long text with brackets
    that nothing closes it would sit for minutes.
    """
    reader = _Reader()
    end = 0
    while (start := body.find("<", end)) >= 0:
        text = unescape(body[end:start])
        yield text.replace("\n", " ") if reader.quotes else text
        end = body.find(">", start) + 1
        tag = body[start:end]
        if tag.count("<") != 1 or tag[1] in "!?":
            raise _NotHtml
        reader.feed(tag)
        if reader.rawdata:
            raise _NotHtml
        yield "".join(reader.pieces)
        reader.pieces.clear()
    yield unescape(body[end:])


def _holds_words(value: str | None) -> bool:
    """Return whether an attribute could hide a sentence."""
    return value is not None and any(character.isspace() for character in value.strip())
