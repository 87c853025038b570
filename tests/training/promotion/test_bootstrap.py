"""Two bundles on the same comments: the metrics are those of an evaluation, and chance has an interval."""

import numpy as np
import pytest
from joblib import parallel_config

from training.evaluation.metrics import LabelColumn, detection
from training.fitting.heads import natural_weights
from training.promotion.bootstrap import ScoredSample, interval, paired, resamples, weighted_metrics
from training.promotion.result import Difference

RNG = np.random.default_rng(5)
TRUTH = RNG.random(400) < 0.3
#: Rounded, so that scores are equal here and there.
BETTER, WORSE = (np.round(np.clip(TRUTH * gain + RNG.normal(0.3, 0.2, 400), 0, 1), 2) for gain in (0.5, 0.2))
WEIGHTS = natural_weights(TRUTH, 0.05)


def test_the_figures_are_those_of_an_evaluation() -> None:
    measured = detection(LabelColumn("set", "column", "toxicity", TRUTH.astype(float), prevalence=0.05), BETTER, 0.6)
    found = weighted_metrics(TRUTH, ScoredSample(BETTER, 0.6), WEIGHTS[None], 0.05)

    assert measured is not None
    assert measured.at_threshold is not None
    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {
            "pr_auc": measured.pr_auc,
            "roc_auc": measured.roc_auc,
            "recall_reviewed_0.05": measured.recall_reviewed["0.05"],
            "recall_reviewed_0.1": measured.recall_reviewed["0.1"],
            "recall_reviewed_0.2": measured.recall_reviewed["0.2"],
            "precision_capacity": measured.precision_capacity,
            "precision": measured.at_threshold.precision,
            "recall": measured.at_threshold.recall,
            "ece": measured.calibration.error,
        }
    )


def test_a_clear_difference_is_beyond_chance_and_none_is_none() -> None:
    better, worse = paired(TRUTH, WEIGHTS, (ScoredSample(BETTER), ScoredSample(WORSE)), capacity=0.05, rounds=300)
    same = paired(TRUTH, WEIGHTS, (ScoredSample(BETTER), ScoredSample(BETTER)), capacity=0.05, rounds=300)

    gap = interval(worse["pr_auc"] - better["pr_auc"])
    assert gap.low < gap.value < gap.high < 0
    assert (same[0]["pr_auc"] == same[1]["pr_auc"]).all()


def test_the_number_of_workers_changes_no_figure() -> None:
    answers = ScoredSample(BETTER), ScoredSample(WORSE)
    alone, _ = paired(TRUTH, WEIGHTS, answers, capacity=0.05, rounds=300)
    with parallel_config("threading", n_jobs=2):
        together, _ = paired(TRUTH, WEIGHTS, answers, capacity=0.05, rounds=300)

    assert all((alone[name] == together[name]).all() for name in alone)


def test_each_side_keeps_its_size_in_each_draw() -> None:
    drawn = resamples(TRUTH.astype(np.int64), 20, seed=1)

    assert set(drawn[:, TRUTH].sum(axis=1)) == {TRUTH.sum()}
    assert set(drawn.sum(axis=1)) == {400}


@pytest.mark.parametrize(
    ("metric", "positives", "low", "high", "verdict"),
    [
        ("pr_auc", 250, -0.05, -0.01, "worse"),
        ("pr_auc", 250, 0.01, 0.05, "better"),
        ("pr_auc", 250, -0.01, 0.05, "no difference"),
        ("pr_auc", 150, -0.05, -0.01, "not enough evidence"),
        ("ece", 250, 0.01, 0.05, "worse"),
    ],
)
def test_what_a_person_should_take_from_it(metric: str, positives: int, low: float, high: float, verdict: str) -> None:
    middle = (low + high) / 2
    found = Difference("quality", "set", "toxicity", metric, 1000, positives, 0.5, 0.5 + middle, low, high)

    assert found.verdict == verdict
