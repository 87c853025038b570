"""What a comment and its article are about, in a few of their own words."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from model.records import Article, Subjects

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*[A-Za-z]")
_MOST = 3
#: Words so frequent in comments that they name no subject.
_COMMON = 1500


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
        self._of_article = lru_cache(maxsize=1024)(self._telling)

    def subjects(self, comment: str, article: Article) -> Subjects:
        """Name up to three words for each."""
        return Subjects(self._telling(comment), self._of_article(f"{article.title}. {article.title}. {article.body}"))

    def _telling(self, text: str) -> tuple[str, ...]:
        written: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for match in _WORD.finditer(text):
            word = match[0].removesuffix("'s")
            lower = word.lower()
            if len(lower) > 3 and self._rank.get(lower, self._last) >= _COMMON:
                written.setdefault(lower, word)
                counts[lower] += 1
        # Repetition tells more than rarity does; of equals the first is named.
        best = sorted(counts, key=lambda w: (-counts[w], -min(self._rank.get(w, self._last), self._last)))[:_MOST]
        return tuple(written[word] for word in best)
