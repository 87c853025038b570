"""Comments with recorded scores, scored again: how far both scorers agree, and who crosses a threshold."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model.errors import InvalidInput
from model.records import Comment
from model.scales import scales
from service.compat.perspective.names import attribute_of
from service.compat.perspective.recorded import Recorded, recorded
from service.scoring.language import SUPPORTED, language_of

if TYPE_CHECKING:
    from model.scoring.scorer import Scorer

#: What clients of the Perspective API usually compare with.
THRESHOLDS = (0.7, 0.8, 0.9)
#: The columns of `Crossed` in a file.
COLUMNS = ("id", "text", "attribute", "threshold", "theirs", "ours", "flagged_by")
_AT_ONCE = 512
_ROUNDS = 400
_SEED = 20261231


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many comments lie at or above a threshold, and ours that as many lie above (None: nobody does).

    `interval` is where that threshold lies in 95 of 100 samples like this one.
    """

    threshold: float
    both: int
    ours_only: int
    theirs_only: int
    keeps_rate: float | None
    interval: tuple[float, float] | None = None

    @property
    def flags(self) -> int:
        """How many of the comments the other scorer flags."""
        return self.both + self.theirs_only


@dataclass(frozen=True, slots=True)
class ScoreComparison:
    """One recorded score beside ours; `spearman` is None where either side is constant."""

    name: str
    comments: int
    spearman: float | None
    crossings: tuple[Crossing, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result; `crossed` has a row, by `COLUMNS`, for each comment that only one side flags."""

    comparisons: list[ScoreComparison]
    crossed: list[dict[str, Any]]
    left_out: int


def replay(scorer: "Scorer", rows: Sequence[Mapping[str, Any]], thresholds: Sequence[float] = THRESHOLDS) -> Replayed:
    """Score recorded comments anew, as `comments:analyze` does.

    Parameters
    ----------
    scorer
        What scores.
    rows
        Comments with their recorded scores, in any form that `recorded` reads.
    thresholds
        Where both are compared.

    Raises
    ------
    InvalidInput
        If nothing can be compared: no score of what the bundle models, no text, or none that can be scored.
    """
    modelled = {*scorer.manifest.attributes} - {"off_topic"}
    found = [recorded(place, row, modelled) for place, row in enumerate(rows, 1)]
    names = list(dict.fromkeys(itertools.chain.from_iterable(one.scores for one in found)))
    if not names:
        raise InvalidInput(
            "No comment has a recorded score for an attribute of this bundle: add a column such as TOXICITY, "
            "or keep the API's answer in `attributeScores` or `response`."
        )
    if not any(one.text for one in found):
        raise InvalidInput(
            "No row has the comment's text: put it into `text`, or keep the call in `request`, beside `response`."
        )
    taken = [
        one
        for one in found
        if one.scores
        and scorer.is_scorable(Comment(text=one.text))
        and language_of(one.text, scorer.fallback) == SUPPORTED
    ]
    if not taken:
        raise InvalidInput(
            f"None of the {len(rows):,} comments can be compared: they have no text, no score, or are not in English."
        )
    ours = list(_on_scale(scorer, [Comment(text=one.text) for one in taken]))
    comparisons, crossed = [], []
    for name in names:
        attribute = str(attribute_of(name, modelled))
        beside = [(one, mine[attribute]) for one, mine in zip(taken, ours, strict=True) if name in one.scores]
        if beside:
            pairs = np.array([(mine, one.scores[name]) for one, mine in beside], np.float64)
            comparisons.append(_comparison(name, pairs, thresholds))
            crossed += [row for threshold in thresholds for row in _crossed(name, beside, threshold)]
    return Replayed(comparisons, crossed, len(rows) - len(taken))


def _crossed(name: str, beside: Sequence[tuple[Recorded, float]], threshold: float) -> Iterator[dict[str, Any]]:
    """Yield the comments that only one of both scorers puts above a threshold."""
    for one, ours in beside:
        theirs = one.scores[name]
        if (ours >= threshold) != (theirs >= threshold):
            by = "Belowline" if ours >= threshold else "Perspective"
            row = (one.id, one.text, name, threshold, theirs, round(ours, 4), by)
            yield dict(zip(COLUMNS, row, strict=True))


def _on_scale(scorer: "Scorer", comments: Sequence[Comment]) -> Iterator[dict[str, float]]:
    """Score comments on the Perspective API's scale."""
    scale = scales(scorer.manifest, "perspective")
    for start in range(0, len(comments), _AT_ONCE):
        for scores in scorer.score_many(comments[start : start + _AT_ONCE]):
            yield {name: scale[name](value) if name in scale else value for name, value in scores.values.items()}


def _comparison(name: str, pairs: NDArray[np.float64], thresholds: Sequence[float]) -> ScoreComparison:
    """Compare our scores for an attribute with those recorded from the Perspective API."""
    ours, theirs = pairs[:, 0], pairs[:, 1]
    varies = len(pairs) > 1 and np.ptp(ours) > 0 and np.ptp(theirs) > 0
    order = np.argsort(-ours, kind="stable")
    ranked, flagged = ours[order], theirs[order]
    intervals = _intervals(ranked, [flagged >= threshold for threshold in thresholds])
    crossings = []
    for threshold, interval in zip(thresholds, intervals, strict=True):
        mine, other = ranked >= threshold, flagged >= threshold
        above = int(other.sum())
        crossings.append(
            Crossing(
                threshold,
                int((mine & other).sum()),
                int((mine & ~other).sum()),
                int((~mine & other).sum()),
                float(ranked[above - 1]) if above else None,
                interval if above and len(pairs) > 1 else None,
            )
        )
    spearman = float(spearmanr(ours, theirs).statistic) if varies else None
    return ScoreComparison(name, len(pairs), spearman, tuple(crossings))


def _intervals(ranked: NDArray[np.float64], flagged: Sequence[NDArray[np.bool_]]) -> list[tuple[float, float]]:
    """Draw the comments again and again (the bootstrap), and see where each threshold comes to lie."""
    draw = np.random.default_rng(_SEED)
    found: list[list[float]] = [[] for _ in flagged]
    for _ in range(_ROUNDS):
        weight = draw.poisson(1.0, len(ranked))
        up_to = np.cumsum(weight)
        for places, other in zip(found, flagged, strict=True):
            # Where nobody is above, the threshold is higher than any score.
            place = np.searchsorted(up_to, int(weight[other].sum()))
            places.append(float(ranked[min(int(place), len(ranked) - 1)]))
    return [(float(np.quantile(one, 0.025)), float(np.quantile(one, 0.975))) for one in found]


def as_text(found: Replayed) -> str:
    """Write the agreement as a table."""
    lines = []
    for one in found.comparisons:
        spearman = "unknown" if one.spearman is None else f"{one.spearman:.2f}"
        lines += [
            f"{one.name}: {one.comments} comments, Spearman {spearman}",
            "  threshold   both  ours only  theirs only  flags lost  flags won  keeps the flag rate (95 %)",
        ]
        for row in one.crossings:
            lost, won = (f"{count / row.flags:.1%}" if row.flags else "-" for count in (row.theirs_only, row.ours_only))
            counts = f"{row.both:6} {row.ours_only:10} {row.theirs_only:12} {lost:>11} {won:>10}"
            lines.append(f"  {row.threshold:9.2f} {counts}  {_keeps(row)}")
    return "\n".join([*lines, f"Left out, without text or score or not in English: {found.left_out}"])


def _keeps(row: Crossing) -> str:
    """Write the threshold above which we flag as many comments as Perspective does, with its interval."""
    if row.keeps_rate is None:
        return "none is above"
    interval = "" if row.interval is None else f" ({row.interval[0]:.2f} to {row.interval[1]:.2f})"
    return f"{row.keeps_rate:.2f}{interval}, from {row.flags} {'flag' if row.flags == 1 else 'flags'}"
