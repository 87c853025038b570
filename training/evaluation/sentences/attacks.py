"""What commenters do to hide what a text says from a machine."""

import random
import re
from collections.abc import Callable
from typing import Protocol

_WORD = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)?")
#: The kinds of writing for each attack are ours: the tests of others differ,
#: so that each attack draws from several.
_LEET = (
    {"a": "4", "e": "3", "i": "1", "o": "0"},
    {"a": "@", "e": "3", "i": "!", "o": "0", "s": "$"},
    {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"},
    {"a": "@", "e": "3", "i": "1", "l": "1", "o": "0", "s": "$", "t": "+"},
    {"a": "4", "b": "8", "e": "3", "g": "9", "i": "1", "o": "0", "s": "5", "t": "7"},
)
_HOMOGLYPHS = (
    dict(zip("acehijopsxyABCEHIKMOPTX", "асеһіјорѕхуАВСЕНІКМОРТХ", strict=True)),
    dict(zip("aeiknoprtuvxABEHIKMNOPTXYZ", "αειкηορгτυνχΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", strict=True)),
    dict(zip("aceinouyzsACEINOUYZS", "áçèïñöûýžšÁÇÈÏÑÖÛÝŽŠ", strict=True)),
    dict(zip("acdegilnopqrstuvxyz", "ɑсԁеɡіⅼոорԛгѕтυѵхуᴢ", strict=True)),
    dict(zip("abdeghilnortu", "ąƀđęǥħįłŋøŗŧų", strict=True)),
)
_INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\ufeff\u200e\u180e"
_MARKS = [chr(code) for code in (*range(0x300, 0x315), *range(0x316, 0x334), *range(0x33D, 0x350))]
#: Where the letters a and A of the plain-looking alphabets begin.
_ALPHABETS = ((0xFF41, 0xFF21), (0x1D41A, 0x1D400), (0x1D5BA, 0x1D5A0), (0x1D68A, 0x1D670), (0x24D0, 0x24B6))
_SPACES = (" ", ".", "-", "_", "*", " . ")
_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_BENIGN = (
    "Thank you for this article.", "I have been a subscriber for years.", "The weather was lovely this weekend.",
    "Have a wonderful day everyone!", "My grandmother bakes excellent bread.", "I enjoyed reading this very much.",
    "The council meets again on Tuesday.", "Good morning from the coast.", "What a thoughtful and balanced report.",
    "Our garden is full of roses this year.",
)  # fmt: skip
_EMOJI = ("😀", "😂", "😍", "😎", "🎉", "🌞", "🌹", "👍", "👏", "💯", "🙂", "☕", "🐶", "🍀", "❤️", "👍🏽", "👩\u200d🍳")
_MIDDLE = 3


class Attack(Protocol):
    """Disturbs a text; the same text and state of `rng` give the same result."""

    def __call__(self, text: str, rng: random.Random, *, share: float = 1.0) -> str:
        """Disturb about a `share` of the text's words."""


def leet(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Write signs for letters: 'y0u 1d10t'."""
    table = rng.choice(_LEET)
    always = rng.random() < 0.5

    def change(word: str) -> str:
        changed = [table.get(c.lower(), c) if always or rng.random() < 0.6 else c for c in word]
        # Nobody writes a word without any letter and expects to be read.
        if not any(map(str.isalpha, changed)):
            changed[0] = word[0]
        return "".join(changed)

    return _each_word(text, rng, share, change)


def homoglyph(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Write letters of other alphabets that look the same."""
    table = rng.choice(_HOMOGLYPHS)
    often = rng.choice((0.4, 1.0))
    return _each_word(text, rng, share, lambda w: "".join(table.get(c, c) if rng.random() < often else c for c in w))


def zero_width(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Insert invisible characters between the letters."""
    everywhere = rng.random() < 0.5
    kinds = rng.choice((_INVISIBLE, "\u200b"))

    def change(word: str) -> str:
        if everywhere:
            return "".join(c + rng.choice(kinds) for c in word[:-1]) + word[-1]
        cut = rng.randrange(len(word))
        return word[:cut] + rng.choice(kinds) + word[cut:]

    return _each_word(text, rng, share, change)


def full_width(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Write full-width, mathematical or circled letters."""
    small, large = rng.choice(_ALPHABETS)

    def letter(c: str) -> str:
        if "a" <= c <= "z":
            return chr(small + ord(c) - ord("a"))
        return chr(large + ord(c) - ord("A")) if "A" <= c <= "Z" else c

    return _each_word(text, rng, share, lambda word: "".join(map(letter, word)))


def zalgo(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Pile combining marks on the letters."""
    most = rng.choice((1, 3, 8))

    def change(word: str) -> str:
        return "".join(c + "".join(rng.choices(_MARKS, k=rng.randint(1, most))) for c in word)

    return _each_word(text, rng, share, change)


def spacing(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Keep the letters of words apart, by blanks or by signs."""
    space = rng.choice(_SPACES)
    spaced = _each_word(text, rng, share, lambda word: space.join(word) if "'" not in word else word)
    # Where every letter stands apart, a wider gap keeps words apart, or not.
    if share == 1.0 and " " in space and rng.random() < 0.5:
        spaced = "   ".join(_each_word(w, rng, 1.0, space.join) for w in text.split())
    return spaced


def cutting(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Cut words in the middle by one blank or sign: 'stu pid', 'id.iot'."""
    space = rng.choice(" .*_")

    def change(word: str) -> str:
        if len(word) <= _MIDDLE or "'" in word:
            return word
        cut = rng.randrange(2, len(word) - 1)
        return word[:cut] + space + word[cut:]

    return _each_word(text, rng, share, change)


def stretching(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Repeat letters: one of a word, several, or each one twice."""
    style = rng.randrange(3)

    def change(word: str) -> str:
        if len(word) < _MIDDLE:
            return word
        if style == 0:
            i = rng.randrange(1, len(word))
            return word[:i] + word[i] * rng.randint(2, 6) + word[i:]
        if style == 1:
            return "".join(c * (rng.randint(3, 5) if rng.random() < 0.4 and c != "'" else 1) for c in word)
        return "".join(c * 2 if c != "'" else c for c in word)

    return _each_word(text, rng, share, change)


def typos(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Swap, drop, double or miss one letter of a word."""

    def change(word: str) -> str:
        if len(word) <= _MIDDLE:
            return word
        i = rng.randrange(1, len(word) - 1)
        near = rng.choice(_NEIGHBOURS.get(word[i].lower(), word[i]))
        return rng.choice((
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + near + word[i + 1 :],
        ))  # fmt: skip

    return _each_word(text, rng, share, change)


def benign_padding(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Hide a text among friendly sentences; `share` of five of them."""
    padding = rng.sample(_BENIGN, max(1, round(5 * share)))
    place = rng.randrange(len(padding) + 1)
    return " ".join([*padding[:place], text, *padding[place:]])


def emoji_insertion(text: str, rng: random.Random, *, share: float = 1.0) -> str:
    """Add emoji after words."""
    return _each_word(text, rng, share, lambda word: f"{word} {rng.choice(_EMOJI)}")


#: Each attack by its name.
ATTACKS: dict[str, Attack] = {
    "leet": leet,
    "homoglyph": homoglyph,
    "zero_width": zero_width,
    "full_width": full_width,
    "zalgo": zalgo,
    "spacing": spacing,
    "cutting": cutting,
    "stretching": stretching,
    "typos": typos,
    "benign_padding": benign_padding,
    "emoji_insertion": emoji_insertion,
}


def _each_word(text: str, rng: random.Random, share: float, change: Callable[[str], str]) -> str:
    """Change a share of a text's words."""
    return _WORD.sub(lambda word: change(word[0]) if rng.random() < share else word[0], text)
