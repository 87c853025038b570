"""Labels that deserve a second look."""

import numpy as np
import pytest
from cleanlab.count import estimate_joint
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from training.teaching.noise import estimate_noise


def judged(
    flipped: float, *, distance: float = 3.0, removed: float = 0.3, seed: int = 0, count: int = 3000
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Return labels of which some are flipped, out-of-fold probabilities, and which are flipped."""
    draw = np.random.default_rng(seed)
    truth = draw.random(count) < removed
    features = draw.normal(size=(count, 8))
    features[:, 0] += distance * (truth - 0.5)
    wrong = draw.random(count) < flipped
    labels = truth ^ wrong
    return labels, cross_val_predict(LogisticRegression(), features, labels, method="predict_proba")[:, 1], wrong


@pytest.mark.parametrize("removed", [0.5, 0.2, 0.05])
@pytest.mark.parametrize("flipped", [0.0, 0.1, 0.3])
def test_the_same_labels_are_doubted_as_by_cleanlab(flipped: float, removed: float) -> None:
    labels, probabilities, _ = judged(flipped, removed=removed)
    both = np.stack([1 - probabilities, probabilities], axis=1)

    found = estimate_noise(labels.astype(float), probabilities)

    ranked = find_label_issues(labels.astype(int), both, return_indices_ranked_by="self_confidence", n_jobs=1)
    assert found.rows.tolist() == ranked.tolist()
    joint = estimate_joint(labels.astype(int), both)
    assert found.share <= joint[0, 1] + joint[1, 0] + 1e-9


@pytest.mark.parametrize("removed", [0.5, 0.2])
@pytest.mark.parametrize(
    ("flipped", "low", "high"), [(0.0, 0.0, 0.05), (0.1, 0.07, 0.16), (0.3, 0.25, 0.38)], ids=["none", "10 %", "30 %"]
)
def test_the_share_of_wrong_labels_is_estimated(flipped: float, low: float, high: float, removed: float) -> None:
    labels, probabilities, _ = judged(flipped, removed=removed)

    assert low <= estimate_noise(labels.astype(float), probabilities).share <= high


def test_comments_that_are_hard_to_judge_are_not_taken_for_wrong_labels() -> None:
    labels, probabilities, _ = judged(0.0, distance=1.5, removed=0.5)
    joint = estimate_joint(labels.astype(int), np.stack([1 - probabilities, probabilities], axis=1))

    assert joint[0, 1] + joint[1, 0] > 0.13
    assert estimate_noise(labels.astype(float), probabilities).share < 0.05


def test_most_of_the_doubted_labels_are_wrong() -> None:
    labels, probabilities, wrong = judged(0.1)

    rows = estimate_noise(labels.astype(float), probabilities).rows

    assert wrong[rows[:50]].mean() > 0.9
    assert wrong[rows].mean() > 0.7


@pytest.mark.parametrize("labels", [[1, 1, 1], [0, 0, 0]])
def test_labels_of_one_kind_contradict_nothing(labels: list[int]) -> None:
    found = estimate_noise(np.array(labels, dtype=float), np.array([0.9, 0.5, 0.1]))

    assert (found.share, found.rows.tolist()) == (0.0, [])
