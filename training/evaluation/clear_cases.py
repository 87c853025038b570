"""How many of the clear cases are found, at the price of how many clearly wrong flags."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

from training.corpus.dev_sets import Sides
from training.evaluation.metrics import Floats

#: Shares of the clear negatives that are flagged.
FLAGGED = (0.02, 0.05, 0.1)
#: The one whose standard error is reported.
_MAIN = 0.05


@dataclass(frozen=True, slots=True)
class ClearCases:
    """How well an attribute separates the clear cases of a set.

    Doubtful comments are left out: no newsroom is right or wrong about them.
    Nothing here depends on a threshold, or on how common abuse is.

    Attributes
    ----------
    dataset, attribute
        Which comments, and which scores.
    positives, negatives
        How many comments clearly are so, and clearly are not.
    roc_auc
        How often one of the first scores higher than one of the second.
    found
        Share of the negatives that is flagged, as a string, to the share of
        the positives that scores higher than the others of them.
    standard_error
        Of the share found where 5 % of the negatives are flagged.
    """

    dataset: str
    attribute: str
    positives: int
    negatives: int
    roc_auc: float
    found: Mapping[str, float]
    standard_error: float


def clear_cases(dataset: str, attribute: str, sides: Sides, scores: Floats) -> ClearCases | None:
    """Measure N scores, NaN where there is none; return None unless both sides have some."""
    known = np.isfinite(scores)
    positive, negative = scores[sides.yes & known], scores[sides.no & known]
    if not len(positive) or not len(negative):
        return None
    found = {share: float((positive > np.quantile(negative, 1 - share)).mean()) for share in FLAGGED}
    truth = np.repeat([True, False], [len(positive), len(negative)])
    return ClearCases(
        dataset,
        attribute,
        len(positive),
        len(negative),
        roc_auc=float(roc_auc_score(truth, np.concatenate([positive, negative]))),
        found={f"{share:g}": value for share, value in found.items()},
        standard_error=float(np.sqrt(found[_MAIN] * (1 - found[_MAIN]) / len(positive))),
    )
