"""What the abuse heads see of a comment, as `model.scorer` makes it."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.encoder import Encoder

Progress = Callable[[str], None]
_CHUNK = 2000
_CACHE = Path(".cache/odds")


class EncoderOdds:
    """Encodes texts once: what was encoded before comes from `.cache/`.

    Parameters
    ----------
    folder
        Of the encoder's files; another encoder, another cache.
    progress
        Is told how far it is.
    """

    def __init__(self, folder: Path, progress: Progress) -> None:
        with (folder / "encoder.onnx").open("rb") as content:
            key = hashlib.file_digest(content, "sha256").hexdigest()[:16]
        self.encoder = Encoder(folder)
        self._progress = progress
        # The encoder itself is no part of the key: `key` names it.
        memory = joblib.Memory(_CACHE / key, verbose=0)
        self._cached = memory.cache(_odds, ignore=["encoder"])

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give N x A log-odds of N normalised texts."""
        parts = []
        for start in range(0, len(texts), _CHUNK):
            parts.append(self._cached(self.encoder, list(texts[start : start + _CHUNK])))
            self._progress(f"encoder: {min(start + _CHUNK, len(texts))} of {len(texts)} comments")
        return np.concatenate(parts)


def _odds(encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    return encoder.encode(texts).odds


def abuse_features(
    texts: Sequence[str], weights: NgramWeights, odds: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Put N x A margins of the n-grams and, where there are some, the encoder's log-odds side by side."""
    parts = [weights.score(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]
    margins = np.concatenate(parts)
    return margins if odds is None else np.concatenate([margins, odds], axis=1)
