import numpy as np
import pytest

from model.watching.drift import ACT, LEAST_SCORES, WATCH, Share, psi, score_drift, share_drift, unknown_words


def scores(mean: float, number: int = 2000, seed: int = 1) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Draw scores as an attribute has them: most are low."""
    return np.random.default_rng(seed).beta(1, 1 / mean, number)


def test_the_index_is_that_of_the_textbook() -> None:
    # Halves of the reference; of what is new, nine tenths lie in the upper one.
    reference = np.repeat([0.2, 0.8], 50_000)
    current = np.repeat([0.2, 0.8], [10_000, 90_000])

    assert psi(reference, current, bins=2) == pytest.approx(0.4 * np.log(1.8) - 0.4 * np.log(0.2), abs=1e-3)


def test_what_is_alike_is_no_drift_and_chance_stays_below_the_watch_level() -> None:
    found = [psi(scores(0.1, LEAST_SCORES, seed), scores(0.1, LEAST_SCORES, seed + 100)) for seed in range(100)]

    assert psi(scores(0.1), scores(0.1)) == 0
    assert np.mean(found) == pytest.approx(0.036, abs=0.006)
    assert max(found) < WATCH


def test_scores_that_are_all_the_same_can_be_compared() -> None:
    assert psi([0.5] * 600, [0.5] * 600) == pytest.approx(0, abs=1e-6)
    assert psi([0.5] * 600, [0.1] * 600) > ACT


@pytest.mark.parametrize(
    ("mean", "number", "level"),
    [(0.1, 2000, "steady"), (0.16, 2000, "watch"), (0.25, 2000, "act"), (0.25, 499, "too few")],
)
def test_a_change_of_scores_has_a_level(mean: float, number: int, level: str) -> None:
    found = score_drift("insult", scores(0.1), scores(mean, number, seed=2))

    assert (found.subject, found.attribute, found.level) == ("scores", "insult", level)
    assert bool(found.advice) is (level in {"watch", "act"})


@pytest.mark.parametrize(
    ("before", "after", "level"),
    [
        (Share(100, 1000), Share(105, 1000), "steady"),
        (Share(100, 1000), Share(150, 1000), "watch"),
        (Share(100, 1000), Share(200, 1000), "act"),
        (Share(200, 1000), Share(100, 1000), "act"),
        # As large a change, of which chance may have made all.
        (Share(10, 100), Share(18, 100), "steady"),
        (Share(9, 99), Share(90, 1000), "too few"),
        (Share(0, 1000), Share(0, 1000), "steady"),
    ],
)
def test_a_change_of_a_share_has_a_level(before: Share, after: Share, level: str) -> None:
    assert share_drift("removed", before, after).level == level


def test_words_that_the_bundle_does_not_know_are_counted() -> None:
    known = {"the", "mayor", "is", "a", "don't"}

    assert unknown_words(["The mayor’s car is a SKODA", "don’t! 7 :-)"], known) == Share(2, 7)
    assert unknown_words([], known) == Share(0, 0)
