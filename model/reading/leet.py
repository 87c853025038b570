"""Words written with signs for letters, with hidden or with repeated letters."""

import re
from itertools import product

from model.reading.words import Lexicon

#: What a sign inside a word is read as; the first is the usual one.
SIGNS = {
    "0": "o", "1": "il", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "il", "|": "li", "+": "t", "(": "c", "€": "e", "¢": "c", "¥": "y",
}  # fmt: skip
_USUAL = {ord(sign): letters[0] for sign, letters in SIGNS.items()}
_SIGN = re.compile(r"[0-9@$!|+(€¢¥]")
_RUN_OF_THREE = re.compile(r"([a-z])\1\1")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_DIGITS = "0123456789"
_ONE_LETTER = re.compile(r"(.)\1*")
_DOUBLED = re.compile(r"(?:(.)\1)+(?:'(?:(.)\2)+)?")
_PAIR = re.compile(r"(.)\1")
_ROMAN = re.compile(r"(?:WW)?[IVXLCM]+(?:s|st|nd|rd|th)?")
#: Amounts, ordinals, models, roads, summits: a digit that is a digit.
_AMOUNT = re.compile(
    r"[$€¥£]?\d+(?:'?s|st|nd|rd|th|am|pm|k|m|mn|bn|b|tn|t|mm|cm|km|mph|kph|kg|g|mg|gb|mb|tb|kb|hz|mhz|ghz|x|d|yr|yrs|"
    r"y|yo|hr|hrs|h|min|mins|sec|secs|ml|l|lb|lbs|oz|ft|in|yd|yds|p|c|f|w|kw|mw|gw|v|a|e|pc|pt|pts|px|q|i|ish|er|ers|"
    r"rds|ths|nds|sts|cc|hp|ad|bc|bce|ce|o|n|s)?"
    r"|[A-Za-z]\d+|\d+[A-Za-z]\d+",
    re.IGNORECASE,
)
_DOUBLE = re.compile(r"([a-z])\1")
#: Letters that English hardly ever doubles.
_ODD_DOUBLE = re.compile(r"([ahijkquvwxy])\1")
#: Words that people hide behind asterisks, the likelier first (strong language).
_HIDDEN = re.findall(
    r"\w+",
    "fuck shit bitch asshole arsehole cunt nigger nigga faggot fag pussy dick cock whore slut bastard ass arse damn "
    "piss crap twat wank wanker prick tits retard rape raped rapist hell bullshit motherfucker idiot moron stupid "
    "douche screw suck kike spic dumbass jackass horseshit goddamn turd",
)
_ENDINGS = ("", "s", "es", "ing", "in", "ed", "er", "ers", "y", "ty", "head", "heads", "wit", "hole", "off", "ish")
_HIDDEN_BY_START: dict[tuple[int, str], list[str]] = {}
for _word in (word + ending for ending in _ENDINGS for word in _HIDDEN):
    _HIDDEN_BY_START.setdefault((len(_word), _word[0]), []).append(_word)
_READINGS = 96
#: Rank of a word that is common enough to be read into a doubtful token.
_COMMON = 6000
_VERY_COMMON = 300
#: Rank beyond all words.
_RARE = 900_000
_SHORT = 3


class TokenReader:
    """Reads one token, without blanks, as the word that it hides.

    Parameters
    ----------
    lexicon
        The words that a token may be read as.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def read(self, token: str, *, boldly: bool = False) -> str | None:
        """Read a token, None where it is what it is.

        The reading has a letter for each sign or fewer, in the case of the
        token's letters.

        Parameters
        ----------
        token
            Letters, signs and apostrophes.
        boldly
            In a comment that is full of signs for letters, take short tokens
            and digits at the edge of a word for letters, too.
        """
        lower = token.lower()
        if lower in self._lexicon:
            return None
        if lower.isalpha() and lower.isascii():
            word = self._plain(token, lower)
        elif _SIGN.search(token):
            word = self._signs(token, lower, boldly=boldly)
        else:
            word = self._plain(token, lower) if lower.replace("'", "").isalpha() else None
        return None if word is None or word == lower else word

    def _plain(self, token: str, lower: str) -> str | None:
        """Read a token of letters only."""
        if len(lower) > _SHORT + 2 and _DOUBLED.fullmatch(lower):
            word = _PAIR.sub(r"\1", lower)
            if word in self._lexicon or len(set(word)) > _SHORT:
                return word
        runs = len(_RUN_OF_THREE.findall(lower))
        return self._stretched(token, lower, runs) if runs else self._respelled(token, lower)

    def _stretched(self, token: str, lower: str, runs: int) -> str | None:
        """Read a token with runs of three and more."""
        if _ROMAN.fullmatch(token):
            return None
        word = None
        # KKK, XXX and www are what they are; a scream is a scream.
        if not _ONE_LETTER.fullmatch(lower):
            word = self._lexicon.unstretched(lower)
            if word is None and runs > 2:
                word = _LONG_RUN.sub(r"\1", lower)
            # 'NOOO' is a word, 'IPPP' is an abbreviation.
            if word and len(word) < _SHORT and token.isupper() and self._lexicon.rank(word) > _VERY_COMMON:
                word = None
        return word or _LONG_RUN.sub(r"\1\1\1", lower)

    def _respelled(self, token: str, lower: str) -> str | None:
        """Read 'vv' and 'ph' for 'w' and 'f', and doubled letters for single ones."""
        if "vv" in lower and (word := lower.replace("vv", "w")) in self._lexicon:
            return word
        if len(lower) <= _SHORT + 1:
            return None
        found: str | None = None
        if "ph" in lower:
            found = lower.replace("ph", "f")
        elif token.islower() and (_ODD_DOUBLE.search(lower) or len(_DOUBLE.findall(lower)) > 1):
            found = self._lexicon.unstretched(lower)
        return found if found and self._lexicon.rank(found) < _COMMON else None

    def hidden(self, token: str) -> str | None:
        """Read a token in which one sign each hides a letter ('f**k').

        People hide what may not be printed, so that comes first; then, for
        one or two asterisks, the word that is clearly the most frequent.
        """
        lower = token.lower()
        letters = sum(map(str.isalpha, lower))
        if not lower[0].isalpha() or lower.isalpha() or len(lower) < _SHORT:
            return None
        if letters > 1 or ("*" in lower and letters + lower.count("*") == len(lower)):
            for word in _HIDDEN_BY_START.get((len(lower), lower[0]), ()):
                if all(c == w or not c.isalpha() for c, w in zip(lower, word, strict=True)) and (
                    letters > 1 or len(lower) > _SHORT or word == "ass"
                ):
                    return word
        bare = lower.replace("*", "")
        if not bare.isalpha() or len(bare) < _SHORT or lower[-1] == "*":
            return None
        return self._lexicon.wildcard(lower) or (bare if bare in self._lexicon and len(bare) > _SHORT else None)

    def _signs(self, token: str, lower: str, *, boldly: bool) -> str | None:
        """Read a token in which signs stand for letters."""
        letters = _SIGN.sub("", lower)
        if not letters or (not boldly and _AMOUNT.fullmatch(token)):
            return None
        inner = lower.lstrip(_DIGITS)
        inner = inner.rstrip(_DIGITS) if inner == lower else inner
        # Digits before or after a word are often just that: 'iphone5', '20ish'.
        at_edge = inner.isalpha()
        least, limit = (
            (2, _RARE) if boldly else (_SHORT + 1, _COMMON) if at_edge or token.isupper() else (_SHORT, _RARE)
        )
        if len(lower) == _SHORT and not boldly:
            limit = _COMMON
        if len(lower) < least or (at_edge and not boldly and len(inner) > 1 and inner in self._lexicon):
            return None
        word = self._lexicon.most_frequent(_readings(lower), limit)
        if word is None and _RUN_OF_THREE.search(plain := as_letters(lower)):
            word = self._lexicon.unstretched(plain)
        if word is None and boldly and not at_edge and len(letters) * 3 >= len(lower):
            word = as_letters(lower)
        return word if word is not None and word.replace("'", "").isalpha() else None


def _readings(lower: str) -> list[str]:
    """Return what a word with signs may be read as."""
    options = [SIGNS.get(character, character) for character in lower]
    ways = 1
    for option in options:
        ways *= len(option)
    if ways > _READINGS:
        return [as_letters(lower)]
    return ["".join(reading) for reading in product(*options)]


def as_letters(text: str) -> str:
    """Read signs within a word as the letters they usually stand for: `sh1t` as `shit`."""
    return text.translate(_USUAL)
