"""Which language a comment is in: English unless it is clearly something else."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pycld2

from model.reading.fallback import Fallback

#: What the bundles can score.
SUPPORTED = "en"
#: Shorter ones are scored: "Je suis Charlie" is something that English comments say.
_LEAST_WORDS = 4
_LEAST_FOREIGN_LETTERS = 4
_LEAST_PERCENT = 90
_LONGEST = 3000
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|<[^>]{0,500}>|\S{1,100}@\S+|&\w{1,10};")
# Signs for vowels, without which Hindi, Thai or Arabic would be single letters, are no letters to Python.
_LETTER = r"(?:[^\W\d_]|[\u0591-\u05c7\u0610-\u065f\u0900-\u109f\u1780-\u17d3])"
_WORD = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
_PART = re.compile(r"['’]")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*|\n+")
#: The small words that no sentence does without, for English and for the languages of the Latin
#: script that comments are really written in. The detector knows many more languages, and finds
#: them in names, in slang and on menus; those have no small words.
_SMALL = {
    code: frozenset(words.split())
    for code, _, words in (
        line.partition(":") for line in Path(__file__).with_name("small_words.txt").read_text("utf-8").splitlines()
    )
}
#: The detector shouts, and has other codes for a few.
_NAMES: dict[str, str] = {code: name.replace("_", " ").title() for name, code in pycld2.LANGUAGES} | {
    "he": "Hebrew",
    "no": "Norwegian",
}
#: The first word of a letter's name in Unicode, and the language that it is most often in.
_SCRIPTS = {
    "ARABIC": "ar",
    "ARMENIAN": "hy",
    "BENGALI": "bn",
    "BOPOMOFO": "zh",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "ETHIOPIC": "am",
    "GEORGIAN": "ka",
    "GREEK": "el",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KANNADA": "kn",
    "KATAKANA": "ja",
    "KHMER": "km",
    "LAO": "lo",
    "MALAYALAM": "ml",
    "MYANMAR": "my",
    "SINHALA": "si",
    "TAMIL": "ta",
    "TELUGU": "te",
    "THAI": "th",
}


def language_of(text: str, fallback: Fallback) -> str:
    """Return a comment's language (see `detect`): `en`, so that it is scored, if that cannot be told."""
    return fallback.run("language", partial(detect, text), SUPPORTED)


def english_of(text: str, fallback: Fallback) -> str:
    """Return the sentences of a text that may be English.

    A few sentences of another language beside a threat do not make it harmless.
    """
    return " ".join(part for part in _SENTENCE.split(text) if part and language_of(part, fallback) == SUPPORTED)


def name_of(code: str) -> str:
    """Return a language's name, such as "German"; its code where the detector has none."""
    return _NAMES.get(code, code)


def detect(text: str) -> str:
    """Return a comment's language as ISO 639-1; `en` where nothing else is clear."""
    plain = unicodedata.normalize("NFKC", _NOT_WORDS.sub(" ", text[:_LONGEST]))
    words: list[str] = _WORD.findall(plain)
    script = _script(words)
    code, percent = _detected(" ".join(words))
    if script is not None:
        is_sure = percent >= _LEAST_PERCENT and len(words) >= _LEAST_WORDS and code not in _SMALL
        return code if is_sure else script
    return _latin(
        [part for word in words for part in _PART.split(word.lower())], code if percent >= _LEAST_PERCENT else ""
    )


def unsupported(languages: Sequence[str]) -> list[str]:
    """Return the languages that no bundle scores, as they were written; `en-GB` is English."""
    return [language for language in languages if re.split("[-_]", language)[0].lower() != SUPPORTED]


def spoken(named: Sequence[str], detected: str) -> Sequence[str]:
    """Return the languages that a text counts as: those its sender names; what was detected, if one may be English."""
    is_open = not named or 0 < len(unsupported(named)) < len(named)
    return (detected,) if is_open else named


def _latin(words: Sequence[str], detected: str) -> str:
    """Return the language of words in the Latin script, which are `detected` if the detector is right."""
    found = set(words)
    english = found & _SMALL[SUPPORTED]
    own = found & _SMALL.get(detected, frozenset())
    if len(words) < _LEAST_WORDS:
        return SUPPORTED
    if len(own) > max(1, len(english - own)):
        return detected
    # Too short for the detector: then the small words must be most of it.
    likely = max(_SMALL, key=lambda code: len(found & _SMALL[code]))
    own = found & _SMALL[likely]
    is_clear = not english and len(own) > 1 and 2 * sum(word in own for word in words) >= len(words)
    return likely if is_clear else SUPPORTED


def _script(words: Sequence[str]) -> str | None:
    """Return the language that a script other than Latin stands for, if most letters are of such a one.

    A word that mixes scripts is a disguise, not a foreign word, and counts as Latin.
    """
    found: Counter[str] = Counter()
    for word in words:
        if len(word) == 1:
            # The eyes and arms of a face that is drawn with letters.
            continue
        scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in word}
        languages = {_SCRIPTS.get(script, "") for script in scripts}
        # Japanese and Korean mix in Chinese characters.
        if len(languages) > 1:
            languages -= {"zh"}
        found[languages.pop() if len(languages) == 1 else ""] += len(word)
    latin = found.pop("", 0)
    foreign = found.total()
    if foreign < _LEAST_FOREIGN_LETTERS or foreign < 2 * latin:
        return None
    return "ja" if found["ja"] else found.most_common(1)[0][0]


def _detected(text: str) -> tuple[str, int]:
    """Return CLD2's language, and the percentage of the text that is in it; 0 if it is not sure."""
    try:
        reliable, _, found = pycld2.detect(text.encode("utf-8", "ignore"))
    except pycld2.error:
        return "", 0
    _, code, percent, _ = found[0]
    code = {"iw": "he", "nb": "no"}.get(code, code.partition("-")[0])
    return (code, percent) if reliable else ("", 0)
