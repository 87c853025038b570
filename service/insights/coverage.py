"""From the comments of a period, sorted by who asked for a look, to what is seen and what is missed.

Formulas and their sources: docs/numbers.md. Nothing here knows the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.insights.estimates import Estimate, NotEnough, corrected, known, part_of, share, share_of, total

#: With fewer draws, none of them a breach, not even 3 in 100 could be ruled out (rule of three).
NEEDED_DRAWS = 100
NEEDED_FLAGS = 30


@dataclass(frozen=True, slots=True)
class Errors:
    """How often moderators err: the share of breaches that they keep, and of the others that they remove."""

    kept: float = 0.0
    removed: float = 0.0


@dataclass(frozen=True, slots=True)
class Stratum:
    """Comments that somebody asked a person to look at: how many were removed, kept, and still wait."""

    removed: int
    kept: int
    waiting: int

    @property
    def decided(self) -> int:
        """How many were removed or kept."""
        return self.removed + self.kept


@dataclass(frozen=True, slots=True)
class Draw:
    """A comment drawn at random: with which probability, and whether it is a breach; None if it still waits."""

    probability: float
    breach: bool | None


@dataclass(frozen=True, slots=True)
class Strata:
    """The comments of a period, by who asked a person to look at them.

    Attributes
    ----------
    comments
        How many there are.
    asked
        Those that a flag, a rule of the newsroom or a reader asked for.
    found
        Those that a person decided on unasked.
    rest
        How many nobody asked for.
    draws
        Those of the rest that were drawn at random.
    """

    comments: int
    asked: Mapping[str, Stratum]
    found: Stratum
    rest: int
    draws: tuple[Draw, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen and what is missed.

    Attributes
    ----------
    breaches
        How many breaches there are among the comments of the period.
    recall
        The share of them that persons have seen and removed, not counting those found by the draw.
    missed
        How many of them are among the comments that nobody asked for.
    false_discovery
        The share of flags that were raised for comments that are fine.
    false_positive
        The share of comments that are fine for which a flag was raised.
    """

    breaches: Estimate | NotEnough
    recall: Estimate | NotEnough | None
    missed: Estimate | NotEnough
    false_discovery: Estimate | NotEnough
    false_positive: Estimate | NotEnough


def what_is_seen(strata: Strata, errors: Errors = Errors()) -> Seen:
    """Estimate what is seen and what is missed.

    The comments that somebody asked for were counted; only the rest is
    estimated, from the draws among it. What was asked for and still waits is
    taken to hold breaches as often as what was decided, which is too often,
    since the gravest is decided first: recall is rather too low.

    Parameters
    ----------
    strata
        The comments of a period.
    errors
        How often moderators err, if that is known; else what they say is what is.
    """
    machine = strata.asked.get("machine", Stratum(0, 0, 0))
    draws = [draw for draw in strata.draws if draw.breach is not None]
    wrong = share_of(machine.kept, machine.decided)
    wrong = _truth(wrong.rest_of(1.0), errors).rest_of(1.0)
    false_discovery = wrong if machine.decided >= NEEDED_FLAGS else NotEnough(machine.decided, NEEDED_FLAGS)
    if len(draws) < NEEDED_DRAWS:
        lacking = NotEnough(len(draws), NEEDED_DRAWS)
        return Seen(lacking, lacking, lacking, false_discovery, lacking)

    rest = share([draw.breach is True for draw in draws], [draw.probability for draw in draws])
    missed = _truth(rest, errors).times(strata.rest)
    decided = [_decided(stratum, errors) for stratum in (*strata.asked.values(), strata.found)]
    waiting = [
        _truth(share_of(stratum.removed, stratum.decided), errors).times(stratum.waiting)
        for stratum in strata.asked.values()
        if stratum.waiting
    ]
    there = total(*decided)
    breaches = total(there, *waiting, missed)
    wrongly = wrong.times(machine.decided + machine.waiting)
    fine = breaches.rest_of(strata.comments)
    false_positive = Estimate(
        min(1.0, wrongly.value / max(fine.value, 1.0)),
        min(1.0, wrongly.low / max(fine.high, 1.0)),
        min(1.0, wrongly.high / max(fine.low, 1.0)),
        machine.decided,
    )
    return Seen(
        breaches=breaches,
        recall=part_of(
            there.times(1 - errors.kept), total(*([there.times(errors.kept)] if errors.kept else []), *waiting, missed)
        ),
        missed=missed,
        false_discovery=false_discovery,
        false_positive=false_positive if isinstance(false_discovery, Estimate) else false_discovery,
    )


def _truth(removed: Estimate, errors: Errors) -> Estimate:
    """Correct a share of removals for moderators' errors."""
    return corrected(removed, sensitivity=1 - errors.kept, specificity=1 - errors.removed)


def _decided(stratum: Stratum, errors: Errors) -> Estimate:
    """Return how many of a stratum's decided comments are breaches: a count, unless moderators err."""
    if errors == Errors():
        return known(stratum.removed)
    return _truth(share_of(stratum.removed, stratum.decided), errors).times(stratum.decided)
