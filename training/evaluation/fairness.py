"""Whether words that name people raise a score by themselves.

The three AUCs of Borkan et al. 2019 (arXiv:1903.04561), for each identity
term: within the comments that name it, its benign comments against the other
abusive ones (BPSN: low where the term alone raises scores), and its abusive
comments against the other benign ones (BNSP: low where it lowers them).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.evaluation.metrics import Floats, roc_auc

#: Terms that name groups of people, as English comments write them.
TERMS = (
    "african", "african american", "american", "asian", "bisexual", "black", "blind", "buddhist", "canadian",
    "catholic", "chinese", "christian", "deaf", "elderly", "european", "female", "gay", "gays", "heterosexual",
    "hispanic", "homosexual", "immigrant", "immigrants", "indian", "irish", "japanese", "jew", "jewish", "jews",
    "latina", "latino", "latinx", "lesbian", "lesbians", "lgbt", "lgbtq", "male", "men", "mexican", "middle aged",
    "middle eastern", "migrants", "millenial", "muslim", "muslims", "nonbinary", "old", "older", "paralyzed",
    "protestant", "queer", "refugees", "scottish", "sikh", "straight", "taoist", "teenage", "trans", "transgender",
    "white", "women", "young", "younger",
)  # fmt: skip
#: With fewer comments on either side an AUC says nothing.
LEAST = 10


@dataclass(frozen=True, slots=True)
class TermBias:
    """One identity term: comments that name it, and AUCs (None where too few)."""

    term: str
    rows: int
    subgroup_auc: float | None
    bpsn_auc: float | None
    bnsp_auc: float | None


@dataclass(frozen=True, slots=True)
class Bias:
    """Unintended bias of one attribute on one data set, worst BPSN AUC first."""

    dataset: str
    attribute: str
    terms: tuple[TermBias, ...]

    @property
    def worst(self) -> TermBias | None:
        """The term whose benign comments are most like abuse to the scorer."""
        return next((term for term in self.terms if term.bpsn_auc is not None), None)


def bias(
    dataset: str,
    attribute: str,
    texts: Sequence[str],
    labels: Floats,
    scores: Floats,
    terms: Sequence[str] = TERMS,
    least: int = LEAST,
) -> Bias | None:
    """Measure each identity term that enough comments name; None if there is none.

    Parameters
    ----------
    dataset, attribute
        Names, for the record.
    texts
        N comments.
    labels, scores
        N, NaN where not known.
    terms
        What to look for, as whole words.
    least
        Comments needed on either side of an AUC.
    """
    known = np.isfinite(labels) & np.isfinite(scores)
    truth = labels >= 0.5
    found = []
    for term in terms:
        names_it = mentions(term, texts) & known
        other = ~names_it & known

        def auc(positive: NDArray[np.bool_], negative: NDArray[np.bool_]) -> float | None:
            if positive.sum() < least or negative.sum() < least:
                return None
            rows = positive | negative
            return roc_auc(positive[rows], scores[rows])

        measured = TermBias(
            term,
            int(names_it.sum()),
            subgroup_auc=auc(names_it & truth, names_it & ~truth),
            bpsn_auc=auc(other & truth, names_it & ~truth),
            bnsp_auc=auc(names_it & truth, other & ~truth),
        )
        if (measured.subgroup_auc, measured.bpsn_auc, measured.bnsp_auc) != (None, None, None):
            found.append(measured)
    found.sort(key=lambda term: 2.0 if term.bpsn_auc is None else term.bpsn_auc)
    return Bias(dataset, attribute, tuple(found)) if found else None


def mentions(term: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    """Return which of N texts hold a term, as whole words."""
    pattern = re.compile(rf"\b{re.escape(term)}\b", re.IGNORECASE)
    return np.array([pattern.search(text) is not None for text in texts], dtype=np.bool_)
