"""Scales of another scorer: strictly increasing, and as rare on either side."""

import numpy as np
import pytest

from model import Comment, load_bundle
from model.errors import BundleError
from model.scales import Scale, scales
from model.scoring.scorer import Scorer
from training.fitting.scales import agreement, fit_scale


def test_a_shipped_scale_rises_from_0_to_1(scorer: Scorer) -> None:
    found = scales(scorer.manifest, "perspective")

    assert set(found) == set(scorer.manifest.attributes) - {"off_topic"}
    for scale in found.values():
        mapped = [scale(place / 1000) for place in range(1001)]
        assert (mapped[0], mapped[-1]) == (0.0, 1.0)
        assert np.all(np.diff(mapped) > 0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [((0, 0.5, 1), (0, 1)), ((0, 0.5), (0, 0.5)), ((0, 0.6, 0.6, 1), (0, 0.2, 0.3, 1)), ((0.1, 1), (0, 1))],
)
def test_what_is_no_scale_is_refused(ours: tuple[float, ...], theirs: tuple[float, ...]) -> None:
    with pytest.raises(BundleError, match="as many knots on both sides, rising from 0 to 1"):
        Scale(ours, theirs)


def test_as_many_lie_above_a_threshold_on_either_side() -> None:
    draw = np.random.default_rng(7)
    theirs = draw.beta(1, 3, 800)
    ours = theirs**3

    scale = fit_scale(ours, theirs)

    mapped = np.array([scale(value) for value in ours])
    for threshold in (0.5, 0.7, 0.8):
        assert (mapped >= threshold).sum() == (theirs >= threshold).sum()


def test_agreement_counts_those_that_cross_alone() -> None:
    draw = np.random.default_rng(7)
    theirs = draw.beta(1, 1, 800)

    same = agreement(theirs**2, theirs)
    other = agreement(draw.permutation(theirs), theirs)

    assert (same["comments"], same["spearman"]) == (800, 1.0)
    assert same["above"]["0.8"]["ours_only"] + same["above"]["0.8"]["theirs_only"] < 10
    assert other["above"]["0.8"]["ours_only"] > 50


def test_what_is_harmless_is_no_threat_for_being_ranked() -> None:
    draw = np.random.default_rng(7)
    # The other scorer never gives less than .15, and ranks what is harmless otherwise.
    theirs = np.clip(0.15 + draw.exponential(0.12, 800), 0, 1)
    ours = draw.beta(1, 200, 800)

    equal, bounded = fit_scale(ours, theirs), fit_scale(ours, theirs, 0.05)

    assert bounded(0.001) < 0.1 < equal(0.001)
    for score in (0.7, 0.8):
        assert (np.interp(ours, bounded.ours, bounded.theirs) >= score).sum() == (theirs >= score).sum()


@pytest.mark.parametrize("tier", ["fast", "accurate"])
@pytest.mark.parametrize(
    ("text", "attribute", "most"),
    [
        ("They will vote in three weeks.", "threat", 0.1),
        ("What a silly plan, this council is useless.", "toxicity", 0.75),
        ("Thank you, that was a good read.", "toxicity", 0.1),
    ],
)
def test_mild_sentences_have_mild_scores_on_their_scale(tier: str, text: str, attribute: str, most: float) -> None:
    scorer = load_bundle(tier)
    scale = scales(scorer.manifest, "perspective")[attribute]
    assert scale(scorer.score(Comment(text=text))[attribute]) < most
