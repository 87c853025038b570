"""What new labels add to an existing bundle: small steps away from what it knows.

A score is linear in what the encoder's last layer sees (`Encoded.pooled`) and
in the n-grams. Both get a step, fitted so that the new labels come out right
while old comments, replayed, keep the scores that they had.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from training.fitting.ngrams import fit_ngrams, stacked

#: The states' usual length: divided by it, they are vectors of about length 1.
_LENGTH = 10.0
#: Penalty on the n-grams' step.
_PENALTY = 16.0


@dataclass(frozen=True)
class Lesson:
    """One attribute to be taught: N rows, new ones and replayed ones.

    Attributes
    ----------
    texts
        N normalised texts.
    pooled
        N x D states of the encoder; None where the bundle has none.
    known
        N log-odds that the bundle gives them now.
    margins
        N sums of the n-grams that it gives them now.
    truth
        N in [0, 1]; of a replayed row, the probability that it has now.
    weights
        N.
    new
        N: which rows are new. They get a bias of their own, which is dropped:
        labels that somebody gathered hold more abuse than nature does.
    replayed
        What a replayed row counts for, or N of it, in the encoder's step, which reaches
        all comments; the n-grams' reaches only those that share words.
    freedom
        Inverse of the penalty on the encoder's step.
    """

    texts: Sequence[str]
    pooled: NDArray[np.float32] | None
    known: NDArray[np.float32]
    margins: NDArray[np.float32]
    truth: NDArray[np.float32]
    weights: NDArray[np.float32]
    new: NDArray[np.bool_]
    replayed: float | NDArray[np.floating]
    freedom: float


def encoder_step(lesson: Lesson) -> NDArray[np.float32]:
    """Fit what the encoder's last layer is to add to the log-odds.

    A logistic regression on the states, with the known log-odds as its
    offset and a penalty on the distance from them.

    Returns
    -------
    D weights: the log-odds rise by `pooled @ weights`.
    """
    if lesson.pooled is None:
        raise ValueError("this bundle has no encoder")
    seen = lesson.pooled.astype(np.float64) / _LENGTH
    known, truth = lesson.known.astype(np.float64), lesson.truth.astype(np.float64)
    weights = lesson.weights * np.where(lesson.new, 1.0, lesson.replayed)
    width = seen.shape[1]

    def loss(step: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = known + seen @ step[:width] + step[width] * lesson.new
        error = weights * (expit(odds) - truth)
        value = weights @ (np.logaddexp(0, odds) - truth * odds) + step[:width] @ step[:width] / (2 * lesson.freedom)
        gradient = np.append(error @ seen + step[:width] / lesson.freedom, error @ lesson.new)
        return float(value), gradient

    found = minimize(loss, np.zeros(width + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    step_of_states: NDArray[np.float32] = (found.x[:width] / _LENGTH).astype(np.float32)
    return step_of_states


def ngram_step(lesson: Lesson, bits: int) -> NDArray[np.float32]:
    """Fit what the n-grams' weights are to add to their sums, by ridge regression.

    Returns
    -------
    2**bits weights.
    """
    change = np.where(lesson.new, lesson.truth - np.clip(lesson.margins, 0, 1), 0).astype(np.float32)
    groups = np.where(lesson.new, "new", "old").astype(object)
    step, _ = fit_ngrams(
        stacked(lesson.texts, bits),
        change[:, None],
        lesson.weights,
        groups,
        penalty=_PENALTY,
    )
    column: NDArray[np.float32] = step[:, 0]
    return column
