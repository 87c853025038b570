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
#: All bytes of UTF-8 but ASCII's control characters.
_NO_CONTROL = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
#: Comments that are searched for control characters together.
_BLOCK = 64
_UNUSUAL = re.compile(r"[^\n\r\t -~]")
_NOT_ASCII = re.compile(r"[^\n\r\t -~]+")
_CHUNK = re.compile(r"\S+")
#: Links, addresses, hashtags, and names of users: never read as words.
_VERBATIM = re.compile(
    r"https?:|www\.|ftp:|[\w.+-]+@[\w-]+\.[a-z]{2,}|#|@\w+:|&\w+;|\S*\w\.(?:com|org|net|gov|edu|int|mil|info|biz|co|io|tv|me|ly|be|uk|us|"
    r"ca|au|nz|ie|de|fr|eu|in|za|ru|html?|php|pdf|jpe?g|png|gif)\b",
    re.IGNORECASE,
)
#: What may be one word with signs in it.
_TOKEN = re.compile(r"(?:[A-Za-z0-9@$!|+€¢¥']|(?<=[A-Za-z])\((?=[A-Za-z]{1,4}(?![A-Za-z)])))+")
#: What may be one word with hidden letters.
_HIDDEN = re.compile(
    r"(?<![A-Za-z0-9*@#&'_-])(?=[A-Za-z]+[*#%^@_-])(?:[A-Za-z]|[*#%^@_-](?!$|\s|[.,!?;:)\"'])|\*)+(?![A-Za-z0-9@&'_-])"
)
_HEAD = re.compile(r"^[A-Za-z]+")
_TAIL = re.compile(r"[A-Za-z]+$")
_PLAIN_WORD = re.compile(r"[\"'(]*([A-Za-z]+(?:'[A-Za-z]+)?)[\"').,;:!?]*")
_SPACED_LETTER = re.compile(r"[^A-Za-z0-9@$]*[A-Za-z@$][^A-Za-z0-9@$]*")
_OUTER = "'!|+"
#: Tokens with signs for letters that make a comment one that is full of them.
_HEAVY = 2
#: Share of all chunks that such tokens need to have where they are doubtful.
_BOLD_SHARE = 0.35
#: Digits that stand for a word in such a comment.
_BOLD_SINGLES = {"1": "i", "4": "a"}

#: How a chunk might change: as one of several letters that stand apart, by
#: itself, by itself in a comment full of signs for letters, with a neighbour.
_LETTER, _TOKEN_ITSELF, _BOLD, _FRAGMENT = 1, 2, 4, 8


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
        # A chunk in `_harmless` changes nothing, whatever stands beside it; so
        # one set operation clears nearly all comments.
        self._harmless: set[str] = set()
        self._doubts: dict[str, int] = {}

    def normalise(self, text: str) -> NormalisedText:
        """Normalise one comment."""
        if text.isascii() and not _UNUSUAL.search(text):
            return self._normalise(text)
        return self._read_and_normalise(text)

    def normalise_many(self, texts: Sequence[str]) -> list[NormalisedText]:
        """Normalise comments, in their order."""
        results: list[NormalisedText] = []
        for first in range(0, len(texts), _BLOCK):
            block = texts[first : first + _BLOCK]
            if "\n".join(block).encode(errors="surrogatepass").translate(None, _NO_CONTROL):
                results += map(self.normalise, block)
                continue
            clears = self._harmless.issuperset
            results += [
                (NormalisedText(text) if clears(text.split()) else self._normalise(text))
                if text.isascii()
                else self._read_and_normalise(text)
                for text in block
            ]
        return results

    def _read_and_normalise(self, text: str) -> NormalisedText:
        state = _State(text)
        state.read_characters()
        return self._finish(state)

    def _normalise(self, text: str) -> NormalisedText:
        return self._finish(_State(text)) if self._doubt(text) else NormalisedText(text)

    def _finish(self, state: "_State") -> NormalisedText:
        # Every edit leaves fewer characters or fewer signs, so that this ends.
        while doubt := self._doubt(state.text):
            if doubt & _LETTER and state.apply(self._joiner.letters_apart(state.text)):
                continue
            if doubt & (_TOKEN_ITSELF | _BOLD) and state.apply(self._word_edits(state.text)):
                continue
            if doubt & _FRAGMENT and state.apply(self._joiner.cut_by_blanks(state.text)):
                continue
            break
        return state.result()

    def _doubt(self, text: str) -> int:
        """Tell what in a text must be looked at more closely."""
        chunks = text.split()
        if self._harmless.issuperset(chunks):
            return 0
        if len(self._harmless) + len(self._doubts) > _REMEMBERED:
            self._harmless.clear()
            self._doubts.clear()
        doubt = 0
        for chunk in chunks:
            if chunk not in self._harmless:
                doubt |= self._doubt_of(chunk)
        if doubt & _LETTER and not LETTERS_APART.search(text):
            doubt &= ~_LETTER
        if doubt & _FRAGMENT and not self._has_joinable(chunks):
            doubt &= ~_FRAGMENT
        # Boldness needs other tokens that are made of signs.
        if doubt == _BOLD and sum(self._doubts.get(chunk, 0) & _BOLD != 0 for chunk in chunks) <= _BOLD_SHARE * len(
            chunks
        ):
            return 0
        return doubt

    def _doubt_of(self, chunk: str) -> int:
        doubt = self._doubts.get(chunk)
        if doubt is None:
            doubt = self._examined(chunk)
            if doubt:
                self._doubts[chunk] = doubt
            else:
                self._harmless.add(chunk)
        return doubt

    def _examined(self, chunk: str) -> int:
        """Tell how a chunk between blanks might change."""
        word = _PLAIN_WORD.fullmatch(chunk)
        core = word[1].lower() if word else ""
        if len(core) > 1 and self._lexicon.is_solid(core):
            return 0
        if chunk in {"a", "A", "i", "I"} or not any(map(str.isalpha, chunk)):
            return _BOLD if chunk in _BOLD_SINGLES else 0
        doubt = 0
        if len(core) > 1:
            # Most unknown chunks are names: for them there is less to ask.
            doubt |= _TOKEN_ITSELF if self._chunk_edits(word[1], 0, len(core), boldly=False) else 0
            if not self._lexicon.is_solid(core) and self._lexicon.is_edge(core):
                doubt |= _FRAGMENT
            return doubt
        if _SPACED_LETTER.fullmatch(chunk) or LETTERS_APART.search(chunk):
            doubt |= _LETTER
        if self._chunk_edits(chunk, 0, len(chunk), boldly=False):
            doubt |= _TOKEN_ITSELF
        elif self._chunk_edits(chunk, 0, len(chunk), boldly=True):
            doubt |= _BOLD
        if any(
            m and not self._lexicon.is_solid(m[0].lower()) and self._lexicon.is_edge(m[0].lower())
            for m in (_HEAD.search(chunk), _TAIL.search(chunk))
        ):
            doubt |= _FRAGMENT
        return doubt

    def _has_joinable(self, chunks: list[str]) -> bool:
        """Tell whether neighbours, one of them a fragment, make a word."""
        for i, chunk in enumerate(chunks):
            if not self._doubts.get(chunk, 0) & _FRAGMENT:
                continue
            for first in range(max(0, i - 3), i + 1):
                head = _TAIL.search(chunks[first])
                if head is None:
                    continue
                joined = head[0]
                for other in chunks[max(first, 0) + 1 : first + 4]:
                    tail = _HEAD.search(other)
                    if tail is None:
                        break
                    joined += tail[0]
                    if joined.lower() in self._lexicon:
                        return True
                    if len(tail[0]) < len(other):
                        break
        return False

    def _word_edits(self, text: str) -> list[Edit]:
        chunks = [(m.start(), m.end()) for m in _CHUNK.finditer(text) if m[0] not in self._harmless]
        edits = [edit for start, end in chunks for edit in self._chunk_edits(text, start, end, boldly=False)]
        signs = sum(any(not text[p].isalpha() for _, p, _ in letters) for _, _, letters in edits)
        if signs or not edits:
            bold = [edit for start, end in chunks for edit in self._chunk_edits(text, start, end, boldly=True)]
            if signs >= _HEAVY or sum(stop - start > _HEAVY for start, stop, _ in bold) > _BOLD_SHARE * len(
                text.split()
            ):
                return bold
        return edits

    def _chunk_edits(self, text: str, start: int, end: int, *, boldly: bool) -> list[Edit]:
        if _VERBATIM.match(text, start, end):
            return []
        edits: list[Edit] = []
        for token in _HIDDEN.finditer(text, start, end):
            word = self._reader.hidden(token[0])
            if word is not None:
                edits.append((token.start(), token.end(), _laid(text, word, token.start(), token.end())))
        if edits:
            return edits
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
        if boldly and token in _BOLD_SINGLES and (text[start - 1 : start] + text[end : end + 1]).isspace():
            return start, end, [(_BOLD_SINGLES[token], start, end)]
        core = token.strip(_OUTER)
        if not core or (not boldly and core.lower().removesuffix("'s") in self._lexicon):
            return None
        # '!' and '|' begin a word ('!diot'), '+' and '|' end one ('shi+'),
        # or they are punctuation around it.
        lead = len(token) - len(token.lstrip(_OUTER))
        tail = len(token.rstrip("!'"))
        for lower, upper in (
            (0, tail),
            (0, lead + len(core)),
            (lead, tail),
            (lead, lead + len(core)),
            (lead, len(token)),
        ):
            if upper - lower > len(core) and core.isalpha() and len(core) > _HEAVY and core.lower() in self._lexicon:
                continue
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
        cased = [
            t if t.lower() == c else c.upper() if shouted else c for t, c in zip(text[start:end], word, strict=True)
        ]
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
