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
    "ӕ": "ae", "ў": "y",
    # Greek
    "α": "a", "β": "b", "ϲ": "c", "δ": "d", "ε": "e", "γ": "y", "η": "n", "ι": "i", "κ": "k",
    "λ": "l", "μ": "u", "µ": "u", "ν": "v", "ο": "o", "ρ": "p", "σ": "o", "ς": "s", "τ": "t",
    "φ": "o", "χ": "x", "ω": "w", "ζ": "z", "θ": "o", "π": "n", "ϳ": "j", "ѐ": "e",
    # Armenian, Cherokee, Lisu, Hebrew and Arabic signs in common use for this
    "ա": "w", "ե": "t", "հ": "h", "ո": "n", "ս": "u", "օ": "o", "ց": "g", "ք": "p", "զ": "q",
    "Ꭺ": "A", "Ᏼ": "B", "Ꮯ": "C", "Ꭰ": "D", "Ꭼ": "E", "Ꮐ": "G", "Ꮋ": "H", "Ꭵ": "i", "Ꭻ": "J",
    "Ꮶ": "K", "Ꮮ": "L", "Ꮇ": "M", "Ꮲ": "P", "Ꭱ": "R", "Ꮪ": "S", "Ꭲ": "T", "Ꮩ": "V", "Ꮃ": "W",
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
#: Capitals that look like another letter than their small form, and signs of
#: less known alphabets (Cherokee, Coptic, Lisu, Canadian, Lycian and others;
#: after the confusables of Unicode Technical Standard 39).
_SHAPES = {
    "a": "⍺", "A": "ᗅ𖽀ΛΔ", "b": "ƄᏏᑲᖯ", "B": "Ꞵᗷ𐊡𐌁", "c": "ⲥꮯ𐐽", "C": "🝌𑣲𑣩Ⲥꓚ𐊢𐌂𐐕𐔜", "d": "Ꮷᑯꓒ", "D": "ᗞᗪ",
    "e": "ⲉ", "E": "⋿ⴹ𑢦𑢮𐊆Σ", "f": "ꞙẝ", "F": "ꞘϜ𝟊ᖴꓝ𑣂𑢢𐊇𐊥𐔥", "g": "ᶃƍ", "G": "Ᏻꓖ", "h": "Ꮒ", "H": "ΗⲎᕼꓧ𐋏",
    "i": "⍳ꙇꭵ𑣃ᵻ", "I": "ӀƖΙⲒⵏᛁꓲ𖼨𐊊𐌉", "J": "Ʝᒍꓙ", "K": "Ⲕᛕꓗ𐔘", "l": "⏽￨", "L": "Ⳑᒪꓡ𖼖𑢣𑢲𐐛𐔦", "M": "ΜϺⲘᗰᛖꓟ𐊰𐌑",
    "n": "ռ", "N": "ΝⲚꓠ𐔓Π", "o": "𑣈𑣗ဝഠ๏", "O": "〇ⵔ𑢵𐊒Ω", "p": "⍴ⲣ", "P": "Ⲣᑭ𐊕", "q": "գ", "Q": "ⵕ", "r": "ꭇᴦⲅꮁ",
    "R": "Ꮢ𐒴ᖇꓣ𖼵", "s": "ƽꮪ𑣁𐑈", "S": "ՏᏕꓢ𖼺𐐠", "t": "ⲧ", "T": "⊤⟙ⲦꓔΤ𖼊𑢼𐊱𐌕", "u": "ꞟꭎꭒ𑣘", "U": "⋃ሀᑌ𖽂𑢸",
    "v": "⋁ꮩ𑣀", "V": "ⴸᐯꛟꓦ𖼈𑢠𐔝", "w": "𑜊𑜎𑜏ꮃ", "W": "𑣯𑣦Ꮤꓪ", "x": "᙮⤫⤬⨯ᕁᕽ", "X": "᙭╳𐌢𑣬ꞳⲬⵝᚷꓫ𐊐𐌗𐔧",
    "y": "ɣᶌỿꭚყ𑣜", "Y": "ΥϒⲨᎩᎽꓬ𖽃𑢤𐊲", "z": "ꮓ𑣄", "Z": "𐋵𑣥ꓜ𑢩",
}  # fmt: skip
_LOOKALIKES |= {sign: letter for letter, signs in _SHAPES.items() for sign in signs}
#: Emoji whose Unicode name is not what people call them.
_EMOJI = {"🔪": "knife", "💩": "shit", "🤮": "vomit", "🖕": "fuck you", "🤢": "sick", "🤡": "clown"}
_LOOKALIKES |= {emoji: f" {name} " for emoji, name in _EMOJI.items()} | {"\x85": " "}

_LETTER_NAME = re.compile(
    r"\b(?:LETTER|CAPITAL|SMALL|LATIN|SQUARED|CIRCLED|SYMBOL)(?: \w+)*? ([A-Z])$"
    r"|^LATIN (?:CAPITAL |SMALL )?LETTER (?:SMALL CAPITAL )?([A-Z]) WITH "
)
_EMOJI_NOISE = re.compile(r"\b(?:emoji|with|sign|symbol|face|of|medium|heavy|black|white|large)\b")
_UNSEEN = frozenset({"Mn", "Me", "Mc", "Cf", "Cs", "Co", "Cn", "Cc"})


@lru_cache(maxsize=65536)
def reading(character: str) -> str:
    """Return what a character is read as.

    ASCII stands for itself, except for control characters, which vanish, and
    whitespace, which is a blank. Look-alikes become the Latin letter, accents
    and invisible characters vanish, full-width and mathematical forms become
    plain, and an emoji becomes its Unicode name between spaces. Whatever is
    read is read as itself.
    """
    if character.isascii():
        return character if character.isprintable() else " " if character.isspace() else ""
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    lower = character.lower()
    if lower in _LOOKALIKES:
        return _LOOKALIKES[lower].upper()
    category = unicodedata.category(character)
    if category == "Cn" and "\U0001f300" <= character <= "\U0001faff":
        # An emoji that is younger than this Python: visible, and its name is not known.
        return " emoji "
    if category in _UNSEEN or "\U0001f3fb" <= character <= "\U0001f3ff":
        return ""
    return " " if category[0] == "Z" else _decomposed(character, category)


def _decomposed(character: str, category: str) -> str:
    """Read a visible character by what it is made of, or by its name."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    if plain.isascii() and plain.strip():
        return plain
    name = unicodedata.name(character, "")
    if letter := _LETTER_NAME.search(name):
        found = letter[1] or letter[2]
        return found if character.isupper() else found.lower()
    if category in ("So", "Sk", "Sm") and name:
        return " " + " ".join(_EMOJI_NOISE.sub(" ", name.lower()).replace("-", " ").split()) + " "
    if not plain or plain == character:
        return character
    parts = "".join(map(reading, plain))
    return parts if parts.isascii() or len(plain) == 1 else character


def is_readable(text: str) -> bool:
    """Return whether a text contains anything that can be read; stop at the first character that can."""
    return any(reading(character).strip() for character in text)
