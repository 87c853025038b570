"""From features to calibrated probabilities: linear heads, run as one product, and one with a hidden layer."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from model.bundling.arrays import Schema, read_arrays
from model.errors import BundleError


@dataclass(frozen=True)
class LinearHeads:
    """Several calibrated heads on the same features, as stored in `heads.npz`.

    Attributes
    ----------
    names
        The A attributes, in the order of the columns.
    weights
        F x A: what a feature gives to an attribute's log-odds.
    bias
        A: the log-odds where all features are zero.
    """

    names: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "LinearHeads":
        """Read what `save` wrote."""
        stored = read_arrays(file, {"names": ("U", 1), "weights": ("f", 2), "bias": ("f", 1)})
        names = tuple(stored["names"].tolist())
        if not stored["weights"].shape[1] == len(stored["bias"]) == len(names):
            raise BundleError("The heads of a bundle need a column of weights and a bias for each attribute.")
        return cls(names, stored["weights"], stored["bias"])

    def save(self, file: Path) -> None:
        """Write the names and the arrays."""
        np.savez_compressed(file, names=np.array(self.names), weights=self.weights, bias=self.bias)

    def updated(self, others: "LinearHeads") -> "LinearHeads":
        """Return these heads with `others` behind them, in place of their namesakes."""
        kept = [i for i, name in enumerate(self.names) if name not in others.names]
        return LinearHeads(
            (*(self.names[i] for i in kept), *others.names),
            np.concatenate([self.weights[:, kept], others.weights], axis=1),
            np.concatenate([self.bias[kept], others.bias]),
        )

    def probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Score N rows of features (N x F): N x A, in [0, 1]."""
        # Feature by feature: what BLAS makes of a row depends on how many rows there are, in the last bits.
        products = np.multiply(features[:, :, None], self.weights, order="C")
        odds = np.add.reduce(products, axis=1) + self.bias
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

    def calibrated(self, slope: float, offset: float) -> "HiddenHead":
        """Return the head whose log-odds are `slope` times these, plus `offset`."""
        outer = (slope * self.outer).astype(np.float32)
        return HiddenHead(self.inner, self.inner_bias, outer, slope * self.outer_bias + offset)


@dataclass(frozen=True)
class OffTopicHead:
    """Says how likely a comment is off topic.

    Attributes
    ----------
    measured
        Of what is measured of a comment and its article.
    joint
        What counts, beside that, the log-odds of an encoder that reads both
        together. The fast tier has none, and makes nothing of it.
    """

    measured: HiddenHead
    joint: float = 0.0

    def odds(self, features: NDArray[np.float32], joint: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """Score N rows of features (N x F) and N log-odds of the encoder, where it has some: N log-odds."""
        odds = self.measured.odds(features)
        return odds if joint is None else odds + np.float32(self.joint) * joint

    def probabilities(self, features: NDArray[np.float32], joint: NDArray[np.float32] | None) -> NDArray[np.float32]:
        """Do the same: N, in [0, 1]."""
        probabilities: NDArray[np.float32] = (1 / (1 + np.exp(-self.odds(features, joint)))).astype(np.float32)
        return probabilities

    def calibrated(self, slope: float, offset: float) -> "OffTopicHead":
        """Return the head whose log-odds are `slope` times these, plus `offset`."""
        return OffTopicHead(self.measured.calibrated(slope, offset), slope * self.joint)

    def save(self, file: Path) -> None:
        """Write the arrays."""
        np.savez_compressed(file, joint=self.joint, **asdict(self.measured))

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "OffTopicHead":
        """Read what `save` wrote."""
        schema: Schema = {"inner": ("f", 2), "inner_bias": ("f", 1), "outer": ("f", 1), "outer_bias": ("f", 0)}
        stored = read_arrays(file, {**schema, "joint": ("f", 0)})
        measured = HiddenHead(stored["inner"], stored["inner_bias"], stored["outer"], float(stored["outer_bias"]))
        return cls(measured, float(stored["joint"]))
