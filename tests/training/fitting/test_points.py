"""Operating points: what a newsroom can afford, and what is found for it."""

import numpy as np
import pytest

from model.bundling.manifest import POINTS
from training.fitting.points import BUDGETS, Judged, operating_points, threshold_for_precision

ORDINARY = np.linspace(0.0, 0.5, 1000, dtype=np.float32)
ABUSIVE = np.linspace(0.3, 0.9, 50, dtype=np.float32)
SCORES = np.concatenate([ORDINARY, ABUSIVE])
IS_ABUSIVE = np.arange(1050) >= 1000
JUDGED = {name: Judged(SCORES, IS_ABUSIVE, ~IS_ABUSIVE) for name in ("toxicity", "insult")}
DRIFTED = Judged(SCORES, IS_ABUSIVE, ~IS_ABUSIVE, "the comments that are on topic")
CHOSEN = operating_points({**JUDGED, "off_topic": DRIFTED}, list(JUDGED))


def test_there_are_three_each_of_which_flags_more() -> None:
    assert tuple(CHOSEN) == POINTS
    for name in BUDGETS.keys() & CHOSEN["balanced"].thresholds:
        thresholds = [point.thresholds[name] for point in CHOSEN.values()]
        assert thresholds == sorted(thresholds, reverse=True)


@pytest.mark.parametrize(("point", "budget"), [("cautious", 0.01), ("balanced", 0.025), ("thorough", 0.0625)])
def test_a_threshold_keeps_to_its_budget(point: str, budget: float) -> None:
    flagged = (CHOSEN[point].thresholds["toxicity"] <= ORDINARY).mean()
    assert budget - 0.002 <= flagged <= budget


def test_scores_that_hardly_differ_do_not_cost_more_than_the_budget() -> None:
    alike = np.linspace(0.50001, 0.50009, 1000, dtype=np.float32)
    (point, *_) = operating_points(
        {"toxicity": Judged(alike, IS_ABUSIVE[50:], ~IS_ABUSIVE[50:])}, ["toxicity"]
    ).values()
    assert (alike >= point.thresholds["toxicity"]).sum() == 0


def test_the_sentence_says_what_is_flagged_and_found_and_how_sure_that_is() -> None:
    point = CHOSEN["balanced"]
    flagged, found = ((point.thresholds["toxicity"] <= scores).mean() for scores in (ORDINARY, ABUSIVE))
    sentence = f"flags {flagged:.1%} of ordinary comments below news; finds {found:.0%} of abusive ones ("
    assert point.sentence.startswith(sentence)
    assert point.sentence.endswith(" of 50)")


def test_each_attribute_has_a_sentence_of_its_own() -> None:
    sentences = CHOSEN["balanced"].sentences
    assert sentences["insult"].startswith("flags 2.0% of ordinary comments below news; finds ")
    assert sentences["off_topic"].startswith("flags 3.0% of the comments that are on topic; finds ")


#: 40 abusive comments above most of 360 others; and scores that tell nothing.
TRUTH = np.arange(400) < 40
TELLING = np.linspace(0.8, 0.0, 400, dtype=np.float32)
BLIND = np.random.default_rng(0).permutation(TELLING)


@pytest.mark.parametrize(
    ("scores", "precision", "sentence"),
    [
        (TELLING, 0.9, "precision >= 0.9 in a test; recall 1.00"),
        (TELLING, 0.5, "precision >= 0.5 in a test; recall 1.00"),
        (BLIND, 0.9, "precision 0.14, no threshold keeps 0.9, in a test; recall 0.07"),
    ],
)
def test_the_sentence_says_what_the_threshold_keeps(scores: np.ndarray, precision: float, sentence: str) -> None:
    assert threshold_for_precision(scores, TRUTH, 0.1, precision, "in a test")[1] == sentence


def test_a_lower_precision_flags_more() -> None:
    thresholds = [threshold_for_precision(TELLING, TRUTH, 0.1, precision, "")[0] for precision in (0.9, 0.5, 0.2)]

    assert thresholds == sorted(thresholds, reverse=True)
    assert len(set(thresholds)) == 3
