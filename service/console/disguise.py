"""What nobody sees in a text or a name: hidden characters, and letters that look like others."""

import unicodedata
from collections import Counter

from model.reading.characters import reading

#: Join what stands before and after them: at home in emoji and in the scripts of many languages.
_JOINERS = frozenset("\u200c\u200d")
#: At home in a text that has letters written from right to left.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u2066\u2067\u2068\u2069")
#: Blank, though Unicode has them down as letters, signs or marks.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_LOOKALIKE_SCRIPTS = frozenset({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})


def hidden_in(text: str) -> tuple[str, ...]:
    """Return the names of the characters in a text that nobody sees, with how many of each, most frequent first."""
    if text.isascii():
        return ()
    from_right = any(unicodedata.bidirectional(character) in ("R", "AL") for character in text)
    found: Counter[str] = Counter()
    for place, character in enumerate(text):
        is_unseen = character in _BLANK or unicodedata.category(character) == "Cf"
        at_home = (character in _DIRECTIONS and from_right) or (
            character in _JOINERS and place > 0 and _script(text[place - 1]) != "LATIN"
        )
        # The flags of England, Scotland and Wales are spelt in tags, which follow a black flag.
        if is_unseen and not at_home and not ("\U000e0020" <= character <= "\U000e007f" and "\U0001f3f4" in text):
            found[unicodedata.name(character, f"U+{ord(character):04X}").lower()] += 1
    return tuple(f"{name} ({count})" if count > 1 else name for name, count in found.most_common())


def shown(name: str) -> str:
    """Return a name without characters that reverse it or cannot be seen."""
    if name.isascii() or not hidden_in(name):
        return name
    return "".join(one for one in name if one not in _BLANK and unicodedata.category(one) != "Cf")


def undisguised(name: str) -> str:
    """Return what a name reads as: unchanged if it is what it looks like.

    Letters of other scripts count as a disguise only beside Latin ones: a name
    that is all Cyrillic is somebody's name.
    """
    if name.isascii():
        return name
    letters = {script for character in name if (script := _script(character))}
    disguised = "LATIN" in letters and letters & _LOOKALIKE_SCRIPTS
    read = [
        reading(one) if _is_sign_for_letter(one) or (disguised and _script(one) in _LOOKALIKE_SCRIPTS) else one
        for one in shown(name)
    ]
    return "".join(read)


def lookalikes(name: str) -> tuple[str, ...]:
    """Return the names that this one may be mistaken for."""
    if name.isascii():
        return ()
    in_latin = "".join(reading(one) if _script(one) in _LOOKALIKE_SCRIPTS else one for one in undisguised(name))
    return tuple(dict.fromkeys(one for one in (undisguised(name), in_latin) if one and one != name))


def _script(character: str) -> str:
    """Return which script a letter is from."""
    return unicodedata.name(character, "").split(" ")[0] if character.isalpha() else ""


def _is_sign_for_letter(character: str) -> bool:
    """Return whether it is a full-width, mathematical or circled form of an ASCII character."""
    return not character.isascii() and unicodedata.normalize("NFKC", character).isascii()
