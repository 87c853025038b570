"""Which words made a score, as offsets into the comment as written."""

import re
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.features.encoder import TokenEvidence
from model.features.ngrams import Ngrams
from model.features.phrases.finder import ATTRIBUTE
from model.heads import LinearHeads
from model.reading.text import NormalisedText
from model.records import Span

#: A dash is no word, nor the end of one; stars and signs may stand for letters.
_WORD = re.compile(r"(?!-+(?!\S))(?:[^\s.,;:!?()\"“”/\\=<>\[\]-]|(?<=-)-|-(?=\S))+")
#: A word explains an attribute if it holds this share of the strongest word's evidence.
_SHARE = 0.35
#: The likeliest word is marked from here on, where none reaches the threshold.
LEAST_MARK = 0.4
#: Below this share of its threshold toxicity is faint: then a word is marked only if most readers would mark it.
_FAINT, _MOST_WOULD = 0.1, 0.5
#: Below this share there is nothing to mark.
_NOTHING = 0.003
#: Words that hold no sense of their own, or only say that somebody wishes: beside any other word they explain nothing.
_EMPTY = re.compile(
    "a|am|an|and|are|as|at|be|been|but|by|can|could|did|do|does|don't|for|from|had|has|have|he|her|herself|him|"
    "himself|his|hope|hoped|hopes|hoping|how|i|i'm|if|in|is|it|it's|its|itself|just|me|my|myself|no|not|of|on|or|"
    "our|ourselves|she|should|so|than|that|the|their|them|themselves|then|there|these|they|this|those|to|u|ur|us|"
    "was|we|were|what|who|will|wish|wished|wishes|wishing|with|would|you|you're|your|yourself|yourselves",
    re.IGNORECASE,
)


class SpanFinder:
    """Finds the words behind one bundle's scores.

    Parameters
    ----------
    ngrams, heads
        What the scores are made of.
    thresholds
        Attribute to the lowest score that flags a comment.
    mark_threshold
        From it on, a word is marked; see `marked_enough`.
    """

    def __init__(
        self, ngrams: NgramWeights, heads: LinearHeads, thresholds: Mapping[str, float], mark_threshold: float
    ) -> None:
        self._ngrams = ngrams
        self._heads = heads
        self._thresholds = thresholds
        self._mark_threshold = mark_threshold

    def find(
        self, text: NormalisedText, values: Mapping[str, float], grams: Ngrams, row: int, tokens: TokenEvidence | None
    ) -> tuple[Span, ...]:
        """Return the words behind a comment's scores.

        Parameters
        ----------
        text
            The comment.
        values
            Its scores.
        grams, row
            A batch's n-grams, and which of its texts the comment is.
        tokens
            What its tokens gave to the scores, where the encoder knows.
        """
        bounds = word_bounds(text.text)
        if len(bounds) == 0:
            return ()
        marked = self._ngrams.marked([text.text[start:end] for start, end in bounds])
        real = offsets = None
        if tokens is not None:
            real = tokens.offsets[:, 1] > tokens.offsets[:, 0]
            offsets = tokens.offsets[real].astype(np.int64)
            marked = (marked + marked_words(bounds, offsets, tokens.marked[real])) / np.float32(2)
        least = {name: self._thresholds.get(name, 1.0) for name in values}
        names = [
            name
            for name in self._heads.names
            if name in values and values[name] >= least[name] * (_NOTHING if name == "toxicity" else 1.0)
        ]
        faint = {name for name in names if values[name] < _FAINT * least[name]}
        if faint.issuperset(names) and marked.max() < _MOST_WOULD:
            # Most comments: there is nothing to explain, and to look for it takes as long as to score.
            return ()
        width = self._ngrams.margins.shape[1]
        found = self._of_ngrams(text.text, bounds, grams, row)
        if tokens is not None and offsets is not None:
            found += spread(bounds, offsets, tokens.odds[real] @ self._heads.weights[width:])
        columns = [self._heads.names.index(name) for name in names]
        evidence = {name: found[:, column] for name, column in zip(names, columns, strict=True)}
        return choose_spans(text, bounds, evidence, marked, self._mark_threshold, faint)

    def with_phrases(
        self,
        found: Collection[Span],
        phrases: Collection[Span],
        before: Mapping[str, float],
        after: Mapping[str, float],
    ) -> tuple[Span, ...]:
        """Mark phrases for each attribute that is flagged for them.

        Parameters
        ----------
        found
            The words that were marked without them.
        phrases
            Where the phrases stand, for each attribute that they raise.
        before, after
            The comment's scores without them, and with them.
        """
        marks = [one for one in phrases if after.get(one.attribute, 0.0) >= self._thresholds.get(one.attribute, 1.0)]
        # What other words make abusive by themselves, they go on to explain; a threat is what the phrase is.
        alone = {name for name, value in before.items() if name != ATTRIBUTE and value >= self._thresholds[name]}
        explained = {one.attribute for one in marks}
        kept = [
            one
            for one in found
            if one.attribute not in explained
            or (one.attribute in alone and not any(one.start < other.end and other.start < one.end for other in marks))
        ]
        return (*kept, *marks)

    def _of_ngrams(self, text: str, bounds: NDArray[np.int64], grams: Ngrams, row: int) -> NDArray[np.float32]:
        """Return what each word's n-grams give to the log-odds: W x A."""
        width = self._ngrams.margins.shape[1]
        pieces, evidence = grams.evidence(row, self._ngrams.margins)
        if not text.isascii():
            sizes = [len(character.encode("utf-8", "replace")) for character in text]
            owner = np.append(np.repeat(np.arange(len(sizes)), sizes), len(sizes))
            pieces = owner[np.clip(pieces, 0, len(owner) - 1)]
        return spread(bounds, pieces, evidence @ self._heads.weights[:width])


def word_bounds(text: str) -> NDArray[np.int64]:
    """Find the words of a normalised text: W x 2, half-open."""
    bounds = [match.span() for match in _WORD.finditer(text)]
    return np.array(bounds, dtype=np.int64).reshape(-1, 2)


def spread(bounds: NDArray[np.int64], pieces: NDArray[np.int64], evidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sum pieces of evidence into the words that they lie in, by overlap.

    Parameters
    ----------
    bounds
        W x 2, in characters, in order and disjoint.
    pieces
        P x 2, in characters.
    evidence
        P x A.

    Returns
    -------
    W x A
    """
    length = int(max(bounds[-1, 1], pieces.max(initial=0)))
    size = np.maximum(pieces[:, 1] - pieces[:, 0], 1)
    begins_or_ends = np.concatenate([pieces[:, 0], pieces[:, 1]])
    each = (evidence / size[:, None]).T
    steps = np.stack([np.bincount(begins_or_ends, np.concatenate([more, -more]), length + 1) for more in each], axis=1)
    total = np.concatenate([np.zeros((1, evidence.shape[1])), np.cumsum(np.cumsum(steps, axis=0), axis=0)])
    found: NDArray[np.float32] = (total[bounds[:, 1]] - total[bounds[:, 0]]).astype(np.float32)
    return found


def marked_words(
    bounds: NDArray[np.int64], offsets: NDArray[np.int64], marked: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return for each word the highest mark of the tokens that begin in it.

    Parameters
    ----------
    bounds
        W x 2, in characters, in order and disjoint.
    offsets
        T x 2, in characters.
    marked
        T.

    Returns
    -------
    W
    """
    found = np.zeros(len(bounds), dtype=np.float32)
    owner = np.searchsorted(bounds[:, 0], offsets[:, 0], side="right") - 1
    inside = (owner >= 0) & (offsets[:, 0] < bounds[np.maximum(owner, 0), 1])
    np.maximum.at(found, owner[inside], marked[inside])
    return found


def marked_enough(marked: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Return which of W words are marked: from `threshold` on, or else the likeliest one if it is likely enough."""
    chosen = marked >= threshold
    highest = marked.max(initial=0.0)
    return chosen if chosen.any() or highest < LEAST_MARK else marked >= highest


def choose_spans(
    text: NormalisedText,
    bounds: NDArray[np.int64],
    evidence: Mapping[str, NDArray[np.float32]],
    marked: NDArray[np.float32],
    mark_threshold: float,
    faint: Collection[str] = (),
) -> tuple[Span, ...]:
    """Choose the words behind each attribute, neighbours put together.

    Parameters
    ----------
    text
        The comment, with the map to the comment as written.
    bounds
        W x 2: its words.
    evidence
        Attribute to W numbers: what each word adds to its log-odds.
    marked
        W: probability that a reader would mark the word as abusive.
    mark_threshold
        From it on, a word is marked; see `marked_enough`.
    faint
        Attributes that are hardly there: only words that most readers would
        mark explain those, and the strongest one does not where there is none.
    """
    spans: list[Span] = []
    enough = marked_enough(marked, mark_threshold)
    empty = np.array([_EMPTY.fullmatch(text.text, start, end) is not None for start, end in bounds])
    for attribute, weights in evidence.items():
        strength = np.maximum(weights, 0.0)
        if (strength[~empty] > 0.0).any():
            strength[empty] = 0.0
        strongest = float(strength.max(initial=0.0))
        if strongest <= 0.0:
            continue
        chosen = ((marked >= _MOST_WOULD) if attribute in faint else enough) & (strength >= 0.05 * strongest)
        if attribute != "toxicity" and chosen.any():
            chosen &= strength >= _SHARE * float(strength[chosen].max())
        if not chosen.any():
            if attribute in faint:
                continue
            chosen = strength >= 0.7 * strongest
        total = float(strength[chosen].sum())
        spans += _put_together(text, bounds, chosen, strength / total, attribute)
    return tuple(spans)


def _put_together(
    text: NormalisedText,
    bounds: NDArray[np.int64],
    chosen: NDArray[np.bool_],
    weight: NDArray[np.floating],
    attribute: str,
) -> list[Span]:
    """Make spans of neighbouring words that were chosen."""
    edges = np.diff(chosen.astype(np.int8), prepend=0, append=0)
    found = []
    for first, after in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        start, end = text.original(int(bounds[first, 0]), int(bounds[after - 1, 1]))
        share = min(1.0, float(weight[first:after].sum()))
        found.append(Span(start, end, attribute, round(max(share, 1e-4), 4)))
    return found
