"""Choose thresholds: operating points that a newsroom can afford, or a precision that flags must keep."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from model.bundling.manifest import OperatingPoint
from training.fitting.heads import natural_weights

#: Share of ordinary comments that a flag of each attribute costs at `balanced`.
BUDGETS = {
    "toxicity": 0.025,
    "severe_toxicity": 0.002,
    "insult": 0.02,
    "profanity": 0.005,
    "threat": 0.003,
    "identity_attack": 0.004,
    "off_topic": 0.03,
}
#: How much of that budget each point spends.
_SPENT = {"cautious": 0.4, "balanced": 1.0, "thorough": 2.5}


@dataclass(frozen=True)
class Judged:
    """One attribute's scores of N comments that nothing was taught.

    Attributes
    ----------
    scores
        N probabilities.
    is_so, ordinary
        N of each: which comments are so, and which nobody would want flagged;
        those between count on neither side.
    kind, them
        What the ordinary ones are, and those that are so, for the sentence.
    """

    scores: NDArray[np.float32]
    is_so: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]
    kind: str = "ordinary comments below news"
    them: str = ""


def operating_points(judged: Mapping[str, Judged], abuse: Sequence[str]) -> dict[str, OperatingPoint]:
    """Choose each point's thresholds.

    Parameters
    ----------
    judged
        By attribute. Those of `abuse` are of the same N comments.
    abuse
        The attributes that the points' own sentences are about; `toxicity`
        among them says which comments are abusive.
    """
    points = {}
    for name, spent in _SPENT.items():
        thresholds = {one: _threshold(about, spent * BUDGETS[one]) for one, about in judged.items()}
        sentences = {
            one: _sentence(about, about.scores >= thresholds[one], about.them or "those that are so")
            for one, about in judged.items()
        }
        flagged = np.any([judged[one].scores >= thresholds[one] for one in abuse], axis=0)
        points[name] = OperatingPoint(
            thresholds, _sentence(judged["toxicity"], flagged, judged["toxicity"].them or "abusive ones"), sentences
        )
    return points


def threshold_for_precision(
    scores: NDArray[np.float32], truth: NDArray[np.bool_], prevalence: float, precision: float, where: str
) -> tuple[float, str]:
    """Find the lowest threshold that keeps a precision in nature.

    Parameters
    ----------
    scores, truth
        N of each.
    prevalence, precision
        From 0 to 1.
    where
        What the prevalence is, for the sentence.

    Returns
    -------
    threshold, sentence
        Where no threshold keeps the precision, that of the 20 highest scores; the sentence says so.
    """
    order = np.argsort(-scores)
    right = truth[order]
    weight = natural_weights(right, prevalence)
    true, false = np.cumsum(weight * right), np.cumsum(weight * ~right)
    found = true / np.maximum(true + false, 1e-12)
    # The first few rows alone prove nothing.
    first = min(20, len(order) - 1)
    last = max(np.flatnonzero(found >= precision).max(initial=0), first)
    # Halfway to the next score: what comes just below the last one that was seen is like it.
    below = scores[order][min(last + 1, len(order) - 1)]
    threshold = round(float(scores[order][last] + below) / 2, 4)
    kept = f">= {precision}" if found[last] >= precision else f"{found[last]:.2f}, no threshold keeps {precision},"
    return threshold, f"precision {kept} {where}; recall {true[last] / prevalence:.2f}"


def _threshold(judged: Judged, budget: float) -> float:
    """Return the score, of four digits, from which on no more than this share of ordinary comments is flagged."""
    highest = np.sort(judged.scores[judged.ordinary])[::-1]
    # Just above the first score that the budget has no room for.
    return min(1.0, (math.floor(1e4 * float(highest[int(budget * len(highest))])) + 1) / 1e4)


def _sentence(judged: Judged, flagged: NDArray[np.bool_], them: str) -> str:
    """Say what is flagged and found, with Wilson's interval at 95 %."""
    found, count = int(flagged[judged.is_so].sum()), int(judged.is_so.sum())
    low, high = binomtest(found, count).proportion_ci(method="wilson")
    return (
        f"flags {flagged[judged.ordinary].mean():.1%} of {judged.kind}; finds {found / count:.0%} of {them} "
        f"({low:.0%} to {high:.0%} of {count})"
    )
