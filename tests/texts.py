"""Texts that are hostile to what reads them, for tests that generate them."""

from hypothesis import strategies as st

#: All of Unicode, halves of surrogate pairs included: JSON lets them in as `\ud800`.
CHARACTERS = st.characters()
#: More digits than Python turns into a number.
_LONG = st.integers(4290, 4320).map(lambda size: "1" * size)
_NUMBERS = st.one_of(
    st.text("0123456789abcdefABCDEF", max_size=10), _LONG, _LONG.map(lambda digits: "0" * 4400 + digits)
)
_NAMES = st.sampled_from(["amp", "lt", "gt", "nbsp", "notit", "hellip", "NewLine", "x", ""])
REFERENCES = st.builds(
    "".join, st.tuples(st.sampled_from(["&#", "&#x", "&#X", "&"]), _NUMBERS | _NAMES, st.sampled_from(["", ";"]))
)
_TAG_NAMES = st.sampled_from(
    ["b", "a", "br", "div", "p", "span", "code", "B", "script", "style", "title", "plaintext", "svg", ""]
)
_VALUES = st.text(CHARACTERS, max_size=8) | REFERENCES
_ATTRIBUTES = st.builds(
    lambda name, equals, quote, value: f" {name}{equals}{quote}{value}{quote}",
    st.sampled_from(["href", "class", "onclick", "rel", "=", "/", ""]),
    st.sampled_from(["=", " = ", ""]),
    st.sampled_from(['"', "'", ""]),
    _VALUES,
)
_TAGS = st.builds(
    lambda opens, name, attributes, closes: opens + name + "".join(attributes) + closes,
    st.sampled_from(["<", "</", "<!", "<!--", "<![CDATA[", "<!DOCTYPE ", "<?"]),
    _TAG_NAMES,
    st.lists(_ATTRIBUTES, max_size=2),
    st.sampled_from([">", "/>", "-->", "]]>", " >", ""]),
)
#: What comment software sends, and what only looks like it.
HTML = st.lists(_TAGS | REFERENCES | st.text(CHARACTERS, max_size=12), max_size=6).map("".join)
#: What the reading of disguises acts on, between characters of any kind.
# fmt: off
_WORDS = st.sampled_from([
    "i-d-i-o-t", "idiot", "stupid", "f u c k", "f**k", "1d10t", "stooopid", "st upid", "vv@nk3r", "U.S.A.", "you", "http://a.example/b",
    "@you", "&amp;", "ﷺ", "İ", "ß", "ŉ", "🇬🇧", "👩\u200d👩\u200d👧", "\u0301", "\u202e", "\0", "\ud800",
])
# fmt: on
_HOSTILE = st.lists(
    _WORDS | st.text(CHARACTERS, max_size=6) | REFERENCES | st.sampled_from(" \n.-*_"), max_size=12
).map("".join)
#: Whatever a reader may send.
ANY = _HOSTILE | HTML | st.text(CHARACTERS)
