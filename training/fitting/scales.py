"""Fit scales: which of our probabilities is as rare as each of another scorer's scores."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import spearmanr

from model.bundling.manifest import Bundle, Manifest
from model.errors import InvalidInput
from model.records import Comment
from model.scales import Scale
from model.scoring.loading import load_bundle
from training.corpus.dev_sets import AGREEMENT, read_dev_set
from training.corpus.scoring import score_columns
from training.progress import Progress

_SET, _SCORER = "perspective_scores", "perspective"
#: Their scores at which a scale has a knot, where enough comments lie on both sides.
_KNOTS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_LEAST = 3
#: What their users usually compare with.
_THRESHOLDS = (0.7, 0.8, 0.9)
_FOLDS = 10


def perspective_scores(folder: Path) -> pd.DataFrame | None:
    """Read that API's recorded scores of comments; None where the training data has none.

    Raises
    ------
    InvalidInput
        If the table cannot be read, lacks a column or has scores that are no numbers.
    """
    table = read_dev_set(folder, _SET, limit=100_000)
    if table is not None and (lacking := {"text", *AGREEMENT[_SET]} - set(table.columns)):
        raise InvalidInput(f"{_SET}.parquet lacks {', '.join(map(repr, sorted(lacking)))}.")
    if table is not None and not all(pd.api.types.is_numeric_dtype(table[name]) for name in AGREEMENT[_SET]):
        raise InvalidInput(f"{_SET}.parquet has scores that are no numbers.")
    return table


def with_scales(bundle: Bundle, table: pd.DataFrame | None, progress: Progress) -> Manifest:
    """Return a bundle's manifest with how its scores read on the Perspective API's scale.

    Parameters
    ----------
    bundle
        Complete but for this; its manifest need not have been written yet.
    table
        As `perspective_scores` read it; without it, nothing is added.
    """
    manifest = bundle.manifest
    if table is None:
        progress(f"no {_SET}: the bundle gets no scale for the Perspective API")
        return manifest
    names = AGREEMENT[_SET]
    found = score_columns(load_bundle(bundle), [Comment(text=text) for text in table["text"]], names.values())
    thorough = manifest.operating_points.get("thorough")
    points = thorough.thresholds if thorough else manifest.thresholds
    scales: dict[str, Any] = {}
    figures: dict[str, Any] = {}
    for column, name in names.items():
        if name not in found.by_attribute:
            continue
        ours, theirs = found.by_attribute[name], table[column].to_numpy(np.float64)
        known = np.isfinite(ours) & np.isfinite(theirs)
        least = points.get(name, 0.0)
        scale = fit_scale(ours[known], theirs[known], least)
        scales[name] = {"ours": scale.ours, "theirs": scale.theirs}
        figures[name] = agreement(ours[known], theirs[known], least)
    progress(f"scale of the Perspective API: {', '.join(scales)}")
    training = {**manifest.training, _SCORER: figures}
    return replace(manifest, scales={**manifest.scales, _SCORER: scales}, training=training)


def fit_scale(ours: NDArray[np.float64], theirs: NDArray[np.float64], least: float = 0.0) -> Scale:
    """Match equal shares: as many comments lie above a knot on either side.

    What is harmless is no rarer for being ranked: below the lowest score that
    users compare with, equal shares of noise would give a harmless sentence
    .2 or more for threat. There a score is in proportion, at most, to `least`.

    Parameters
    ----------
    ours, theirs
        Both scorers' scores of the same comments.
    least
        The lowest probability at which a comment may be flagged here.
    """
    ranked = np.sort(ours)[::-1]

    def equal(score: float) -> float:
        above = int((theirs >= score).sum())
        return float(ranked[above - 1] + ranked[above]) / 2 if _LEAST <= above <= len(ours) - _LEAST else np.nan

    least = min(least, np.nan_to_num(equal(_THRESHOLDS[0])))
    knots = [(0.0, 0.0)]
    for score in _KNOTS:
        bound = least * score / _THRESHOLDS[0] if score < _THRESHOLDS[0] else 0.0
        ours_there = round(max(equal(score), bound), 6)
        if knots[-1][0] < ours_there < 1:
            knots.append((ours_there, score))
    return Scale(*zip(*knots, (1.0, 1.0), strict=True))


def agreement(ours: NDArray[np.float64], theirs: NDArray[np.float64], least: float = 0.0) -> Mapping[str, Any]:
    """Measure how far both agree, each comment on a scale that was fitted without it."""
    fold = np.arange(len(ours)) % _FOLDS
    mapped = np.empty(len(ours))
    for i in range(_FOLDS):
        scale = fit_scale(ours[fold != i], theirs[fold != i], least)
        mapped[fold == i] = np.interp(ours[fold == i], scale.ours, scale.theirs)
    return {
        "comments": len(ours),
        "spearman": round(float(spearmanr(ours, theirs).statistic), 3),
        "above": {
            str(threshold): {
                "both": int(((mapped >= threshold) & (theirs >= threshold)).sum()),
                "ours_only": int(((mapped >= threshold) & (theirs < threshold)).sum()),
                "theirs_only": int(((mapped < threshold) & (theirs >= threshold)).sum()),
            }
            for threshold in _THRESHOLDS
        },
    }
