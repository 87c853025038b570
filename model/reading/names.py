"""Names that are rude words to whoever does not know them for names."""

import re
from collections.abc import Sequence
from dataclasses import replace

from model.reading.rewriting import NormalisedText

#: Such names, and one as long that is a name and nothing else. Chosen from
#: some 300: these alone were flagged by a shipped bundle in harmless sentences.
_PEOPLE = {"Dick": "Rick", "Cock": "Cook", "Butt": "Bott"}
_PLACES = {"Niger": "Ghana", "Cockermouth": "Bournemouth"}
_HINTS = ("Dick", "Cock", "Butt", "Niger")
#: Capitalised words beside which such a word is no name.
_NO_NAME = (
    r"(?:You|Ya|Your|My|His|Her|Their|Our|A|An|The|This|That|Such|What|Total|Absolute|Utter|Complete|Proper|Suck\w*|"
    r"Lick\w*|Eat\w*|Big\w*|Small\w*|Little|Tiny|Huge|Massive|Stupid|Fuck\w*|Dumb|Old|Is|Are|Was|And|Or|Of|Head\w*|"
    r"Face|Wad|Weed|Bag|Move|Pic\w*)\b"
)
#: Those before which it is none either: 'Racist Cock', 'Useless Dick', 'Typical Tory Dick'.
_NO_FIRST = (
    r"(?:[A-Z]\w+(?:ous|less|ful|ist|(?<!Irv)(?<!Sterl)(?<!Mann)(?<!Hard)(?<!Gold)(?<!Flem)ing)|Arrogant|Ignorant|"
    r"Pathetic|Typical|Absurd|Crooked|Corrupt|Evil|Nasty|Ugly|Fat|Bald|Dirty|Filthy|Bloody|Rude|Smug|"
    r"Greedy|Lazy|Cowardly|Entitled|Tory|Labour|Liberal|Leftie|Lefty|Woke|Commie|Nazi|Fascist|White|Black)\b"
)
#: Where a country's name is meant for a slur: 'you Niger', 'is a Niger.', but not 'a Niger official'.
_NO_PLACE = "".join(
    rf"(?<!\b{word} )"
    for word in ("u", "ya", "dirty", "filthy", "stupid", "bloody", "black", "ugly", "lazy", "dumb", "fucking")
)
_NAME = re.compile(
    rf"\b(?:(?i:{_NO_PLACE}(?:(?<!\byou )|(?<=\bthank you )))(?P<place>{'|'.join(_PLACES)})\b"
    r"(?:(?<!\b[Aa] Niger)|(?= \w))"
    # 'Cressida Dick', 'Mr Cock', 'Philip K. Dick'
    rf"|(?!{_NO_NAME}|{_NO_FIRST})[A-Z][a-z]*\.? (?P<last>{'|'.join(_PEOPLE)})\b(?! [A-Z]?[a-z]*(?:head|face)\b)"
    # 'Dick Van Dyke', 'Dick is right'
    rf"|(?P<first>{'|'.join(_PEOPLE)}) (?:(?!{_NO_NAME})[A-Z][a-z]+|(?:is|was|has|had|says|said|thinks|thought)\b)"
    # 'I agree with Dick'
    rf"|(?i:with|to|from|for|by|about|and|met|saw|told|thanks?|hi|dear|uncle) (?P<alone>{'|'.join(_PEOPLE)})\b)"
)
#: Where so many words, and so large a share of them, begin with a capital, that makes none a name.
_MANY, _SHARE = 5, 0.7


def names_read(texts: Sequence[NormalisedText]) -> list[NormalisedText]:
    """Read such names as others of the same length; a text without one is returned itself."""
    together = "\n".join([text.text for text in texts])
    hints = [hint for hint in _HINTS if hint in together]
    return (
        [_name_read(text) if any(hint in text.text for hint in hints) else text for text in texts]
        if hints
        else [*texts]
    )


def _name_read(text: NormalisedText) -> NormalisedText:
    """Read the names of one text."""
    words = text.text.split()
    if len(words) >= _MANY and sum(word[0].isupper() for word in words) > _SHARE * len(words):
        return text
    read = _NAME.sub(_other_name, text.text)
    return text if read == text.text else replace(text, text=read)


def _other_name(name: re.Match[str]) -> str:
    """Replace a name that sounds like abuse by one that does not."""
    kind = next(kind for kind, word in name.groupdict().items() if word)
    start, end = (place - name.start() for place in name.span(kind))
    return name[0][:start] + (_PLACES | _PEOPLE)[name[kind]] + name[0][end:]
