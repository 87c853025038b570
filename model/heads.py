"""From features to calibrated probabilities: scikit-learn heads, run as one product.

A head is what `training` fits: a `CalibratedClassifierCV` (sigmoid) around a
`FrozenEstimator` of `make_pipeline(StandardScaler(), LogisticRegression())`.
All of that is linear up to two sigmoids' worth of numbers, so that the heads
of all attributes together are one matrix product.
"""

from collections.abc import Mapping
from typing import Any

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
