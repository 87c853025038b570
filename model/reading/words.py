"""The words that an obfuscated token can be read as, and how common they are."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import product
from math import log

_RUN = re.compile(r"(.)\1+")
#: Longest word that letters are joined to.
_LONGEST = 24
#: Cost of a letter that belongs to no word: above that of a rare short word,
#: so that a name among spaced-out words stays one piece.
_UNKNOWN_LETTER = 11.0
#: Most readings of one token that are looked up.
_READINGS = 96
#: How much less frequent a word may be, as a logarithm, for each letter that
#: it keeps doubled.
_DOUBLE_KEPT = 3.0
#: Words of two letters that are words in a comment, not fragments of one.
_SOLID_RANKS = {1: 400, 2: 900, 3: 6000}


class Lexicon:
    """Words in order of frequency.

    Parameters
    ----------
    words
        Lower-case words, most frequent first.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.ranks = {word: rank for rank, word in enumerate(dict.fromkeys(words))}
        self._costs = {
            word: log(rank + 10) + 2.0 for word, rank in self.ranks.items() if len(word) > 1 or word in "aiur"
        }
        self._forward = sorted(word for word in self.ranks if len(word) >= 4)
        self._backward = sorted(word[::-1] for word in self._forward)

    def __contains__(self, word: str) -> bool:
        return word in self.ranks

    def rank(self, word: str) -> int:
        """Return the word's place, or one beyond all for no word."""
        return self.ranks.get(word, 1_000_000)

    def is_solid(self, word: str) -> bool:
        """Return whether this is a word of its own, not a fragment.

        Comments are full of 'fu', 'th' and 'iot', which are in any lexicon
        made of comments; so the shorter a word, the more common it must be.
        """
        return self.rank(word) < _SOLID_RANKS.get(len(word), 900_000)

    def is_word_beginning(self, fragment: str) -> bool:
        """Return whether a fragment is no word by itself but begins one."""
        return not self.is_solid(fragment) and _starts_another(self._forward, fragment)

    def is_word_ending(self, fragment: str) -> bool:
        """Return whether a fragment is no word by itself but ends one."""
        return not self.is_solid(fragment) and _starts_another(self._backward, fragment[::-1])

    def most_frequent(self, candidates: Iterable[str], limit: int = 900_000) -> str | None:
        """Pick the most frequent word among the candidates."""
        best, best_rank = None, limit
        for candidate in candidates:
            rank = self.ranks.get(candidate, limit)
            if rank < best_rank:
                best, best_rank = candidate, rank
        return best

    def unstretched(self, token: str) -> str | None:
        """Read a token with repeated letters as the word that was stretched.

        Each run of letters is read as two letters or as one.
        """
        parts: list[tuple[str, ...]] = []
        end, ways = 0, 1
        for run in _RUN.finditer(token):
            letter = run[1]
            ways *= 2
            if ways > _READINGS:
                return None
            parts += [(token[end : run.start()],), (letter * 2, letter)]
            end = run.end()
        parts.append((token[end:],))
        best, least = None, float("inf")
        for choice in product(*parts):
            rank = self.ranks.get("".join(choice))
            if rank is not None:
                # 'tooo' is 'too', though 'to' is much more frequent.
                cost = log(rank + 50) - _DOUBLE_KEPT * sum(map(len, choice))
                if cost < least:
                    best, least = "".join(choice), cost
        return best

    def wildcard(self, pattern: str, sign: str = "*") -> str | None:
        """Find the word in which each sign hides one letter.

        Only if no other word is nearly as frequent.
        """
        hidden = pattern.count(sign)
        if hidden > 2:
            return None
        fits = [pattern]
        for _ in range(hidden):
            fits = [fit.replace(sign, letter, 1) for fit in fits for letter in "abcdefghijklmnopqrstuvwxyz"]
        found = sorted((self.ranks[fit], fit) for fit in fits if fit in self.ranks)
        if not found or (len(found) > 1 and found[1][0] < 2 * found[0][0]):
            return None
        return found[0][1]

    def segment(self, letters: str) -> list[str]:
        """Cut letters into words, so that the words are as frequent as can be.

        Letters that fit no word come as pieces of their own, unbroken.
        """
        size = len(letters)
        best = [0.0] + [float("inf")] * size
        back = [0] * (size + 1)
        for end in range(1, size + 1):
            best[end], back[end] = best[end - 1] + _UNKNOWN_LETTER, end - 1
            for start in range(max(0, end - _LONGEST), end):
                cost = self._costs.get(letters[start:end])
                if cost is not None and best[start] + cost < best[end]:
                    best[end], back[end] = best[start] + cost, start
        words: list[str] = []
        end, glue = size, False
        while end:
            word = letters[back[end] : end]
            unknown = word not in self._costs
            if unknown and glue:
                words[-1] = word + words[-1]
            else:
                words.append(word)
            glue, end = unknown, back[end]
        return words[::-1]


def _starts_another(words: list[str], fragment: str) -> bool:
    """Return whether a fragment begins another word than itself."""
    i = bisect_left(words, fragment)
    if i < len(words) and words[i] == fragment:
        i += 1
    return i < len(words) and words[i].startswith(fragment)
