"""What a comment and its article are about, in a few of their own words."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from model.records import Article, Subjects

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*[A-Za-z]")
_MOST = 3
#: Words so frequent in comments that they name no subject.
_COMMON = 1500
#: Letters of a word that names none.
_SHORT = 3


class Subjector:
    """Finds telling words: frequent in a text, rare in comments at large.

    Parameters
    ----------
    words
        The words of comments at large, most frequent first.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._rank = {word: rank for rank, word in enumerate(words)}
        self._last = len(words)
        # An article is looked at for each comment below it.
        self._of_article = lru_cache(maxsize=1024)(self._read_article)

    def subjects(self, comment: str, written: str, article: Article) -> Subjects:
        """Name up to three words for each, none of the comment's that the article has too.

        Parameters
        ----------
        comment
            As it is meant to be read.
        written
            As it was written. What stands in it only once a disguise is
            undone, the name of a sign for instance, is no subject.
        article
            What it stands below.
        """
        about = self._of_article(f"{article.title}. {article.title}. {article.body}")
        return Subjects(self._telling(comment, written.lower(), about.words), about.telling)

    def _read_article(self, text: str) -> "_About":
        """Return an article's words, and those that tell what it is about."""
        words = frozenset(word.lower().removesuffix("'s") for word in _WORD.findall(text))
        return _About(words, self._telling(text, text.lower(), frozenset()))

    def _telling(self, text: str, written: str, known: frozenset[str]) -> tuple[str, ...]:
        """Return the words that tell what a text is about."""
        found: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for word in _WORD.findall(text):
            plain = word.removesuffix("'s")
            lower = plain.lower()
            if lower not in known and self._names_a_subject(plain, lower) and lower in written:
                found.setdefault(lower, plain)
                counts[lower] += 1
        # Repetition tells more than rarity does; of equals the first is named.
        best = sorted(counts, key=lambda w: (-counts[w], -min(self._rank.get(w, self._last), self._last)))[:_MOST]
        return tuple(found[word] for word in best)

    def _names_a_subject(self, word: str, lower: str) -> bool:
        """Return whether a word is rare in comments, and a word of English or somebody's name all the same."""
        rank = self._rank.get(lower, self._last)
        return len(lower) > _SHORT and rank >= _COMMON and (rank < self._last or word[0].isupper())


@dataclass(frozen=True, slots=True)
class _About:
    """An article's words, and those that tell what it is about."""

    words: frozenset[str]
    telling: tuple[str, ...]
