"""A head with a hidden layer, as arrays."""

from pathlib import Path

import numpy as np

from model.heads import HiddenHead, OffTopicHead
from training.fitting.heads import fit_hidden

RNG = np.random.default_rng(0)
#: What no straight line parts: off topic where exactly one of two numbers is high.
FEATURES = RNG.normal(size=(1500, 10)).astype(np.float32)
TRUTH = (FEATURES[:, 0] > 0) != (FEATURES[:, 1] > 0)


def test_it_learns_what_no_linear_head_can() -> None:
    head = fit_hidden(FEATURES, TRUTH.astype(np.float32), np.ones(1500, np.float32), 4, 0)
    odds = head.odds(FEATURES)
    assert (odds[TRUTH] > np.median(odds)).mean() > 0.8


def test_a_row_that_counts_for_nothing_teaches_nothing() -> None:
    weight = np.where(FEATURES[:, 0] > 0, 1.0, 1e-6).astype(np.float32)
    head = fit_hidden(FEATURES, TRUTH.astype(np.float32), weight, 4, 0)
    learnt, unseen = (
        np.corrcoef(head.odds(FEATURES)[rows], TRUTH[rows])[0, 1] for rows in (weight == 1.0, weight < 1.0)
    )
    assert learnt > 0.5 > unseen


def test_calibrating_and_keeping_change_nothing_else(tmp_path: Path) -> None:
    measured, joint = HiddenHead(FEATURES[:5], FEATURES[0, :5], FEATURES[1, :5], 0.25), FEATURES[:, 0]
    head = OffTopicHead(measured, joint=1.5)
    head.calibrated(2.0, -1.0).save(tmp_path / "head.npz")
    again = OffTopicHead.load(tmp_path / "head.npz")
    assert np.allclose(again.odds(FEATURES, joint), 2.0 * head.odds(FEATURES, joint) - 1.0, atol=1e-5)
    one = again.probabilities(FEATURES[7:8], joint[7:8])
    assert np.array_equal(one[0], again.probabilities(FEATURES, joint)[7])


def test_where_nothing_reads_comment_and_article_together_the_measures_alone_count() -> None:
    measured = HiddenHead(FEATURES[:5], FEATURES[0, :5], FEATURES[1, :5], 0.25)
    assert np.array_equal(OffTopicHead(measured, joint=1.5).odds(FEATURES, None), measured.odds(FEATURES))
