"""What moderators did in a period: by rule, by person, how far they agree, how often they were overruled, how fast."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from sklearn.metrics import cohen_kappa_score

from service.insights.estimates import Estimate, NotEnough, difference, share_of
from service.insights.queries import Made, Period, ReportWait, not_taken_back

NEEDED_PAIRS = 30
NEEDED_BLIND = 30
_OPPOSITE = {"keep": "remove", "remove": "keep"}


@dataclass(frozen=True, slots=True)
class Person:
    """What one moderator did; `seconds` is the median from opening to deciding, None if it was not measured."""

    name: str
    kept: int
    removed: int
    escalated: int
    overturned: int
    seconds: float | None

    @property
    def decisions(self) -> int:
        """How many in all."""
        return self.kept + self.removed + self.escalated


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two moderators who decided on the same comment agree.

    `kappa` is Cohen's: 1 if always, 0 if as often as by chance; None if there
    is no chance to disagree by, since all said the same.
    """

    pairs: int
    same: Estimate
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Anchoring:
    """How often an item is removed with its scores in sight, and with them hidden; and the difference."""

    shown: Estimate
    blind: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Delay:
    """From a report to its decision: half take no longer than `median` seconds, nine of ten no longer than `late`.

    A report that still waits counts as one that takes longer than all others;
    None where that makes it unknown.
    """

    reports: int
    waiting: int
    median: float | None
    late: float | None


@dataclass(frozen=True, slots=True)
class Work:
    """What moderators did in a period."""

    rules: tuple[tuple[str | None, int], ...]
    people: tuple[Person, ...]
    overturned: Estimate
    agreement: Agreement | NotEnough
    anchoring: Anchoring | NotEnough
    delay: Delay


def work_of(decisions: Sequence[Made], answers: Sequence[ReportWait], period: Period) -> Work:
    """Sum up what moderators did.

    Parameters
    ----------
    decisions
        All decisions on the comments that were decided on in the period, in
        their order; what their own moderators took back does not count.
    answers
        For each report of the period, how long it waited.
    period
        Of the decisions that count.
    """
    made = not_taken_back(decisions)
    ours = [one for one in made if period.holds(one.decided_at)]
    overruled = _overruled(made)
    final = [one for one in ours if one.verdict in _OPPOSITE]
    removed = Counter(one.rule for one in ours if one.verdict == "remove")
    return Work(
        rules=tuple(sorted(removed.items(), key=lambda row: (-row[1], row[0] or ""))),
        people=_people(ours, overruled),
        overturned=share_of(sum(one.id in overruled for one in final), len(final)),
        agreement=_agreement(made, period),
        anchoring=_anchoring(ours, first_verdicts(decisions)),
        delay=_delay(answers),
    )


def _by_text(decisions: Sequence[Made]) -> dict[tuple[str, int], list[Made]]:
    """Sort decisions to keep or to remove by what they are about: an edited comment is another text."""
    found: dict[tuple[str, int], list[Made]] = defaultdict(list)
    for one in decisions:
        if one.verdict in _OPPOSITE:
            found[one.comment_id, one.revision].append(one)
    return found


def _overruled(decisions: Sequence[Made]) -> set[int]:
    """Name the decisions to which another moderator later said the opposite."""
    return {
        one.id
        for same in _by_text(decisions).values()
        for place, one in enumerate(same)
        if any(
            later.moderator != one.moderator and later.verdict == _OPPOSITE[one.verdict] for later in same[place + 1 :]
        )
    }


def _people(decisions: Sequence[Made], overruled: set[int]) -> tuple[Person, ...]:
    """Return what each moderator has decided, how fast, and how often they were overruled."""
    by_name: dict[str, list[Made]] = defaultdict(list)
    for one in decisions:
        by_name[one.moderator].append(one)
    people = []
    for name, theirs in by_name.items():
        verdicts = Counter(one.verdict for one in theirs)
        seconds = [
            (one.decided_at - one.opened_at).total_seconds()
            for one in theirs
            if one.opened_at is not None and one.batch is None
        ]
        people.append(
            Person(
                name,
                verdicts["keep"],
                verdicts["remove"],
                verdicts["escalate"],
                sum(one.id in overruled for one in theirs),
                median(seconds) if seconds else None,
            ),
        )
    return tuple(sorted(people, key=lambda person: (-person.decisions, person.name)))


def _agreement(decisions: Sequence[Made], period: Period) -> Agreement | NotEnough:
    """Return how often two moderators decide alike on the same text."""
    pairs = []
    for same in _by_text(decisions).values():
        first = same[0]
        second = next((one for one in same if one.moderator != first.moderator), None)
        if second is not None and period.holds(second.decided_at):
            pairs.append((first.verdict, second.verdict))
    if len(pairs) < NEEDED_PAIRS:
        return NotEnough(len(pairs), NEEDED_PAIRS)
    alike = share_of(sum(one == other for one, other in pairs), len(pairs))
    if len({verdict for pair in pairs for verdict in pair}) == 1:
        return Agreement(len(pairs), alike, None)
    kappa = cohen_kappa_score([one for one, _ in pairs], [other for _, other in pairs])
    return Agreement(len(pairs), alike, float(kappa))


def first_verdicts(decisions: Sequence[Made]) -> set[int]:
    """Name the decisions on comments on which none held: only of those does chance decide which are shown blind."""
    first: set[int] = set()
    held: dict[str, set[int]] = defaultdict(set)
    for one in decisions:
        if one.verdict == "undo":
            held[one.comment_id] -= {one.undoes or 0}
            continue
        if not held[one.comment_id]:
            first.add(one.id)
        held[one.comment_id].add(one.id)
    return first


def _anchoring(decisions: Sequence[Made], first: set[int]) -> Anchoring | NotEnough:
    """Compare what was decided singly, for the first time, of what a score asked for."""
    singly = [
        one
        for one in decisions
        if one.id in first
        and one.verdict in _OPPOSITE
        and one.stream in ("safety", "doubt")
        and one.batch is None
        and one.opened_at is not None
    ]
    groups = [[one.verdict == "remove" for one in singly if one.blind is hidden] for hidden in (False, True)]
    shown, blind = (share_of(sum(group), len(group)) for group in groups)
    if min(shown.n, blind.n) < NEEDED_BLIND:
        return NotEnough(min(shown.n, blind.n), NEEDED_BLIND)
    return Anchoring(shown, blind, difference(shown, blind))


def _delay(answers: Sequence[ReportWait]) -> Delay:
    """Return how long reports waited for a decision: median, ninth decile."""
    seconds = [np.inf if answer.seconds is None else answer.seconds for answer in answers]
    waiting = sum(answer.seconds is None for answer in answers)

    def at(quantile: float) -> float | None:
        # An observed time, since between one that is known and one that is not there is no other.
        found = float(np.quantile(seconds, quantile, method="inverted_cdf")) if seconds else np.inf
        return found if np.isfinite(found) else None

    return Delay(len(seconds), waiting, at(0.5), at(0.9))
