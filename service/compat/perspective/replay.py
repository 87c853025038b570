"""Comments with another scorer's recorded scores, scored anew: how far both agree."""

import contextlib
import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model.errors import InvalidInput
from model.records import Comment
from model.scales import scales
from service.compat.bodies import sound
from service.compat.perspective.names import attribute_of
from service.scoring.language import SUPPORTED, language_of

if TYPE_CHECKING:
    from model.scorer import Scorer

#: What clients of the Perspective API usually compare with.
THRESHOLDS = (0.7, 0.8, 0.9)
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Crossing:
    """How many comments lie at or above a threshold, and ours that as many lie above (None: nobody does)."""

    threshold: float
    both: int
    ours_only: int
    theirs_only: int
    keeps_rate: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """One recorded score beside ours; `spearman` is None where either side is constant."""

    name: str
    comments: int
    spearman: float | None
    crossings: tuple[Crossing, ...]


def replay(scorer: "Scorer", rows: Sequence[Mapping[str, Any]]) -> tuple[list[Agreement], int]:
    """Score recorded comments anew, as `comments:analyze` does.

    Parameters
    ----------
    scorer
        What scores.
    rows
        Each with a `text`, and with its scores either as columns named after
        the attribute (`TOXICITY`, `persp_TOXICITY@6`) or as a recorded answer
        in `attributeScores`, which may stand below `response`.

    Returns
    -------
    tuple
        The agreement on each recorded score that the bundle models too, and
        how many comments were left out: without text, or not in English.
    """
    modelled = {*scorer.manifest.attributes} - {"off_topic"}
    recorded = [_recorded(place, row, modelled) for place, row in enumerate(rows, 1)]
    names = {
        name: attribute_of(name.removeprefix("persp_"), modelled)
        for name in dict.fromkeys(itertools.chain.from_iterable(recorded))
    }
    if not names:
        raise InvalidInput(
            "No comment has a recorded score for an attribute of this bundle: add a column such as TOXICITY, "
            "or keep the API's answer in `attributeScores`."
        )
    comments = [Comment(text=sound(row["text"]) if isinstance(row.get("text"), str) else "") for row in rows]
    taken = [
        i
        for i, one in enumerate(comments)
        if scorer.is_scorable(one) and language_of(one.text, scorer.fallback) == SUPPORTED
    ]
    found = list(_on_scale(scorer, [comments[i] for i in taken]))
    result = []
    for name, ours in names.items():
        pairs = [
            (mine[str(ours)], recorded[i][name]) for i, mine in zip(taken, found, strict=True) if name in recorded[i]
        ]
        result.append(_agreement(name, np.array(pairs, np.float64).reshape(-1, 2)))
    return result, len(rows) - len(taken)


def _recorded(place: int, row: Mapping[str, Any], modelled: Collection[str]) -> dict[str, float]:
    """Return what was recorded of what the bundle models; other columns are none of ours."""
    response = row.get("response")
    answer = row.get("attributeScores") or (response.get("attributeScores") if isinstance(response, dict) else None)
    given = {name: _summary(about) for name, about in answer.items()} if isinstance(answer, dict) else row
    scores = {
        name: _score(place, name, value)
        for name, value in given.items()
        if attribute_of(name.removeprefix("persp_"), modelled)
    }
    return {name: score for name, score in scores.items() if not math.isnan(score)}


def _summary(about: Any) -> Any:
    summary = about.get("summaryScore") if isinstance(about, dict) else None
    return summary.get("value") if isinstance(summary, dict) else None


def _score(place: int, name: str, value: Any) -> float:
    """Read a score; NaN where there is none."""
    with contextlib.suppress(TypeError, ValueError):
        score = math.nan if value is None or value == "" else float(value)
        if math.isnan(score) or 0 <= score <= 1:
            return score
    raise InvalidInput(f"Comment {place}: {name} is {value!r}: a recorded score is a number from 0 to 1.")


def _on_scale(scorer: "Scorer", comments: Sequence[Comment]) -> Iterator[dict[str, float]]:
    scale = scales(scorer.manifest, "perspective")
    for start in range(0, len(comments), _AT_ONCE):
        for scores in scorer.score_many(comments[start : start + _AT_ONCE]):
            yield {name: scale[name](value) if name in scale else value for name, value in scores.values.items()}


def _agreement(name: str, pairs: NDArray[np.float64]) -> Agreement:
    ours, theirs = pairs[:, 0], pairs[:, 1]
    varies = len(pairs) > 1 and np.ptp(ours) > 0 and np.ptp(theirs) > 0
    ranked = np.sort(ours)[::-1]
    crossings = []
    for threshold in THRESHOLDS:
        mine, other = ours >= threshold, theirs >= threshold
        above = int(other.sum())
        crossings.append(
            Crossing(
                threshold,
                int((mine & other).sum()),
                int((mine & ~other).sum()),
                int((~mine & other).sum()),
                float(ranked[above - 1]) if above else None,
            )
        )
    return Agreement(name, len(pairs), float(spearmanr(ours, theirs).statistic) if varies else None, tuple(crossings))


def as_text(found: Sequence[Agreement], left_out: int) -> str:
    """Write the agreement as a table."""
    lines = []
    for one in found:
        spearman = "unknown" if one.spearman is None else f"{one.spearman:.2f}"
        lines += [
            f"{one.name}: {one.comments} comments, Spearman {spearman}",
            "  threshold   both  ours only  theirs only  one side only  keeps the flag rate",
        ]
        for row in one.crossings:
            share = (row.ours_only + row.theirs_only) / max(one.comments, 1)
            keeps = "none is above" if row.keeps_rate is None else f"{row.keeps_rate:.2f}"
            counts = f"{row.both:6} {row.ours_only:10} {row.theirs_only:12} {share:13.1%}"
            lines.append(f"  {row.threshold:9.2f} {counts}  {keeps}")
    return "\n".join([*lines, f"Left out, without text or not in English: {left_out}"])
