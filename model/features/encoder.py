"""What an encoder makes of texts: the one method that both tiers' encoders have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

#: Opens a file by its name.
Open = Callable[[str], BinaryIO]


@dataclass(frozen=True, slots=True)
class TokenEvidence:
    """What each token of one text gives to its log-odds.

    Attributes
    ----------
    offsets
        T x 2: where the token stands in the text that was encoded.
    odds
        T x A: its part of the log-odds; with the bias they sum to them.
    marked
        T: probability that a reader would mark the token as abusive.
    """

    offsets: NDArray[np.int32]
    odds: NDArray[np.float32]
    marked: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """What an encoder makes of N texts.

    Attributes
    ----------
    embedding
        B x D, unit length: what the B texts that were asked for are about.
    pooled
        N x D: what `odds` is a linear function of.
    odds
        N x A, not calibrated: the log-odds of the attributes in
        `model.attributes.ABUSE`, and of `likely_to_reject` where a newsroom
        has taught it. No columns where the encoder knows nothing of abuse.
    tokens
        N of them where they were asked for and the encoder knows of abuse.
    """

    embedding: NDArray[np.float32]
    pooled: NDArray[np.float32]
    odds: NDArray[np.float32]
    tokens: tuple[TokenEvidence, ...] = ()


class Encoder(Protocol):
    """Reads texts for what they are about and, where it was taught that, for abuse."""

    def encode(self, texts: Sequence[str], about: Sequence[int] | None = None, *, tokens: bool = False) -> Encoded:
        """Encode normalised texts of any length.

        Parameters
        ----------
        texts
            N of them; none depends on what it is encoded with.
        about
            Positions of the B texts that `embedding` is needed of; all of
            them if left out.
        tokens
            Return what each token gives to the log-odds too.
        """
        ...


def in_memory(files: Mapping[str, bytes]) -> Open:
    """Open files that were read before, so that what is loaded is what was looked at."""
    return lambda name: BytesIO(files[name])
