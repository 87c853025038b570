"""The thresholds of abuse: what a newsroom can afford, and what is found for it."""

import numpy as np
import pytest

from training.fitting.abuse import budget_point

ORDINARY = np.linspace(0.0, 0.5, 100, dtype=np.float32)
ABUSIVE = np.linspace(0.3, 0.9, 50, dtype=np.float32)
SCORES = np.concatenate([ORDINARY, ABUSIVE])
IS_ABUSIVE = np.arange(150) >= 100


@pytest.mark.parametrize("budget", [0.01, 0.03, 0.1])
def test_a_threshold_keeps_to_its_budget(budget: float) -> None:
    threshold, _ = budget_point(SCORES, IS_ABUSIVE, ~IS_ABUSIVE, budget)
    assert (threshold <= ORDINARY).mean() <= budget + 0.01


def test_the_sentence_says_what_a_threshold_finds_and_how_sure_that_is() -> None:
    threshold, sentence = budget_point(SCORES, IS_ABUSIVE, ~IS_ABUSIVE, 0.02)
    found = (threshold <= ABUSIVE).mean()
    assert sentence.startswith(f"flags 2.0% of ordinary comments below news; finds {found:.0%} of those that are so (")
    assert sentence.endswith(", 50 comments)")
