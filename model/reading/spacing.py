"""Words whose letters are spaced out by blanks or signs."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from model.reading.leet import TokenReader, as_letters
from model.reading.words import Lexicon

_SIGNS = r".\-_*~,/|+=:;^#\\"
_LETTER = "[A-Za-z0-9@$]"
_APART = rf"(?:[ ]{{0,2}}[{_SIGNS}][ ]{{0,2}}|[ ]{{1,4}})"
#: Letters that stand alone, three or more in a row.
LETTERS_APART = re.compile(
    rf"(?<![A-Za-z0-9@$'&])(?<![A-Za-z0-9][._-]){_LETTER}(?:{_APART}{_LETTER}(?![A-Za-z0-9@$'])){{2,}}"
)
_PAIR_APART = re.compile(
    rf"(?<![A-Za-z0-9@$'&])(?<![A-Za-z0-9][._-]){_LETTER}(?:[{_SIGNS}]{_LETTER}(?![A-Za-z0-9@$']))+"
)
_BETWEEN = re.compile(_APART)
_WORD = re.compile(r"[A-Za-z]+")
#: A word cut by signs: the signs that cut, and what may be cut.
CUT_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?:[.\-_*~,/|+=^#\\!][A-Za-z]+){1,3}")
#: Signs that also stand between the items of a list.
_LISTING = frozenset({",", ", ", "/", " / ", ":", ";", " - ", "+", " + ", "=", "|", " | "})
LONGEST_FRAGMENTS = 4
#: Rank of a word that is common enough to be found in a doubtful place.
_COMMON = 6000
#: Letters of a fragment that says nothing by itself, be it ever so frequent.
_SHORT = 2
#: Letters of an initialism, at the most.
_FEW = 3
_NO_RANK = 900_000
#: What a reading of spaced-out letters must have: a share of its letters in
#: known words, and words of more than a letter or two.
_LEAST_KNOWN = 0.75
_LEAST_LENGTH = 1.8

#: A piece of text that is to be replaced: start, end, and the ranges of the
#: letters that stay or are read, each with its reading.
Letters = list[tuple[str, int, int]]
Edit = tuple[int, int, Letters]


class WordJoiner:
    """Finds words that were taken apart and joins them.

    Parameters
    ----------
    lexicon
        The words to be found.
    reader
        What reads a token of letters and signs.
    """

    def __init__(self, lexicon: Lexicon, reader: TokenReader) -> None:
        self._lexicon = lexicon
        self._reader = reader

    def letters_apart(self, text: str) -> Iterator[Edit]:
        """Join letters that were spaced out, a word or the whole comment."""
        runs = list(LETTERS_APART.finditer(text))
        found = []
        for run in runs:
            found += self._join_run(text, run.start(), run.end(), 2)
        if found:
            # Beside 'i-d-i-o-t', 'a-n' is a word, too.
            taken = bytearray(len(text))
            for start, end, _ in found:
                taken[start:end] = b"\1" * (end - start)
            for run in _PAIR_APART.finditer(text):
                if not any(taken[run.start() : run.end()]):
                    found += self._join_run(text, run.start(), run.end(), 1)
        yield from sorted(found)

    def _join_run(self, text: str, start: int, end: int, least: int) -> list[Edit]:
        """Return the edits that join a run of letters that stand apart."""
        places = list(range(start, end))
        seps = [(m.start(), m.end()) for m in _BETWEEN.finditer(text, start, end)]
        kinds = Counter(text[s:e] for s, e in seps)
        kind = kinds.most_common(1)[0][0]
        held = {p for s, e in seps for p in range(s, e)}
        groups: list[list[int]] = [[]]
        borders = {s for s, e in seps if text[s:e] != kind}
        if kind == " ":
            # Capitals begin words, where not all is in capitals.
            borders |= {s for s, e in seps if text[s - 1].islower() and text[e : e + 1].isupper()}
        for place in places:
            if place in borders:
                groups.append([])
            if place not in held:
                groups[-1].append(place)
        edits = []
        for group in groups:
            one_word = len(groups) > 1 and len(kinds) > 1
            words = self._words_of("".join(text[p] for p in group), kind, text[end : end + 1], one_word=one_word)
            if words is None:
                continue
            letters: Letters = []
            i = 0
            for word in words:
                if letters:
                    letters.append((" ", group[i - 1] + 1, group[i]))
                letters += _spread(text, word, group[i : i + word[0]])
                i += word[0]
            edits.append((group[0], group[-1] + 1, letters))
        # Two letters are a word only beside longer ones: 'a.m.', 'U.K.'.
        longest = max((sum(letter != " " for letter, _, _ in letters) for _, _, letters in edits), default=0)
        return edits if longest > least else []

    def _words_of(self, letters: str, kind: str, following: str, *, one_word: bool) -> list[tuple[int, str]] | None:
        """Cut joined letters into words: how many letters, and the word."""
        size = len(letters)
        if not any(map(str.isalpha, letters)) or _is_list(letters, kind, following):
            return None
        lower = letters.lower()
        word = lower if lower in self._lexicon else self._reader.read(letters, boldly=True)
        rank = self._lexicon.rank(word) if word is not None else _NO_RANK
        if word is not None and rank < (_NO_RANK if size > _FEW else _COMMON):
            return [(size, word)]
        return self._segmented(lower, one_word=one_word) if size > _FEW else None

    def _segmented(self, lower: str, *, one_word: bool) -> list[tuple[int, str]] | None:
        """Cut letters into words, None where few are found."""
        words = self._lexicon.segment(as_letters(lower))
        known = [len(word) for word in words if word in self._lexicon]
        share = sum(known) / len(lower)
        length = len(lower) / len(words)
        if one_word and lower.isalpha() and (share < 1 or length < _FEW):
            return [(len(lower), lower)]
        if share < _LEAST_KNOWN or max(known) < _FEW or length < _LEAST_LENGTH:
            return None
        return [(len(word), word) for word in words]

    def cut_in_chunk(self, text: str, start: int, end: int) -> Edit | None:
        """Join a word that signs cut into two to four pieces."""
        cut = CUT_WORD.search(text, start, end)
        if cut is None:
            return None
        parts = [(m.start(), m.end()) for m in _WORD.finditer(text, cut.start(), cut.end())]
        return self._joined(text, parts, strictly=True)

    def cut_by_blanks(self, text: str) -> Iterator[Edit]:
        """Join words that one blank each cuts into two to four pieces."""
        words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
        i = 0
        while i < len(words) - 1:
            far = i + 1
            while far < len(words) and far - i < LONGEST_FRAGMENTS and text[words[far - 1][1] : words[far][0]] == " ":
                far += 1
            for stop in range(far, i + 1, -1):
                edit = self._joined(text, words[i:stop], strictly=False)
                if edit is not None and stop > i + 1:
                    yield edit
                    i = stop - 1
                    break
            i += 1

    def _joined(self, text: str, parts: list[tuple[int, int]], *, strictly: bool) -> Edit | None:
        """Return the edit that joins pieces to a word; None if they make none."""
        first, last = parts[0], parts[-1]
        if text[first[0] - 1 : first[0]] in _GLUE or text[last[1] : last[1] + 1] in _GLUE_AFTER:
            return None
        pieces = [text[s:e] for s, e in parts]
        joined = "".join(pieces).lower()
        rank = self._lexicon.rank(joined)
        if len(joined) <= _FEW or rank > _NO_RANK:
            return None
        signs = text[parts[0][1] : parts[1][0]]
        if not self._may_be_pieces(pieces, rank, signs=signs if strictly else ""):
            return None
        letters: Letters = [(text[p], p, p + 1) for s, e in parts for p in range(s, e)]
        return first[0], last[1], letters

    def _may_be_pieces(self, pieces: list[str], rank: int, *, signs: str) -> bool:
        """Return whether pieces are less likely words than pieces of one word."""
        together = "".join(pieces)
        small = [piece.lower() for piece in pieces]
        # A capital begins another word ('Mc Donald', 'MA in'); 'ha ha' is two.
        if not (together[1:].islower() or together.isupper()) or len(set(small)) == 1:
            return False
        loose = [piece for piece in small if not self._lexicon.is_solid(piece)]
        solid = len(pieces) - len(loose)
        if not loose or solid > 1 or any(self._is_free(piece, rank, beside_word=solid > 0) for piece in loose):
            return False
        if not solid:
            return True
        # 's big', 'w him'; 'e-mail'
        return min(map(len, loose)) > 1 and not (signs and (rank > _COMMON or signs == "-"))

    def _is_free(self, fragment: str, rank: int, *, beside_word: bool) -> bool:
        """Return whether a fragment is a word too likely for a piece of one."""
        if beside_word and len(fragment) > LONGEST_FRAGMENTS and fragment in self._lexicon:
            return True  # 'in formation'
        return (beside_word or len(fragment) > _SHORT) and self._lexicon.rank(fragment) < 3 * rank


def _is_list(letters: str, kind: str, following: str) -> bool:
    """Return whether letters stand apart because they are no word."""
    size = len(letters)
    if size == 1:
        return True
    initials = letters.isupper() and letters.isalpha()
    if "." in kind and ((initials and (size <= _FEW or kind != ".")) or (size <= _FEW and following == ".")):
        return True  # 'U.S.A.', 'J. R. R. Tolkien', 'a.k.a.'
    if kind in _LISTING and size <= _FEW:
        return True
    return size >= _FEW and all(ord(b) - ord(a) == 1 for a, b in pairwise(letters.lower()))


_GLUE = frozenset("'&@#0123456789-_")
_GLUE_AFTER = frozenset("'&@0123456789-_")


def _spread(text: str, word: tuple[int, str], places: list[int]) -> Letters:
    """Lay the letters of a word over the places where it was written."""
    _, letters = word
    shouted = all(text[p].isupper() for p in places if text[p].isalpha())
    if len(letters) == len(places):
        return [
            (text[p] if text[p].lower() == c else c.upper() if shouted else c, p, p + 1)
            for c, p in zip(letters, places, strict=True)
        ]
    return spread(letters.upper() if shouted else letters, places[0], places[-1] + 1)


def spread(letters: str, start: int, end: int) -> Letters:
    """Lay the letters of a word over a longer range, so that each has its place in the text as written."""
    size = len(letters)
    width = end - start
    bounds = [start + i * width // size for i in range(size + 1)]
    return [(c, bounds[i], bounds[i + 1]) for i, c in enumerate(letters)]


def laid(text: str, word: str, start: int, end: int) -> Letters:
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
