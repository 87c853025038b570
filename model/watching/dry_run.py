"""What a challenger would change: the flags that flip, minutes saved, breaches missed and found."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from model.labels import Label

#: Minutes for an item: what the service's rota reckons with before it has measured any.
MINUTES = 1.0

Change = Literal["newly flagged", "no longer flagged"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A comment that only one of the two bundles flags.

    Attributes
    ----------
    reasons
        Attribute to score, of the bundle that flags it.
    label
        What a person decided; None if nobody saw it.
    weight
        How many comments such as this one stand for: the inverse of the
        probability that it was seen.
    """

    comment_id: str
    change: Change
    reasons: Mapping[str, float]
    label: Label | None
    weight: float


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the challenger would have changed.

    Attributes
    ----------
    champion, challenger
        The versions.
    comments
        How many were scored.
    flagged_before, flagged_after
        How many each of both flags.
    flips
        Those that only one of both does, the surest first.
    minutes
        What an item takes.
    """

    champion: str
    challenger: str
    comments: int
    flagged_before: int
    flagged_after: int
    flips: tuple[Flip, ...]
    minutes: float

    @property
    def minutes_saved(self) -> float:
        """Minutes that moderators would have been spared; negative if they would have had more to do."""
        return (self.flagged_before - self.flagged_after) * self.minutes

    def lines(self) -> Iterator[str]:
        """Yield the dry run's summary, a line at a time."""
        yield f"{self.comments} comments, {self.champion} against {self.challenger}"
        yield f"flagged: {self.flagged_before} before, {self.flagged_after} after"
        saved = self.minutes_saved
        yield f"{abs(saved):.0f} minutes {'saved' if saved >= 0 else 'more'}, at {self.minutes:g} an item"
        for change, said in (("no longer flagged", "missed"), ("newly flagged", "newly found")):
            flips = [flip for flip in self.flips if flip.change == change]
            removed = [flip for flip in flips if flip.label == "removed"]
            unseen = sum(flip.label is None for flip in flips)
            stands = f", standing for about {sum(flip.weight for flip in removed):.0f}" if removed else ""
            yield (
                f"{change}: {len(flips)}; of these {len(removed)} that a person removed (breaches {said}{stands}), "
                f"{len(flips) - len(removed) - unseen} kept, {unseen} that nobody saw"
            )

    def rows(self) -> list[dict[str, Any]]:
        """Return the flips as rows of JSON."""
        return [asdict(flip) for flip in self.flips]


def surest_first(flips: Iterable[Flip]) -> tuple[Flip, ...]:
    """Put flips in order: by what changes, and by how sure the bundle is that flags them."""
    return tuple(
        sorted(flips, key=lambda flip: (flip.change, -max(flip.reasons.values(), default=0.0), flip.comment_id))
    )
