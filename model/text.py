"""Comments as they are meant to be read, with a map back to the comment as written."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.characters import reading
from model.leet import TokenReader
from model.spacing import CUT_WORD, LETTERS_APART, Edit, Letters, WordJoiner, spread
from model.words import Lexicon

#: Chunks remembered as harmless, and as examined: some 60 MB at the most.
_REMEMBERED = 200_000
_UNUSUAL = re.compile(r"[^\n\r\t -~]")
_NOT_ASCII = re.compile(r"[^\n\r\t -~]+")
_CHUNK = re.compile(r"\S+")
#: Links, addresses, hashtags, and names of users: never read as words.
_VERBATIM = re.compile(
    r"https?:|www\.|ftp:|\S+@\S+\.\w|#|@\w+:|&\w+;|\S*\w\.(?:com|org|net|gov|edu|int|mil|info|biz|co|io|tv|me|ly|be|uk|us|"
    r"ca|au|nz|ie|de|fr|eu|in|za|ru|html?|php|pdf|jpe?g|png|gif)\b",
    re.IGNORECASE,
)
#: What may be one word with signs in it.
_TOKEN = re.compile(r"[A-Za-z0-9@$!|+(*€¢¥']+")
_WORD = re.compile(r"[A-Za-z]+")
_PLAIN_WORD = re.compile(r"[\"'(]*([A-Za-z]+(?:'[A-Za-z]+)?)[\"').,;:!?]*")
_SPACED_LETTER = re.compile(r"[^A-Za-z0-9@$]*[A-Za-z@$][^A-Za-z0-9@$]*")
_OUTER = "'!*(|+"
#: Tokens with signs for letters that make a comment one that is full of them.
_HEAVY = 2
_BOLD_SINGLE = {"1": "i", "4": "a"}


@dataclass(frozen=True, slots=True)
class NormalisedText:
    """A comment as it is meant to be read.

    Attributes
    ----------
    text
        What is read.
    starts, ends
        For each character of `text` the half-open range of the comment's
        characters that it stands for; None where each stands for itself.
    """

    text: str
    starts: NDArray[np.int32] | None = None
    ends: NDArray[np.int32] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Tell where `text[start:end]` stands in the comment as written.

        A letter comes with its marks, an emoji with all that it is made of.
        """
        if self.starts is None or self.ends is None or start >= end:
            return start, end
        return int(self.starts[start]), int(self.ends[end - 1])


class TextNormaliser:
    """Reads through look-alikes, signs for letters, stretched and cut words.

    Ordinary prose stays as it is, except that typographic quotes, dashes and
    accents become plain. Normalising twice changes nothing.

    Parameters
    ----------
    words
        Lower-case words, most frequent first, that an obfuscated token may be
        read as.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._lexicon = Lexicon(words)
        self._reader = TokenReader(self._lexicon)
        self._joiner = WordJoiner(self._lexicon, self._reader)
        # A chunk in here changes nothing, whatever stands beside it; so one
        # set operation clears nearly all comments.
        self._harmless: set[str] = set()

    def normalise(self, text: str) -> NormalisedText:
        """Normalise one comment."""
        if text.isascii() and not _UNUSUAL.search(text) and self._is_plain(text):
            return NormalisedText(text)
        return self._normalise(text)

    def normalise_many(self, texts: Sequence[str]) -> list[NormalisedText]:
        """Normalise comments, in their order."""
        if any(map(_UNUSUAL.search, texts)):
            return [self.normalise(text) for text in texts]
        superset = self._harmless.issuperset
        return [
            NormalisedText(text) if superset(text.split()) or self._is_plain(text) else self._normalise(text)
            for text in texts
        ]

    def _is_plain(self, text: str) -> bool:
        harmless = self._harmless
        chunks = text.split()
        if harmless.issuperset(chunks):
            return True
        if len(harmless) > _REMEMBERED:
            harmless.clear()
        plain = True
        for chunk in set(chunks) - harmless:
            if self._is_harmless(chunk):
                harmless.add(chunk)
            else:
                plain = False
        return plain

    def _is_harmless(self, chunk: str) -> bool:
        """Tell whether a chunk between blanks changes nothing anywhere."""
        word = _PLAIN_WORD.fullmatch(chunk)
        if word and len(word[1]) > 1 and word[1].lower() in self._lexicon and self._lexicon.is_solid(word[1].lower()):
            return True
        if chunk in {"a", "A", "i", "I"} or not any(map(str.isalpha, chunk)):
            return True
        if _SPACED_LETTER.fullmatch(chunk) or LETTERS_APART.search(chunk):
            return False
        if self._chunk_edits(chunk, 0, len(chunk), boldly=False):
            return False
        if self._chunk_edits(chunk, 0, len(chunk), boldly=True):
            return False
        first = _WORD.match(chunk)
        last = None
        for last in _WORD.finditer(chunk):
            pass
        return not any(
            m and not self._lexicon.is_solid(m[0].lower()) and self._lexicon.is_edge(m[0].lower()) for m in (first, last)
        )

    def _normalise(self, text: str) -> NormalisedText:
        state = _State(text)
        if _UNUSUAL.search(text):
            state.read_characters()
            if self._is_plain(state.text) and not _UNUSUAL.search(state.text):
                return state.result()
        # Every edit leaves fewer characters or fewer signs, so that this ends.
        while (
            state.apply(self._joiner.letters_apart(state.text))
            or state.apply(self._word_edits(state.text))
            or state.apply(self._joiner.cut_by_blanks(state.text))
        ):
            pass
        return state.result()

    def _word_edits(self, text: str) -> list[Edit]:
        chunks = [(m.start(), m.end()) for m in _CHUNK.finditer(text) if m[0] not in self._harmless]
        edits = [edit for start, end in chunks for edit in self._chunk_edits(text, start, end, boldly=False)]
        signs = sum(any(not text[p].isalpha() for _, p, _ in letters) for _, _, letters in edits)
        if signs >= _HEAVY or (signs and len(text.split()) <= _HEAVY * 2):
            edits = [edit for start, end in chunks for edit in self._chunk_edits(text, start, end, boldly=True)]
        return edits

    def _chunk_edits(self, text: str, start: int, end: int, *, boldly: bool) -> list[Edit]:
        if _VERBATIM.match(text, start, end):
            return []
        edits: list[Edit] = []
        for token in _TOKEN.finditer(text, start, end):
            edit = self._token_edit(text, token.start(), token.end(), boldly=boldly)
            if edit is not None:
                edits.append(edit)
        if not edits and CUT_WORD.search(text, start, end):
            edit = self._joiner.cut_in_chunk(text, start, end)
            if edit is not None:
                edits.append(edit)
        return edits

    def _token_edit(self, text: str, start: int, end: int, *, boldly: bool) -> Edit | None:
        token = text[start:end]
        core = token.strip(_OUTER)
        if not core or core.lower().removesuffix("'s") in self._lexicon:
            return None
        # '!' and '|' begin a word ('!diot'), '+' and '|' end one ('shi+'),
        # or they are punctuation around it.
        lead = len(token) - len(token.lstrip(_OUTER))
        for lower, upper in ((lead, lead + len(core)), (0, lead + len(core)), (lead, len(token.rstrip("!'*")))):
            word = self._reader.read(token[lower:upper], boldly=boldly)
            if word is not None:
                return start + lower, start + upper, _laid(text, word, start + lower, start + upper)
        return None


class _State:
    """A text under change, and where each of its characters came from."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None
        self._ends: list[int] | None = None

    def read_characters(self) -> None:
        """Read each character that is not plain ASCII."""
        text = self.text
        odd = [(i, reading(c)) for m in _NOT_ASCII.finditer(text) for i, c in enumerate(m[0], m.start())]
        if all(len(r) == 1 and not _is_joined(text[i]) for i, r in odd):
            characters = list(text)
            for i, r in odd:
                characters[i] = r
            self.text = "".join(characters)
            return
        readings = dict(odd)
        pieces, starts, ends = [], [], []
        for start, end in _clusters(text):
            for i in range(start, end):
                piece = readings.get(i, text[i])
                pieces.append(piece)
                starts += [start] * len(piece)
                ends += [end] * len(piece)
        self.text, self._starts, self._ends = "".join(pieces), starts, ends

    def apply(self, edits: Iterable[Edit]) -> bool:
        """Apply edits that do not overlap; tell whether there were any."""
        text, end = self.text, 0
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        old_starts = self._starts if self._starts is not None else list(range(len(text)))
        old_ends = self._ends if self._ends is not None else list(range(1, len(text) + 1))
        changed = False
        for begin, stop, letters in sorted(edits):
            if begin < end:
                continue
            changed = True
            pieces.append(text[end:begin])
            starts += old_starts[end:begin]
            ends += old_ends[end:begin]
            for letter, s, e in letters:
                pieces.append(letter)
                starts.append(old_starts[s])
                ends.append(old_ends[e - 1])
            end = stop
        if changed:
            self.text = "".join(pieces) + text[end:]
            self._starts, self._ends = starts + old_starts[end:], ends + old_ends[end:]
        return changed

    def result(self) -> NormalisedText:
        if self._starts is None:
            return NormalisedText(self.text)
        return NormalisedText(self.text, np.array(self._starts, np.int32), np.array(self._ends, np.int32))


def _laid(text: str, word: str, start: int, end: int) -> Letters:
    """Lay a word over the token that is read as it, in the token's case."""
    capitals = [c.isupper() for c in text[start:end] if c.isalpha()]
    shouted = all(capitals) and len(capitals) > 1
    if len(word) == end - start:
        # A sign takes the case of the letters around it.
        cased = [t if t.lower() == c else c.upper() if shouted else c for t, c in zip(text[start:end], word, strict=True)]
        return [(c, start + i, start + i + 1) for i, c in enumerate(cased)]
    cased_word = word.upper() if shouted else word.capitalize() if text[start].isupper() else word
    return spread(cased_word, start, end)


def _is_joined(character: str) -> bool:
    # Two regional indicators are one flag.
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _clusters(text: str) -> Iterable[tuple[int, int]]:
    """Cut a text into what a reader sees as one sign each."""
    start = 0
    flag = False
    for i, character in enumerate(text):
        if i == start:
            flag = _is_joined(character)
            continue
        previous = text[i - 1]
        if previous == "\u200d" and not character.isascii() and not character.isalpha():
            continue
        if flag and _is_joined(character):
            flag = False
            continue
        if not character.isascii() and (
            unicodedata.category(character) in _ATTACHED or "\U0001f3fb" <= character <= "\U0001f3ff"
        ):
            continue
        yield start, i
        start, flag = i, _is_joined(character)
    if text:
        yield start, len(text)


_ATTACHED = frozenset({"Mn", "Mc", "Me", "Cf"})
