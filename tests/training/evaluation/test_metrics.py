"""What scores are worth: figures that can be worked out by hand."""

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest

from training.evaluation.metrics import (
    LabelColumn,
    at_threshold,
    calibration,
    character_f1,
    detection,
    precision_recall,
    recall_reviewed,
)
from training.fitting.heads import natural_weights

TRUTH = np.array([True, True, False, False])
SCORES = np.array([0.9, 0.3, 0.6, 0.1])
EVEN = np.full(4, 0.25)


@pytest.mark.parametrize(
    ("gold", "found", "f1"),
    [
        (set(), set(), 1.0),
        ({1}, set(), 0.0),
        (set(), {1}, 0.0),
        ({1, 2}, {1, 2}, 1.0),
        ({1, 2, 3}, {3}, 0.5),
        ({1, 2}, {3, 4}, 0.0),
        ([1, 1, 2], [2, 2, 1], 1.0),
    ],
    ids=["both empty", "nothing found", "nothing to find", "same", "one of three", "apart", "offsets count once"],
)
def test_character_f1_is_that_of_the_shared_task(gold: Collection[int], found: Collection[int], f1: float) -> None:
    assert character_f1(gold, found) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("prevalence", "precision", "flagged"), [(0.5, 0.5, 0.5), (0.05, 0.05, 0.5)], ids=["as labelled", "as in nature"]
)
def test_precision_is_rescaled_to_nature_and_recall_is_not(prevalence: float, precision: float, flagged: float) -> None:
    point = at_threshold(TRUTH, SCORES, natural_weights(TRUTH, prevalence), 0.5)

    assert (point.precision, point.recall, point.flagged) == pytest.approx((precision, 0.5, flagged))


def test_where_nothing_is_flagged_there_is_no_precision() -> None:
    point = at_threshold(TRUTH, SCORES, EVEN, 0.95)

    assert (point.precision, point.recall, point.flagged) == (None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("scores", "share", "recall"),
    [
        (SCORES, 0.25, 0.5),
        (SCORES, 0.5, 0.5),
        (SCORES, 0.75, 1.0),
        (SCORES, 0.125, 0.25),
        (np.full(4, 0.7), 0.1, 0.1),
    ],
    ids=["the best one", "two", "three", "half of the best one", "no order at all"],
)
def test_recall_of_what_people_have_time_for(scores: Any, share: float, recall: float) -> None:
    assert recall_reviewed(TRUTH, scores, EVEN, share) == pytest.approx(recall)


def test_calibration_compares_scores_to_frequencies() -> None:
    found = calibration(TRUTH, np.array([0.9, 0.9, 0.9, 0.1]), EVEN, bins=10)

    # Three quarters score .9 where two thirds are so, a quarter .1 where none is.
    assert found.error == pytest.approx(0.75 * abs(0.9 - 2 / 3) + 0.25 * 0.1)
    assert [(b.share, b.score, b.truth) for b in found.bins] == [
        pytest.approx((0.25, 0.1, 0.0)),
        pytest.approx((0.75, 0.9, 2 / 3)),
    ]


def test_a_score_of_one_has_a_bin() -> None:
    assert calibration(np.array([True]), np.array([1.0]), np.array([1.0])).error == 0.0


def test_the_curve_falls_with_the_threshold() -> None:
    curve = precision_recall(TRUTH, SCORES, EVEN)

    assert [(p.threshold, p.precision, p.recall) for p in curve] == [(0.9, 1.0, 0.5), (0.3, pytest.approx(2 / 3), 1.0)]


def test_detection_ignores_what_nobody_was_asked_or_could_be_scored() -> None:
    labels = np.array([1.0, 0.6, 0.4, 0.0, np.nan, 1.0])
    scores = np.array([0.9, 0.3, 0.6, 0.1, 1.0, np.nan])
    found = detection(LabelColumn("set", "column", "toxicity", labels, prevalence=0.5), scores, 0.5)

    assert found is not None
    assert (found.rows, found.positives, found.roc_auc) == (4, 2, 0.75)
    assert found.pr_auc == pytest.approx(0.5 * 1.0 + 0.5 * 2 / 3)
    assert found.recall_reviewed == {
        "0.05": pytest.approx(0.1),
        "0.1": pytest.approx(0.2),
        "0.2": pytest.approx(0.4),
    }


@pytest.mark.parametrize("labels", [[1.0, 1.0], [0.0, 0.2], [np.nan, np.nan]], ids=["all", "none", "nobody asked"])
def test_detection_says_nothing_where_labels_do_not_differ(labels: list[float]) -> None:
    assert detection(LabelColumn("set", "column", "toxicity", np.array(labels)), np.array([0.1, 0.9])) is None
