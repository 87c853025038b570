"""Has what comes in changed? Distances between then and now, and what to do about them.

The service asks this of the last week against the weeks before, training of
one file of labels against another.
"""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: The population stability index from which on a distribution is worth a look, and from which on it is another one:
#: the convention of credit scoring (Siddiqi, Credit Risk Scorecards, 2006, chapter 10).
WATCH, ACT = 0.1, 0.25
#: Scores on either side. With so many, chance alone makes ten bins differ by 0.036 (standard deviation 0.017).
LEAST_SCORES = 500
#: Factors between the odds of a share then and now, either way. Our own choice: a share of 10 % becomes 14 or 18 %.
WATCH_ODDS, ACT_ODDS = 1.5, 2.0
LEAST_CASES = 100
#: Of the normal distribution: chance alone goes beyond it one time in a hundred.
_BY_CHANCE = 2.576
_BINS = 10
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
#: As the lexicon writes it.
_APOSTROPHE = str.maketrans("’", "'")

Subject = Literal["scores", "words", "removed", "agreement"]
Level = Literal["too few", "steady", "watch", "act"]

_WATCH_ADVICE = "Look again in a week; if it stays, do as for a larger change."
_ADVICE: dict[Subject, str] = {
    "scores": "Look at twenty of the latest comments that score highest: if they are not what the attribute means, "
    "retrain with this newsroom's labels; if they are, plan more time for the queue.",
    "words": "Read which words are new, and retrain with the latest labels if they are how people now insult; "
    "names in the news need nothing.",
    "removed": "Find out whether the rules, the readers or the moderators changed; if it is the readers, retrain with "
    "the latest labels.",
    "agreement": "Compare a challenger trained on the latest labels with the bundle that scores, and promote it if it "
    "agrees better.",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that was compared to find drift.

    Attributes
    ----------
    subject
        `scores` of an attribute; the share of `words` that the bundle does not
        know; the share that moderators `removed`; the share of flags that
        moderators agreed with (`agreement`).
    attribute
        Of the scores; else None.
    reference, current
        Then and now: the mean score, or the share.
    distance
        Of scores, the population stability index; of shares, the factor
        between the odds, from 1 on.
    level
        `too few` to tell, `steady`, `watch` or `act`.
    """

    subject: Subject
    attribute: str | None
    reference: float
    current: float
    distance: float
    level: Level

    @property
    def advice(self) -> str:
        """What to do, in a sentence; empty if nothing is to be done."""
        if self.level == "act":
            return _ADVICE[self.subject]
        return _WATCH_ADVICE if self.level == "watch" else ""


@dataclass(frozen=True, slots=True)
class Share:
    """A share: how many of how many."""

    cases: int
    of: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.cases / self.of if self.of else 0.0


def psi(reference: ArrayLike, current: ArrayLike, bins: int = _BINS) -> float:
    """Return the population stability index: 0 if both are distributed alike.

    The bins hold equal parts of the reference. Half a case is added to each,
    so that an empty one does not make the index infinite.
    """
    old, new = np.asarray(reference, dtype=float), np.asarray(current, dtype=float)
    if not len(old) or not len(new):
        raise ValueError("There is nothing to compare.")
    edges = np.unique(np.quantile(old, np.linspace(0, 1, bins + 1)[1:-1]))
    before, after = (_shares(values, edges) for values in (old, new))
    return float(((after - before) * np.log(after / before)).sum())


def score_drift(attribute: str, reference: ArrayLike, current: ArrayLike) -> Signal:
    """Compare the scores of an attribute, then and now."""
    old, new = np.asarray(reference, dtype=float), np.asarray(current, dtype=float)
    then, now = (float(values.mean()) if len(values) else 0.0 for values in (old, new))
    if min(len(old), len(new)) < LEAST_SCORES:
        return Signal("scores", attribute, then, now, 0.0, "too few")
    distance = psi(old, new)
    return Signal("scores", attribute, then, now, distance, _level(distance, WATCH, ACT))


def share_drift(subject: Subject, reference: Share, current: Share) -> Signal:
    """Compare a share, then and now; what chance alone could have made is no change."""
    shares = reference.value, current.value
    if min(reference.of, current.of) < LEAST_CASES:
        return Signal(subject, None, *shares, 1.0, "too few")
    # Half a case more on each side: odds of nothing are none.
    odds = [(share.cases + 0.5) / (share.of - share.cases + 0.5) for share in (reference, current)]
    ratio = max(odds) / min(odds)
    pooled = (reference.cases + current.cases) / (reference.of + current.of)
    error = math.sqrt(pooled * (1 - pooled) * (1 / reference.of + 1 / current.of))
    is_chance = abs(shares[1] - shares[0]) <= _BY_CHANCE * error
    return Signal(subject, None, *shares, ratio, "steady" if is_chance else _level(ratio, WATCH_ODDS, ACT_ODDS))


def unknown_words(texts: Iterable[str], known: Collection[str]) -> Share:
    """Count how many of the words are none of a bundle's `words.txt`."""
    unknown = total = 0
    for text in texts:
        for word in _WORD.findall(text.lower().translate(_APOSTROPHE)):
            total += 1
            unknown += word not in known and word.removesuffix("'s") not in known
    return Share(unknown, total)


def _shares(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return which share of values is in each bin."""
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1) + 0.5
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def _level(distance: float, watch: float, act: float) -> Level:
    """Return how grave a drift is."""
    if distance >= act:
        return "act"
    return "watch" if distance >= watch else "steady"
