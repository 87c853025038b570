"""Find comments that recur, word for word or nearly: MinHash over character n-grams."""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

#: Two texts are nearly the same if they share this part of their n-grams.
_SIMILAR = 0.7
_NGRAM = 5
#: Of 64 hashes, those of a band of four are alike with probability .24 for
#: texts that are just alike: that none of 16 bands is, is 1 in 80.
_HASHES, _BAND = 64, 4
_AT_ONCE = 1000
#: A long text is known by its beginning.
_LONGEST = 2000
#: Not all that is no letter: emoji are words, too.
_PLAIN = re.compile(r"[\s!-/:-@\[-`{-~\u2010-\u2027]+")
_RANDOM = np.random.default_rng(1)
_FACTORS = _RANDOM.integers(1, 2**63, _HASHES, dtype=np.uint64) | np.uint64(1)
_SUMS = _RANDOM.integers(1, 2**63, _HASHES, dtype=np.uint64)
_PLACES = _RANDOM.integers(1, 2**63, _NGRAM, dtype=np.uint64) | np.uint64(1)


def clusters(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of the group of near-duplicates that each text is in."""
    plain = [plain_text(text) for text in texts]
    numbers: dict[str, int] = {}
    exact = np.array([numbers.setdefault(text, len(numbers)) for text in plain], dtype=np.int64)
    near: NDArray[np.int64] = group_near_duplicates(signatures(numbers))
    return near[exact] if len(exact) else exact


def plain_text(text: str) -> str:
    """Strip a text of case, punctuation and spacing."""
    return _PLAIN.sub(" ", text[:_LONGEST].casefold()).strip()


def signatures(plain: Iterable[str]) -> NDArray[np.uint32]:
    """Return a MinHash of each text: two have as many numbers in common as they share n-grams."""
    waiting = iter(plain)
    parts = [_minima(texts) for texts in iter(lambda: list(islice(waiting, _AT_ONCE)), [])]
    return np.concatenate(parts) if parts else np.zeros((0, _HASHES), dtype=np.uint32)


def group_near_duplicates(found: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the number of the group of near-duplicates that each signature is in."""
    left: list[NDArray[np.int64]] = []
    right: list[NDArray[np.int64]] = []
    for start in range(0, _HASHES, _BAND):
        band = np.ascontiguousarray(found[:, start : start + _BAND]).view(f"V{4 * _BAND}").ravel()
        _, bucket = np.unique(band, return_inverse=True)
        order = np.argsort(bucket, kind="stable")
        same = np.flatnonzero(bucket[order][1:] == bucket[order][:-1])
        first = order[np.searchsorted(bucket[order], bucket[order][same])]
        # Each against its neighbour in the bucket and against the first.
        left += [order[same], first]
        right += [order[same + 1], order[same + 1]]
    pairs = np.unique(np.stack([np.concatenate(left), np.concatenate(right)], axis=1), axis=0)
    parts = np.array_split(pairs, len(pairs) // 50_000 + 1)
    kept = np.concatenate([part[(found[part[:, 0]] == found[part[:, 1]]).mean(axis=1) >= _SIMILAR] for part in parts])
    graph = coo_array((np.ones(len(kept), bool), (kept[:, 0], kept[:, 1])), shape=(len(found), len(found)))
    found_together: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return found_together


def _minima(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return the MinHash signatures of texts."""
    # A text that is shorter than an n-gram is one.
    padded = [text.ljust(_NGRAM) for text in texts]
    lengths = np.array([len(text) for text in padded])
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    hashed = np.zeros(len(letters) - _NGRAM + 1, dtype=np.uint64)
    for i, factor in enumerate(_PLACES):
        hashed += letters[i : i + len(hashed)] * factor
    hashed ^= hashed >> np.uint64(29)
    ends = np.cumsum(lengths)
    # What reaches over the end of a text is no n-gram of it.
    inside = np.ones(len(hashed), dtype=bool)
    for back in range(1, _NGRAM):
        inside[(ends - back)[ends - back < len(hashed)]] = False
    grams = hashed[inside]
    starts = np.concatenate([[0], np.cumsum(lengths - _NGRAM + 1)[:-1]])
    found = np.empty((len(texts), _HASHES), dtype=np.uint32)
    for i in range(_HASHES):
        mixed = ((grams * _FACTORS[i] + _SUMS[i]) >> np.uint64(32)).astype(np.uint32)
        found[:, i] = np.minimum.reduceat(mixed, starts)
    return found
