"""Where a flag begins: thresholds as operating points, each with the sentence that it follows from."""

import numpy as np
import pytest

from training.fitting.heads import operating_point

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
    assert operating_point(scores, TRUTH, 0.1, precision, "in a test")[1] == sentence


def test_a_lower_precision_flags_more() -> None:
    thresholds = [operating_point(TELLING, TRUTH, 0.1, precision, "")[0] for precision in (0.9, 0.5, 0.2)]

    assert thresholds == sorted(thresholds, reverse=True)
    assert len(set(thresholds)) == 3
