"""Our probabilities on another scorer's scale, so that its users' thresholds keep their meaning."""

from dataclasses import dataclass

import numpy as np

from model.bundling.manifest import Manifest
from model.errors import BundleError


@dataclass(frozen=True, slots=True)
class Scale:
    """A strictly increasing map from [0, 1] to [0, 1], straight between its knots.

    Attributes
    ----------
    ours, theirs
        The knots: our probability and the other scorer's score, from 0 to 1.
    """

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    def __post_init__(self) -> None:
        for knots in (self.ours, self.theirs):
            if len(knots) != len(self.ours) or [knots[0], knots[-1]] != [0, 1] or np.diff(knots).min() <= 0:
                raise BundleError(f"A scale needs as many knots on both sides, rising from 0 to 1, not {knots}.")

    def __call__(self, probability: float) -> float:
        """Return the other scorer's score for a probability of ours."""
        return float(np.interp(probability, self.ours, self.theirs))


def scales(manifest: Manifest, scorer: str) -> dict[str, Scale]:
    """Return a bundle's scales for another scorer by attribute; empty where it was fitted without."""
    found = manifest.scales.get(scorer, {})
    return {name: Scale(tuple(knots["ours"]), tuple(knots["theirs"])) for name, knots in found.items()}
