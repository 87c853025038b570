"""The queue's order: three streams, what weighs how much, and whose turn it is.

This is the one place that says it; docs/queue.md says it in words.

========  ====================================================================
safety    flagged, or reported by a reader
doubt     just below a threshold: what the model learns most from
random    drawn from everything that came in: the only honest measure
========  ====================================================================
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, get_args

from model.errors import InvalidInput
from model.records import Scores
from service.storage.records import FlagReason

Stream = Literal["safety", "doubt", "random"]
STREAMS: tuple[Stream, ...] = get_args(Stream)

#: How bad a breach of each kind is, against a threat's 1.
SEVERITY = {
    "threat": 1.0,
    "severe_toxicity": 1.0,
    "identity_attack": 1.0,
    "toxicity": 0.8,
    "insult": 0.8,
    "likely_to_reject": 0.7,
    "profanity": 0.6,
    "off_topic": 0.4,
}
#: Nobody knows what is in it.
UNSCORED = 0.5
#: Every comment on a court case is to be read before most of what is flagged.
COURT_CASE = 0.9
#: What a report says by itself, where no score agrees.
REPORTED = 0.3
#: What was flagged before its author edited it, where nothing speaks against the present text.
EDITED_SINCE = 0.1
#: A hundred reporters who agreed to act together weigh as much as five.
MOST_REPORTERS = 5
#: A reply is read by fewer than what it answers; one that is much answered, by more.
REPLY_REACH = 0.7
MOST_REPLIES = 15
#: What nobody should read two of in a row.
EXTREME = frozenset({"threat", "severe_toxicity", "identity_attack"})
#: An item that has waited for this long weighs twice as much as when it came.
DOUBLES_IN = timedelta(hours=12)
#: How far below its threshold a score is still in doubt, as a difference of log odds.
DOUBT_BAND = 0.35
#: How much less the farthest of those in doubt weighs than the nearest: 1/16.
DOUBT_DOUBLINGS = 4

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shares:
    """What share of what is shown each stream has, in per cent; they sum to 100."""

    safety: int = 75
    doubt: int = 20
    random: int = 5

    def __post_init__(self) -> None:
        given = (self.safety, self.doubt, self.random)
        if sum(given) != 100 or min(given) < 0:
            raise InvalidInput(
                f"The shares of safety, doubt and random are {given}: none may be below 0, and they must total 100.",
            )


def flag_rank(reasons: Sequence[FlagReason], *, court_case: bool = False) -> float:
    """Weigh a flag: severity times probability of the worst of its reasons, in [0, 1]."""
    weights = [
        UNSCORED if reason.score is None else SEVERITY.get(reason.attribute or "", 0.5) * reason.score
        for reason in reasons
    ]
    if court_case:
        weights.append(COURT_CASE)
    return round(max(weights, default=0.0), 6)


def reach(*, is_reply: bool, replies: int) -> float:
    """Return how much a comment is read, against one that begins a thread and has no replies, in [0.7, 3].

    Who reads an article is not known here: this is what the thread itself shows.
    """
    return round((REPLY_REACH if is_reply else 1.0) * (1 + 0.5 * math.log2(1 + min(replies, MOST_REPLIES))), 6)


def safety_weight(flag: float, reporters: float, reach: float, *, edited_since: bool = False) -> float:
    """Return how urgent an item is before it has waited: severity x probability x reach x reports.

    Parameters
    ----------
    flag
        Severity times probability (`flag_rank`); 0 if no score is over a threshold.
    reporters
        How many readers its reports count for: `service.triage.credibility`.
    reach
        How much it is read.
    edited_since
        A text of it was flagged that its author has replaced.
    """
    base = max(flag, REPORTED if reporters else 0.0, EDITED_SINCE if edited_since else 0.0)
    return round(base * reach * (1 + min(reporters, MOST_REPORTERS)), 6)


def doubt_weight(score: float, threshold: float) -> float:
    """Weigh an item in doubt by how far it is below its threshold: 1 at it, 1/16 at the end of the band."""
    return round(math.exp2(-DOUBT_DOUBLINGS * _distance(score, threshold) / DOUBT_BAND), 6)


def queue_position(weight: float, since: datetime) -> float:
    """Return where an item stands among those of its stream: the highest comes first.

    An item's weight doubles with every 12 hours that it waits. At any moment,
    items are therefore ordered by `weight * 2 ** (waited / 12 h)`; the
    logarithm of that is `log2(weight) + (now - since) / 12 h`, in which `now`
    is the same for all. Leaving it out changes no order and gives a number
    that an index can hold. Weights are bounded, so no item waits for ever: one
    that is 64 times as light goes before whatever comes three days later.
    """
    return round(math.log2(max(weight, 1e-3)) - (since - _EPOCH) / DOUBLES_IN, 9)


def doubt_of(scores: Scores, thresholds: Mapping[str, float]) -> FlagReason | None:
    """Find the attribute that is nearest below its threshold, within the band.

    None if there is none, or if a score is over its threshold: then the
    comment is flagged, and not in doubt.
    """
    distances = {
        name: _distance(score, thresholds[name]) for name, score in scores.values.items() if name in thresholds
    }
    name = min(distances, key=lambda name: distances[name], default=None)
    if name is None or not 0 < distances[name] <= DOUBT_BAND:
        return None
    spans = tuple(span for span in scores.spans if span.attribute == name)
    sentence = "Just below the threshold: a decision on it teaches more than most."
    return FlagReason(sentence, name, scores[name], thresholds[name], spans)


def stream_order(turn: int, shares: Shares) -> tuple[Stream, ...]:
    """Return which stream the next item comes from, and which follow if that one is empty.

    Of any hundred turns in a row, each stream has as many as its share, evenly spread.

    Parameters
    ----------
    turn
        How many items the queue has shown so far, to anybody.
    shares
        Of each stream.
    """
    wheel = _wheel(shares)
    start = turn % len(wheel)
    return tuple(dict.fromkeys((*wheel[start:], *wheel[:start], *STREAMS)))


@lru_cache(maxsize=8)
def _wheel(shares: Shares) -> tuple[Stream, ...]:
    """Spread a hundred turns over the streams (smooth weighted round robin)."""
    credit = dict.fromkeys(STREAMS, 0)
    wheel: list[Stream] = []
    for _ in range(100):
        for stream in STREAMS:
            credit[stream] += getattr(shares, stream)
        chosen = max(STREAMS, key=lambda stream: credit[stream])
        credit[chosen] -= 100
        wheel.append(chosen)
    return tuple(wheel)


def _distance(score: float, threshold: float) -> float:
    """Return how far below its threshold a score is, in log-odds."""
    return _log_odds(threshold) - _log_odds(score)


def _log_odds(probability: float) -> float:
    """Return a probability's log-odds."""
    bounded = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(bounded / (1 - bounded))
