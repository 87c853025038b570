"""What a bundle makes of texts, told once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.attributes import ABUSE
from model.bundling.manifest import bundle_path, open_bundle
from training.encoder.rows.scores import own_scores, scored_once

CIVIL, ABUSIVE = "thanks, the second chart helped me a lot", "you are a brainless parasite and a liar"


def test_a_bundle_tells_abuse_by_its_encoder_alone() -> None:
    scores = own_scores(open_bundle(bundle_path("accurate")).files)([CIVIL, ABUSIVE])
    civil, abusive = scores[:, ABUSE.index("insult")].tolist()
    assert scores.shape == (2, len(ABUSE))
    assert (civil < 0.1, abusive > 0.5) == (True, True)


def test_a_run_that_was_killed_does_not_score_again(tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []

    def score(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.append(texts)
        return np.full((len(texts), len(ABUSE)), 0.25, np.float32)

    first, again = (scored_once([CIVIL, ABUSIVE], tmp_path / "own.npz", score) for _ in range(2))
    assert len(asked) == 1
    np.testing.assert_array_equal(first, again)


def test_scores_of_other_texts_are_refused(tmp_path: Path) -> None:
    file, score = tmp_path / "own.npz", lambda texts: np.zeros((len(texts), len(ABUSE)), np.float32)
    scored_once([CIVIL], file, score)
    with pytest.raises(ValueError, match="holds the scores of other texts"):
        scored_once([ABUSIVE], file, score)
