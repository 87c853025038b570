"""A long comment in pieces of whole sentences, so that no sentence is lost among the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.reading.rewriting import NormalisedText

#: A text of at most so many characters is one piece: as many as the encoder
#: reads at once. Shorter pieces lose what sentences mean together.
WHOLE = 600
#: A piece of a longer one is at least so long, where sentences allow, and at most so long. Shorter
#: sentences ("Rubbish.") say too little by themselves.
_LEAST, _MOST = 25, 320
#: A text of more short sentences is cut into longer pieces, of at most half of `_MOST`; prose of
#: 20,000 characters has fewer.
_MOST_PIECES = 320
#: What a piece's probability counts for, as the highest of many is high by chance too: a little more than the four
#: fifths that a sentence is to keep of its score.
_ALONE = np.float32(0.82)
#: Begins with one of few characters, so that the search leaps over all others.
_END = re.compile(r"[.!?…\n](?:(?<=\n)\n*|[\"'”’)\]]*\s+)")


@dataclass(frozen=True, slots=True)
class Pieces:
    """N texts, cut into pieces of a bounded length.

    Attributes
    ----------
    texts
        The P pieces, in order.
    owner
        P: which of the texts a piece is of.
    first
        N: the number of each text's first piece.
    """

    texts: tuple[NormalisedText, ...]
    owner: NDArray[np.int64]
    first: NDArray[np.int64]

    @property
    def plain(self) -> list[str]:
        """The pieces, as they are read."""
        return [piece.text for piece in self.texts]

    @property
    def certainty(self) -> NDArray[np.float32]:
        """N: what the probability of a text's worst piece counts for."""
        return np.where(np.bincount(self.owner) > 1, _ALONE, np.float32(1))

    def worst(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return each text's probabilities, those of its worst piece: P x A to N x A."""
        if len(self.owner) == len(self.first):
            return table
        found: NDArray[np.float32] = np.maximum.reduceat(table, self.first) * self.certainty[:, None]
        return found

    def worst_piece(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return for each text the number of the piece with the highest of P values."""
        order = np.lexsort((values, self.owner))
        last: NDArray[np.int64] = order[np.append(self.first[1:], len(self.owner)) - 1]
        return last

    def highest(self, values: NDArray[np.float32], most: int) -> list[int]:
        """Return the numbers of each text's pieces with the highest of P values, `most` at most, in order."""
        order = np.lexsort((-values, self.owner))
        rank = np.arange(len(order)) - self.first[self.owner[order]]
        return sorted(order[rank < most].tolist())

    def mean(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return for each text the direction of its pieces' vectors, each as long as its piece: P x D to N x D."""
        if len(self.owner) == len(self.first):
            return vectors
        size = np.array([len(piece.text) for piece in self.texts], dtype=np.float32)
        sums = np.add.reduceat(vectors * size[:, None], self.first)
        unit: NDArray[np.float32] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        # A short text is what it is without long ones beside it, to the last bit.
        alone = np.bincount(self.owner) == 1
        unit[alone] = vectors[self.first[alone]]
        return unit


def in_pieces(texts: Sequence[NormalisedText]) -> Pieces:
    """Cut texts, of which there is at least one, into `pieces`, without the white space that these end with.

    So a sentence scores within a long text as it does alone, and blanks make no text a long one.
    """
    seen = [_part(text, 0, len(text.text)) for text in texts]
    if all(len(text.text) <= WHOLE for text in seen):
        each = np.arange(len(seen))
        return Pieces(tuple(seen), each, each)
    cuts = [pieces(text.text) for text in seen]
    counts = np.array([len(cut) for cut in cuts])
    found = [_part(text, start, end) for text, cut in zip(seen, cuts, strict=True) for start, end in cut]
    return Pieces(tuple(found), np.repeat(np.arange(len(seen)), counts), np.cumsum(counts) - counts)


def _part(text: NormalisedText, start: int, end: int) -> NormalisedText:
    """Return a part of a text, up to its last visible character; all of it if there is none."""
    if text.text[end - 1 : end].isspace():
        visible = len(text.text[start:end].rstrip())
        end = start + visible if visible else end
    return text if end - start == len(text.text) else text.part(start, end)


def pieces(text: str) -> list[tuple[int, int]]:
    """Cut a text into pieces that cover all of it.

    Returns
    -------
    Offsets of each piece, in order; one piece for a text of at most `WHOLE`
    characters. A piece ends with a sentence unless a sentence is longer than
    a piece may be.
    """
    if len(text) <= WHOLE:
        return [(0, len(text))]
    found = _cut(text, _LEAST)
    # Each piece is a pass of the encoder.
    return found if len(found) <= _MOST_PIECES else _cut(text, min(len(text) // _MOST_PIECES, _MOST // 2))


def _cut(text: str, least: int) -> list[tuple[int, int]]:
    """Cut a long text at its sentences' ends, into pieces of a bounded length."""
    found = []
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        while end - start > _MOST:
            cut = text.rfind(" ", start + least, start + _MOST) + 1 or start + _MOST
            found.append((start, cut))
            start = cut
        if end - start >= least or (end == len(text) and end > start):
            found.append((start, end))
            start = end
    return found
