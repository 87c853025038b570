"""Comments as they are meant to be read, with a map back to the comment as written."""

import re
from collections.abc import Sequence
from itertools import islice

from model.reading.layout import layout_edits, may_be_laid_out
from model.reading.leet import TokenReader
from model.reading.markup import TOP_LEVEL
from model.reading.rewriting import UNUSUAL, NormalisedText, Rewriting
from model.reading.spacing import CUT_WORD, LETTERS_APART, LONGEST_FRAGMENTS, Edit, WordJoiner, laid
from model.reading.words import Lexicon

__all__ = ["NormalisedText", "TextNormaliser"]

#: Chunks remembered as harmless, and as examined: some 60 MB at the most.
_REMEMBERED = 200_000
#: All bytes of UTF-8 but ASCII's control characters.
_NO_CONTROL = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
_LONGEST_REMEMBERED = 40
_KNOWN_FROM_START = 20_000
#: Comments that are searched for control characters together.
_BLOCK = 64
_CHUNK = re.compile(r"\S+")
#: Links, addresses, hashtags, and names of users: never read as words.
_VERBATIM = re.compile(
    rf"https?:|www\.|ftp:|[\w.+-]+@[\w-]+\.[a-z]{{2,}}|#|@\w+:|&\w+;|\S*\w\.(?:{TOP_LEVEL})\b", re.IGNORECASE
)
#: What may be one word with signs in it.
_TOKEN = re.compile(r"(?:[A-Za-z0-9@$!|+€¢¥']|(?<=[A-Za-z])\((?=[A-Za-z]{1,4}(?![A-Za-z)])))+")
#: What may be one word with hidden letters.
_HIDDEN = re.compile(
    r"(?<![A-Za-z0-9*@#&'_-])(?=[A-Za-z]+[*#%^@_-])(?:[A-Za-z]|[*#%^@_-](?!$|\s|[.,!?;:)\"'])|\*)+(?![A-Za-z0-9@&'_-])"
)
_HEAD = re.compile(r"^[A-Za-z]+")
_TAIL = re.compile(r"(?<![A-Za-z])[A-Za-z]+$")
_PLAIN_WORD = re.compile(r"[\"'(]*([A-Za-z]+(?:'[A-Za-z]+)?)[\"').,;:!?]*")
_SPACED_LETTER = re.compile(r"[^A-Za-z0-9@$]*[A-Za-z@$][^A-Za-z0-9@$]*")
_OUTER = "'!|+"
#: Tokens with signs for letters that make a comment one that is full of them.
_HEAVY = 2
#: Share of all chunks that such tokens need to have where they are doubtful.
_BOLD_SHARE = 0.35
#: Digits that stand for a word in such a comment.
_BOLD_SINGLES = {"1": "i", "4": "a"}

#: Tags made of tags, at most.
_NESTED = 8

#: How a chunk might change: as one of several letters that stand apart, by
#: itself, by itself in a comment full of signs for letters, with a neighbour.
_LETTER, _TOKEN_ITSELF, _BOLD, _BEGINNING, _ENDING = 1, 2, 4, 8, 16
_FRAGMENT = _BEGINNING | _ENDING


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
        self._forget()

    def normalise(self, text: str) -> NormalisedText:
        """Normalise one comment."""
        if text.isascii() and not UNUSUAL.search(text):
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
                (NormalisedText(text) if clears(text.split()) and not may_be_laid_out(text) else self._normalise(text))
                if text.isascii()
                else self._read_and_normalise(text)
                for text in block
            ]
        return results

    def _read_and_normalise(self, text: str) -> NormalisedText:
        state = Rewriting(text)
        state.read_characters()
        return self._finish(state)

    def _normalise(self, text: str) -> NormalisedText:
        if may_be_laid_out(text) or self._doubt(text):
            return self._finish(Rewriting(text))
        return NormalisedText(text)

    def _finish(self, state: Rewriting) -> NormalisedText:
        # Every edit leaves fewer characters or fewer signs, so that this ends. A word that is joined may come to be
        # one that stars stress.
        while True:
            # What is left of `<b<i>>` is a tag; deeper nests are a prank, and cost time.
            for _ in range(_NESTED):
                if not may_be_laid_out(state.text) or not state.apply(layout_edits(state.text)):
                    break
            # Only what joins no word is a dash: 'fu—ck' is none.
            if not self._joined_or_read(state) and not state.part_dashes():
                break
        return state.result()

    def _joined_or_read(self, state: Rewriting) -> bool:
        """Join or read the words of a text that ask for it; return whether any did."""
        doubt = self._doubt(state.text)
        return bool(
            (doubt & _LETTER and state.apply(self._joiner.letters_apart(state.text)))
            or (doubt & (_TOKEN_ITSELF | _BOLD) and state.apply(self._word_edits(state.text)))
            or (doubt & _FRAGMENT and state.apply(self._joiner.cut_by_blanks(state.text)))
        )

    def _doubt(self, text: str) -> int:
        """Return what in a text must be looked at more closely."""
        chunks = text.split()
        if self._harmless.issuperset(chunks):
            return 0
        if len(self._harmless) + len(self._doubts) > _REMEMBERED:
            self._forget()
        doubt = 0
        odd = set(chunks) - self._harmless
        for chunk in odd:
            doubt |= self._doubt_of(chunk)
        if doubt & _LETTER and not LETTERS_APART.search(text):
            doubt &= ~_LETTER
        if doubt & _FRAGMENT and not self._has_joinable(chunks, odd):
            doubt &= ~_FRAGMENT
        if doubt == _BOLD:
            # Boldness needs many tokens that are made of signs.
            bold = sum(self._doubts.get(chunk, 0) & _BOLD for chunk in chunks) // _BOLD
            return doubt if bold > _BOLD_SHARE * len(chunks) else 0
        return doubt

    def _forget(self) -> None:
        """Remember nothing but the words that most comments are made of."""
        self._doubts.clear()
        self._harmless.clear()
        for word in islice(self._lexicon.ranks, _KNOWN_FROM_START):
            if len(word) > 1 and self._lexicon.is_solid(word):
                self._harmless.update((word, word + ",", word + ".", word.capitalize()))

    def _doubt_of(self, chunk: str) -> int:
        doubt = self._doubts.get(chunk)
        if doubt is None:
            doubt = self._examined(chunk)
            if len(chunk) > _LONGEST_REMEMBERED:
                return doubt
            if doubt:
                self._doubts[chunk] = doubt
            else:
                self._harmless.add(chunk)
        return doubt

    def _examined(self, chunk: str) -> int:
        """Return how a chunk between blanks might change."""
        word = _PLAIN_WORD.fullmatch(chunk)
        plain = word[1] if word else ""
        core = plain.lower()
        if len(core) > 1 and self._lexicon.is_solid(core):
            return 0
        if core in {"a", "i"} or not any(map(str.isalpha, chunk)):
            return 0
        doubt = 0
        if len(core) > 1:
            # Most unknown chunks are names: for them there is less to ask.
            doubt |= _TOKEN_ITSELF if self._chunk_edits(plain, 0, len(core), boldly=False) else 0
            return doubt | self._roles(chunk)
        if _SPACED_LETTER.fullmatch(chunk) or LETTERS_APART.search(chunk):
            doubt |= _LETTER
        if self._chunk_edits(chunk, 0, len(chunk), boldly=False):
            doubt |= _TOKEN_ITSELF
        elif self._chunk_edits(chunk, 0, len(chunk), boldly=True):
            doubt |= _BOLD
        return doubt | self._roles(chunk)

    def _roles(self, chunk: str) -> int:
        """Return whether a chunk ends in what begins a word, or the reverse."""
        roles = 0
        if (tail := _TAIL.search(chunk)) and self._may_be_piece(tail[0]):
            roles |= _BEGINNING * self._lexicon.is_word_beginning(tail[0].lower())
        if (head := _HEAD.match(chunk)) and self._may_be_piece(head[0]):
            roles |= _ENDING * self._lexicon.is_word_ending(head[0].lower())
        return roles

    def _may_be_piece(self, letters: str) -> bool:
        # 'Dr', 'PM' and 'Al' are everywhere; should they be pieces of a word,
        # the other piece will tell.
        return letters.islower() or letters.lower() not in self._lexicon

    def _has_joinable(self, chunks: list[str], odd: set[str]) -> bool:
        """Return whether neighbours, one of them a fragment, make a word; `odd` holds all chunks that may be one."""
        for i, chunk in enumerate(chunks):
            if chunk not in odd:
                continue
            roles = self._doubts.get(chunk, 0)
            if roles & _BEGINNING and self._joins(_TAIL, _HEAD, chunks[i : i + LONGEST_FRAGMENTS], 1):
                return True
            if roles & _ENDING:
                before = chunks[max(0, i - LONGEST_FRAGMENTS + 1) : i + 1]
                if self._joins(_HEAD, _TAIL, before[::-1], -1):
                    return True
        return False

    def _joins(self, first: re.Pattern[str], others: re.Pattern[str], chunks: list[str], step: int) -> bool:
        found = first.search(chunks[0])
        joined = found[0].lower() if found else ""
        for other in chunks[1:]:
            piece = others.search(other)
            if piece is None:
                return False
            joined = joined + piece[0].lower() if step > 0 else piece[0].lower() + joined
            if joined in self._lexicon:
                return True
            if len(piece[0]) < len(other):
                return False
        return False

    def _word_edits(self, text: str) -> list[Edit]:
        chunks = [
            (m.start(), m.end()) for m in _CHUNK.finditer(text) if m[0] not in self._harmless or m[0] in _BOLD_SINGLES
        ]
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
                edits.append((token.start(), token.end(), laid(text, word, token.start(), token.end())))
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
        whole = lead + len(core)
        windows = ((0, tail), (0, whole), (lead, tail), (lead, whole), (lead, len(token)))
        for lower, upper in dict.fromkeys(windows):
            if upper - lower > len(core) and core.isalpha() and len(core) > _HEAVY and core.lower() in self._lexicon:
                continue
            word = self._reader.read(token[lower:upper], boldly=boldly)
            if word is not None:
                return start + lower, start + upper, laid(text, word, start + lower, start + upper)
        return None
