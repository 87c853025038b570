"""What one character is read as: look-alikes, marks, emoji and invisible ones."""

import re
import unicodedata
from functools import lru_cache

#: Letters of other scripts, and signs, that pass for a Latin letter. Those
#: whose Unicode name or decomposition gives the letter need no entry here.
_LOOKALIKES = {
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ё": "e", "ғ": "f", "ԍ": "g", "һ": "h",
    "н": "h", "і": "i", "ї": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o",
    "р": "p", "ԛ": "q", "г": "r", "ѕ": "s", "т": "t", "ц": "u", "υ": "u", "ѵ": "v", "ԝ": "w",
    "ш": "w", "щ": "w", "х": "x", "у": "y", "ү": "y", "з": "3", "ь": "b", "ъ": "b", "я": "r",
    "и": "n", "й": "n", "є": "e", "э": "e", "ж": "x", "б": "6", "ч": "4", "л": "n", "д": "a",
    "ф": "o", "ө": "o", "ѡ": "w", "ҽ": "e", "ҡ": "k", "ӊ": "h", "ҳ": "x",
    "ӕ": "ae",
    # Greek
    "α": "a", "β": "b", "ϲ": "c", "δ": "d", "ε": "e", "γ": "y", "η": "n", "ι": "i", "κ": "k",
    "λ": "l", "μ": "u", "µ": "u", "ν": "v", "ο": "o", "ρ": "p", "σ": "o", "ς": "s", "τ": "t",
    "φ": "o", "χ": "x", "ω": "w", "ζ": "z", "θ": "o", "π": "n", "ϳ": "j", "ѐ": "e",
    # Armenian, Cherokee, Lisu, Hebrew and Arabic signs in common use for this
    "ա": "w", "ե": "t", "հ": "h", "ո": "n", "ս": "u", "օ": "o", "ց": "g", "ք": "p", "զ": "q",
    "Ꭺ": "a", "Ᏼ": "b", "Ꮯ": "c", "Ꭰ": "d", "Ꭼ": "e", "Ꮐ": "g", "Ꮋ": "h", "Ꭵ": "i", "Ꭻ": "j",
    "Ꮶ": "k", "Ꮮ": "l", "Ꮇ": "m", "Ꮲ": "p", "Ꭱ": "r", "Ꮪ": "s", "Ꭲ": "t", "Ꮩ": "v", "Ꮃ": "w",
    "Ꮓ": "z", "ס": "o", "ו": "i", "ן": "i", "ⵏ": "i", "ⲟ": "o", "ꓐ": "b", "ꓑ": "p", "ꓓ": "d",
    # Latin letters without a decomposition, and other signs
    "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "ß": "ss", "æ": "ae",
    "œ": "oe", "ð": "d", "þ": "th", "ƒ": "f", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʟ": "l", "ƿ": "p",
    "ɛ": "e", "ɔ": "o", "ʌ": "v", "ʋ": "v", "ɯ": "m", "ʍ": "m", "ɐ": "a", "ǝ": "e", "ɥ": "h",
    "ʎ": "y", "ʇ": "t", "ʞ": "k", "ɹ": "r", "ʀ": "r", "ɟ": "f", "ƨ": "s", "ʃ": "s", "ʂ": "s",
    "¡": "i", "§": "s", "×": "x", "†": "t", "∂": "d",
    "∆": "a", "∑": "e", "∏": "n", "√": "v", "∩": "n", "∪": "u", "∨": "v", "∧": "a", "∅": "o",
    "℮": "e", "⊕": "o",
    # Punctuation
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʼ": "'", "′": "'", "´": "'", "`": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‹": "'", "›": "'",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "*", "·": ".",
    "∗": "*", "＊": "*", "✱": "*", "✶": "*", "∙": ".", "⁄": "/", "∕": "/", "ǀ": "l", "∣": "l",
}  # fmt: skip
#: Emoji whose Unicode name is not what people call them.
_EMOJI = {"🔪": "knife", "💩": "shit", "🤮": "vomit", "🖕": "middle finger", "🤢": "sick", "🤡": "clown"}

_LETTER_NAME = re.compile(r"\b(?:LETTER|CAPITAL|SMALL|LATIN|SQUARED|CIRCLED|SYMBOL)(?: \w+)*? ([A-Z])$")
_EMOJI_NOISE = re.compile(r"\b(?:emoji|with|sign|symbol|face|of|medium|heavy|black|white|large)\b")


@lru_cache(maxsize=65536)
def reading(character: str) -> str:
    """Tell what a character is read as.

    ASCII stands for itself, except for control characters, which vanish.
    Look-alikes become the Latin letter, accents and invisible characters
    vanish, full-width and mathematical forms become plain, and an emoji
    becomes its Unicode name between spaces.
    """
    if character in "\n\t\r":
        return " "
    if character.isascii():
        return character if character.isprintable() else ""
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    lower = character.lower()
    if lower in _LOOKALIKES:
        letter = _LOOKALIKES[lower]
        return letter.upper() if character != lower else letter
    if character in _EMOJI:
        return f" {_EMOJI[character]} "
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Mc", "Cf", "Cs", "Co", "Cn", "Cc"):
        return ""
    if category[0] == "Z":
        return " "
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if plain.isascii() and plain.strip():
        return plain
    name = unicodedata.name(character, "")
    if name.startswith("EMOJI MODIFIER"):
        return ""
    if letter_name := _LETTER_NAME.search(name):
        return letter_name[1].lower()
    if category in ("So", "Sk", "Sm") and name:
        return " " + " ".join(_EMOJI_NOISE.sub(" ", name.lower()).replace("-", " ").split()) + " "
    if len(plain) == 1 and plain != character:
        return reading(plain)
    return plain or character
