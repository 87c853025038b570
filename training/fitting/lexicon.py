"""Choose the words that the normaliser may read an obfuscated token as."""

import re
from collections import Counter
from collections.abc import Iterable

from model.reading.characters import reading

_LINK = re.compile(r"\S*(?:://|www\.|@\S+\.)\S*|[@#]\w+", re.IGNORECASE)
#: A word stands free: no digit or sign of an obfuscation touches it.
_WORD = re.compile(r"(?<![\w@$*+|!.'&/\\-])[a-z]+(?:'[a-z]+)?(?![\w@$*+|'&/\\]|[.!-]\w)")
_RUN = re.compile(r"(.)\1\1")
#: Doubled last letters that no English word has: 'fuckk' is a stretched word.
_STRETCHED_END = re.compile(r"([ahijkquvwxy])\1$")
#: Letters that stand alone in English, or in English as it is typed.
_SINGLE = frozenset("aiur")
#: Words that many other words begin or end with, so that two of them in one
#: are no sign of glue ('notwithstanding', 'nevertheless').
_GLUED_PARTS = 3
_FREQUENT = 3000
_LONGEST = 24


def build_lexicon(texts: Iterable[str], minimum: int = 5, size: int = 50_000) -> list[str]:
    """List the words of the texts, most frequent first.

    Left out are words that are obfuscations themselves or were never written
    as words: such with digits or signs, in links, hashtags and user names,
    stretched ones, and rare ones that are three or more frequent words in one.

    Parameters
    ----------
    texts
        Comments as written, and titles and bodies of articles.
    minimum
        Least number of texts that a word must occur in: one commenter who
        repeats himself makes no word.
    size
        Most words to be listed.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        plain = "".join(map(reading, text)) if not text.isascii() else text
        counts.update(set(_WORD.findall(_LINK.sub(" ", plain.lower()))))
    # Ties in order of the alphabet, so that the same texts give the same list.
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    frequent = {word for word, _ in ranked[:_FREQUENT] if len(word) > 1 or word in "ai"}
    words: list[str] = []
    for word, count in ranked:
        if count < minimum or len(words) == size:
            break
        if _RUN.search(word) or (len(word) == 1 and word not in _SINGLE) or len(word) > _LONGEST:
            continue
        if _STRETCHED_END.search(word) and counts[word[:-1]] > 4 * count:
            continue
        if count < 10 * minimum and len(word) > _LONGEST // 3 and _glued(word, frequent):
            continue
        words.append(word)
    return words


def _glued(word: str, frequent: set[str]) -> bool:
    """Return whether a word is several frequent words without their spaces."""
    # best[i] is the fewest frequent words that word[:i] consists of.
    best: list[int | None] = [0] + [None] * len(word)
    for end in range(1, len(word) + 1):
        parts = [
            n + 1
            for start in range(end)
            if (n := best[start]) is not None and end - start < len(word) and word[start:end] in frequent
        ]
        best[end] = min(parts, default=None)
    fewest = best[-1]
    return fewest is not None and fewest >= _GLUED_PARTS
