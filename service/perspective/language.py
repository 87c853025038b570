"""Which language a comment is in: English unless it is clearly something else."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import pycld2

#: What the bundles can score.
SUPPORTED = "en"
#: Shorter ones are scored: names and slang look like any language.
_LEAST_LETTERS, _LEAST_WORDS = 36, 4
_LEAST_FOREIGN_LETTERS = 4
_LEAST_PERCENT = 90
_LONGEST = 3000
_NOT_WORDS = re.compile(r"https?://\S+|www\.\S+|<[^>]{0,500}>|\S{1,100}@\S+|&\w{1,10};")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
#: Languages of the Latin script that comments are really written in. The
#: detector knows many more, and finds them in misspelt English.
_LATIN = {
    *("af", "az", "bs", "ca", "cs", "cy", "da", "de", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "id"),
    *("is", "it", "lt", "lv", "ms", "mt", "nl", "nn", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sr", "sv", "sw"),
    *("tl", "tr", "vi"),
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


def detect(text: str) -> str:
    """Give a comment's language as ISO 639-1; `en` where nothing else is clear."""
    plain = unicodedata.normalize("NFKC", _NOT_WORDS.sub(" ", text[:_LONGEST]))
    words: list[str] = _WORD.findall(plain)
    script = _script(words)
    if script is None and (len(words) < _LEAST_WORDS or len(" ".join(words)) < _LEAST_LETTERS):
        return SUPPORTED
    code, percent = _detected(" ".join(words))
    if script is not None:
        return script if code in _LATIN or code == SUPPORTED or percent < _LEAST_PERCENT else code
    return code if code in _LATIN and percent >= _LEAST_PERCENT else SUPPORTED


def unsupported(languages: Sequence[str]) -> list[str]:
    """Give those that no bundle scores, as they were written; `en-GB` is English."""
    return [language for language in languages if re.split("[-_]", language)[0].lower() != SUPPORTED]


def _script(words: Sequence[str]) -> str | None:
    """Tell the language that a script other than Latin stands for, if most letters are of such a one.

    A word that mixes scripts is a disguise, not a foreign word, and counts as Latin.
    """
    found: Counter[str] = Counter()
    for word in words:
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
    """Give CLD2's language, and the percentage of the text that is in it; 0 if it is not sure."""
    try:
        reliable, _, found = pycld2.detect(text.encode("utf-8", "ignore"))
    except pycld2.error:
        return "", 0
    _, code, percent, _ = found[0]
    code = {"iw": "he", "nb": "no"}.get(code, code.partition("-")[0])
    return (code, percent) if reliable else ("", 0)
