"""From features to calibrated probabilities: scikit-learn heads, run as one product, and one with a hidden layer.

A head of abuse is what `training` fits: a `CalibratedClassifierCV` (sigmoid) around a
`FrozenEstimator` of `make_pipeline(StandardScaler(), LogisticRegression())`.
All of that is linear up to two sigmoids' worth of numbers, so that the heads
of all attributes together are one matrix product.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray


class LinearHeads:
    """Several calibrated heads on the same features.

    Attributes
    ----------
    names
        The A attributes, in the order of the columns.
    weights
        F x A: what a feature gives to an attribute's log-odds.
    bias
        A: the log-odds where all features are zero.
    """

    def __init__(self, heads: Mapping[str, Any]) -> None:
        self.names = tuple(heads)
        columns, biases = [], []
        for head in heads.values():
            (calibrated,) = head.calibrated_classifiers_
            (sigmoid,) = calibrated.calibrators
            scaler, regression = (step for _, step in calibrated.estimator.estimator.steps)
            coefficients = regression.coef_[0] / scaler.scale_
            intercept = regression.intercept_[0] - coefficients @ scaler.mean_
            # Platt's p = 1 / (1 + exp(a f + b)): the log-odds are -(a f + b).
            columns.append(-sigmoid.a_ * coefficients)
            biases.append(-sigmoid.a_ * intercept - sigmoid.b_)
        self.weights: NDArray[np.float32] = np.stack(columns, axis=1).astype(np.float32)
        self.bias: NDArray[np.float32] = np.array(biases, dtype=np.float32)

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score N rows of features (N x F): N x A, in [0, 1]."""
        # Feature by feature: what BLAS makes of a row depends on how many rows there are, in the last bits.
        odds: NDArray[np.float32] = np.zeros((len(features), len(self.bias)), np.float32)
        for column, weights in zip(features.T, self.weights, strict=True):
            odds += column[:, None] * weights
        odds += self.bias
        probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-odds))).astype(np.float32)
        return probabilities


@dataclass(frozen=True)
class HiddenHead:
    """One calibrated head with a layer of rectified units between: a small neural network.

    Attributes
    ----------
    inner
        H x F: what a feature gives to a unit.
    inner_bias
        H.
    outer
        H: what a unit gives to the log-odds.
    outer_bias
        The log-odds where no unit has anything to say.
    """

    inner: NDArray[np.float32]
    inner_bias: NDArray[np.float32]
    outer: NDArray[np.float32]
    outer_bias: float

    def odds(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score N rows of features (N x F): N log-odds."""
        # Row by row, since BLAS's last bits depend on how many there are.
        units = np.stack([self.inner @ row for row in features]) + self.inner_bias
        odds: NDArray[np.float32] = (np.maximum(units, 0.0) * self.outer).sum(axis=1) + np.float32(self.outer_bias)
        return odds

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score N rows of features (N x F): N, in [0, 1]."""
        probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-self.odds(features)))).astype(np.float32)
        return probabilities

    def calibrated(self, slope: float, offset: float) -> "HiddenHead":
        """Return the head whose log-odds are `slope` times these, plus `offset`."""
        outer = (slope * self.outer).astype(np.float32)
        return HiddenHead(self.inner, self.inner_bias, outer, slope * self.outer_bias + offset)

    def save(self, file: Path) -> None:
        """Write the arrays."""
        np.savez_compressed(file, **asdict(self))

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "HiddenHead":
        """Read what `save` wrote."""
        stored = np.load(file, allow_pickle=False)
        return cls(stored["inner"], stored["inner_bias"], stored["outer"], float(stored["outer_bias"]))
