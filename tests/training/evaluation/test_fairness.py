"""Unintended bias, by hand."""

import numpy as np

from training.evaluation.fairness import bias


def test_bias_by_hand() -> None:
    texts = ["Gay people are scum", "I am gay.", "You are scum", "A day in the park", "gayety and Gaylord"]
    labels = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    scores = np.array([0.9, 0.7, 0.6, 0.1, 0.2])
    found = bias("set", "toxicity", texts, labels, scores, terms=("gay", "old"), least=1)

    assert found is not None
    (gay,) = found.terms
    # "I am gay" (.7) scores above the abuse that names nobody (.6): BPSN 0.
    assert (gay.term, gay.rows, gay.subgroup_auc, gay.bpsn_auc, gay.bnsp_auc) == ("gay", 2, 1.0, 0.0, 1.0)
    assert found.worst == gay


def test_bias_of_few_comments_is_none() -> None:
    assert bias("set", "toxicity", ["I am gay."], np.array([0.0]), np.array([0.7])) is None
