"""The result of a comparison: the same metrics of two bundles, and how far they may differ by chance."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from training.promotion.bootstrap import Interval

Kind = Literal["quality", "news", "labels", "identity", "harmless", "attack"]
#: Kinds whose comments somebody labelled.
LABELLED: tuple[Kind, ...] = ("quality", "news", "labels")

#: With fewer positives, or negatives, a difference is not evidence; of comments that are clear cases, half as many
#: tell as much.
ENOUGH, CLEAR = 200, 100
ALL_SETS = "all sets"
EVERY_KIND = "all kinds"
#: Metrics of which less is better.
LESS = ("ece", "evasion_drop", "flagged", "flagged_by_verdict", "flagged_more", "singled_out")


@dataclass(frozen=True, slots=True)
class Difference:
    """One metric of both bundles on the same comments.

    Attributes
    ----------
    kind
        What it is about.
    sample
        The comments.
    subject
        The attribute; or the group of people, the kind of sentence, the attack.
    metric
        Its name, as in `training.promotion.bootstrap`.
    rows, positives
        How many comments; how many of them are what was looked for.
    champion, challenger
        The figure of each.
    low, high
        95 % interval of challenger - champion, by paired bootstrap.
    """

    kind: Kind
    sample: str
    subject: str
    metric: str
    rows: int
    positives: int
    champion: float
    challenger: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Challenger - champion."""
        return self.challenger - self.champion

    @property
    def loss(self) -> Interval:
        """By how much the challenger is worse, whichever way the metric goes; negative where it is better."""
        if self.metric in LESS:
            return Interval(self.difference, self.low, self.high)
        return Interval(-self.difference, -self.high, -self.low)

    @property
    def least(self) -> int:
        """How many comments are needed on either side."""
        return CLEAR if self.kind == "news" else ENOUGH

    @property
    def enough(self) -> bool:
        """Whether there are enough comments on both sides."""
        return min(self.positives, self.rows - self.positives) >= self.least

    @property
    def verdict(self) -> str:
        """What a person should conclude from it."""
        if self.kind in LABELLED and not self.enough:
            return "not enough evidence"
        if self.loss.low <= 0 <= self.loss.high:
            return "no difference"
        return "worse" if self.loss.value > 0 else "better"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two bundles side by side.

    Attributes
    ----------
    champion, challenger
        Their versions.
    data
        What they were compared on, as a person would name it.
    capacity
        Share of all comments that a shift can read.
    differences
        Everything that was measured.
    comments
        How many were scored, by each.
    per_second
        Comments per second of each.
    """

    champion: str
    challenger: str
    data: str
    capacity: float
    differences: tuple[Difference, ...]
    comments: int
    per_second: tuple[float, float]

    def of(self, kind: Kind) -> list[Difference]:
        """Return the differences of one kind."""
        return [d for d in self.differences if d.kind == kind]

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists and numbers, ready for JSON."""
        plain: dict[str, Any] = asdict(self)
        for about, measured in zip(plain["differences"], self.differences, strict=True):
            about |= {"difference": measured.difference, "verdict": measured.verdict}
        return plain
