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
_CACHE = Path(".cache/pooled")


class PooledStates:
    """Encodes texts once: what was encoded before comes from `.cache/`.

    Parameters
    ----------
    folder
        Of `encoder.onnx` and `tokenizer.json`; another encoder, another cache.
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
        self._pooled = memory.cache(_pooled, ignore=["encoder"])

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give N x D pooled states of N normalised texts."""
        parts = []
        for start in range(0, len(texts), _CHUNK):
            parts.append(self._pooled(self.encoder, list(texts[start : start + _CHUNK])))
            self._progress(f"encoder: {min(start + _CHUNK, len(texts))} of {len(texts)} comments")
        return np.concatenate(parts)


def _pooled(encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    return encoder.encode(texts).pooled


def abuse_features(
    texts: Sequence[str], weights: NgramWeights, pooled: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Put N x A margins of the n-grams and, where there are some, pooled states side by side."""
    parts = [
        weights.ngrams(texts[start : start + _CHUNK]).dot(weights.margins) for start in range(0, len(texts), _CHUNK)
    ]
    margins = np.concatenate(parts)
    return margins if pooled is None else np.concatenate([margins, pooled], axis=1)
