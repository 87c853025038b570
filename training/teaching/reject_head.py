"""`likely_to_reject`: a column of its own beside the abuse attributes', and a head for it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.attributes import ABUSE, REJECT
from model.heads import LinearHeads
from training.corpus.corpus import Corpus
from training.fitting.heads import PREVALENCE, calibrate, fit_head, linear
from training.fitting.points import threshold_for_precision

#: What a flag must be worth at each operating point.
_PRECISION = {"cautious": 0.7, "balanced": 0.5, "thorough": 0.3}
#: With at least so many decisions on comments drawn at random, their share of removals is this newsroom's.
_LEAST_RANDOM = 200


def with_column(
    weights: NgramWeights, layer: dict[str, NDArray[np.float32]] | None, heads: LinearHeads
) -> tuple[NgramWeights, dict[str, NDArray[np.float32]] | None, LinearHeads]:
    """Add a column for `likely_to_reject`, which starts as toxicity."""
    first = ABUSE.index("toxicity")
    wider = NgramWeights(
        np.concatenate([weights.margins, weights.margins[:, [first]]], axis=1), weights.marks, weights.mark_bias
    )
    if layer is not None:
        layer = {
            **layer,
            "weights": np.concatenate([layer["weights"], layer["weights"][:, [first]]], axis=1),
            "bias": np.append(layer["bias"], layer["bias"][first]),
        }
    # To the heads that there are, the new features weigh nothing.
    places = [len(ABUSE)] if layer is None else [len(ABUSE), 2 * len(ABUSE)]
    return wider, layer, replace(heads, weights=np.insert(heads.weights, places, 0.0, axis=0))


def reject_mix(width: int) -> NDArray[np.float32]:
    """Return the weights of F features before a head is fitted: its own two columns, and nothing else."""
    mix = np.zeros(width, np.float32)
    mix[len(ABUSE) :: len(ABUSE) + 1] = [3.0, 1.0][: width // (len(ABUSE) + 1)]
    return mix


def fit_reject_head(
    features: NDArray[np.float32],
    certainty: NDArray[np.float32],
    removed: NDArray[np.float32],
    labels: Corpus,
    part: NDArray[np.int8],
) -> tuple[LinearHeads, dict[str, tuple[float, str]]]:
    """Fit the head of `likely_to_reject` on its own columns, for the share of removals in nature.

    Parameters
    ----------
    features
        N x F: those of each comment's worst piece.
    certainty
        N: see `Pieces.certainty`.
    removed
        N: 1 removed, 0 kept, NaN for neither.
    labels
        The N comments.
    part
        N: which of them teach (0) and which are held back (1).

    Returns
    -------
    head, points
        Calibrated; and where it flags at each operating point, with what that
        threshold stands for.
    """
    learn, held = (np.isfinite(removed) & (part == i) for i in (0, 1))
    head = fit_head(
        features[learn], removed[learn], labels.weights[learn], labels.sources[learn], mix=reject_mix(features.shape[1])
    )
    truth = removed[held] >= 0.5
    share, origin = _removal_share(removed, labels)
    calibrated = linear({REJECT: calibrate(head, features[held], truth, share, labels.weights[held])})
    scores = calibrated.probabilities(features[held])[:, 0] * certainty[held]
    where = f"where {share:.1%} are removed ({origin})"
    return calibrated, {
        name: threshold_for_precision(scores, truth, share, precision, where) for name, precision in _PRECISION.items()
    }


def _removal_share(removed: NDArray[np.float32], labels: Corpus) -> tuple[float, str]:
    """Return the share of all comments that is removed, and how it is known; gathered labels hold far more."""
    drawn = removed[labels.random & np.isfinite(removed)]
    if len(drawn) >= _LEAST_RANDOM and 0 < drawn.mean() < 1:
        return float(drawn.mean()), f"as of {len(drawn)} comments that were drawn at random"
    return PREVALENCE["toxicity"], "as is usual below newspapers' articles"
