"""What the abuse heads see of a comment, as `model.scoring.scorer` makes it."""

import hashlib
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import joblib
import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.bundling.manifest import SHIPPED, open_bundle
from model.errors import BundleError
from model.features.encoder import Encoded, Encoder, in_memory
from model.features.onnx import OnnxEncoder
from training.progress import Progress

#: An encoder's files.
ENCODER = ("encoder.onnx.gz", "encoder.npz", "tokenizer.json")
_CHUNK = 2000
_CACHE = Path(".cache/pooled")


class EncoderStates:
    """Encodes each text once: what was encoded before comes from `.cache/`.

    With all cores of this machine, or on the cluster that `training.cluster`
    has made joblib's.

    Parameters
    ----------
    folder
        Of the encoder's files; another encoder, another cache.
    progress
        Called with how far the encoder is.
    files
        What is in them, where they have been read already.
    """

    def __init__(self, folder: Path, progress: Progress, files: Mapping[str, bytes] | None = None) -> None:
        #: The encoder's files as they were read, once.
        self.files = files or read_encoder(folder)
        self.encoder = OnnxEncoder(in_memory(self.files))
        self._progress = progress
        # A shipped bundle lies elsewhere on another machine.
        self._place = folder.name if folder.parent == SHIPPED else str(folder.resolve())
        self._digest = _digest(self.files)
        # The encoder itself is no part of the key: the folder names it.
        memory = joblib.Memory(_CACHE / self._digest[:16], verbose=0)
        self._cached = memory.cache(_pooled, ignore=["encoder"])

    def odds(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return N x A log-odds of N normalised texts."""
        return self.encoder.odds(self.pooled(texts))

    def pooled(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return N x D: what the log-odds of N normalised texts are a linear function of."""
        chunks = _chunks(texts)
        if joblib.effective_n_jobs(None) > 1:
            self._read_elsewhere(chunks)
        parts = []
        for number, chunk in enumerate(chunks):
            parts.append(self._cached(self.encoder, chunk))
            self._progress(f"encoder: {min((number + 1) * _CHUNK, len(texts))} of {len(texts)} comments")
        return np.concatenate(parts)

    def _read_elsewhere(self, chunks: Sequence[list[str]]) -> None:
        """Fill the cache with what the workers read; it stays on this machine."""
        missing = [chunk for chunk in chunks if not self._cached.check_call_in_cache(self.encoder, chunk)]
        tasks = (joblib.delayed(_read)(self._place, self._digest, chunk) for chunk in missing)
        found = joblib.Parallel(return_as="generator")(tasks)
        for number, (chunk, pooled) in enumerate(zip(missing, found, strict=True), start=1):
            self._cached(_AlreadyRead(pooled), chunk)
            self._progress(f"encoder: {number} of {len(missing)} pieces from the workers")


def _pooled(encoder: Encoder, texts: list[str]) -> NDArray[np.float32]:
    """Return the encoder's attention-pooled vectors of texts."""
    return encoder.encode(texts).pooled


@dataclass(frozen=True, slots=True)
class _AlreadyRead:
    """Stands in for the encoder where a worker has used its own."""

    pooled: NDArray[np.float32]

    def encode(self, _: list[str]) -> Encoded:
        """Return what was encoded before, in place of an encoder."""
        nothing = np.empty((0, 0), np.float32)
        return Encoded(nothing, self.pooled, nothing)


def _read(place: str, digest: str, texts: list[str]) -> NDArray[np.float32]:
    """Return the pooled vectors of texts, on a worker of the cluster."""
    return _encoder(place, digest).encode(texts).pooled


@lru_cache(maxsize=1)
def _encoder(place: str, digest: str) -> Encoder:
    """Load a worker's encoder, with the one thread that it has."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    folder = SHIPPED / place
    files = read_encoder(folder) if (folder / "encoder.onnx.gz").is_file() else None
    if files is None or _digest(files) != digest:
        raise BundleError(
            f"The worker on {socket.gethostname()} has a different encoder at {place!r}: put the same one there."
        )
    return OnnxEncoder(in_memory(files), threads=1)


def read_encoder(folder: Path) -> Mapping[str, bytes]:
    """Read an encoder's files: verified where the folder is a bundle, else as `training encoder` left them."""
    if (folder / "manifest.json").is_file():
        return open_bundle(folder).files
    return {name: (folder / name).read_bytes() for name in ENCODER}


def _digest(files: Mapping[str, bytes]) -> str:
    """Return what tells one encoder's files from another's."""
    found = hashlib.sha256()
    # The last layer too: by it, a long text's windows weigh.
    for name in ("encoder.onnx.gz", "encoder.npz"):
        found.update(files[name])
    return found.hexdigest()


def _chunks(texts: Sequence[str]) -> list[list[str]]:
    """Cut texts into lists that a worker encodes at once."""
    return [list(texts[start : start + _CHUNK]) for start in range(0, len(texts), _CHUNK)]


def abuse_features(
    texts: Sequence[str], weights: NgramWeights, odds: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """Return N x A margins of the n-grams, beside the encoder's log-odds where there are some."""
    # The array by itself: joblib sends it to each worker once.
    tasks = (joblib.delayed(_margins)(weights.margins, chunk) for chunk in _chunks(texts))
    margins = np.concatenate(joblib.Parallel()(tasks))
    return margins if odds is None else np.concatenate([margins, odds], axis=1)


def _margins(margins: NDArray[np.float32], texts: list[str]) -> NDArray[np.float32]:
    """Return the sums of n-gram margins for texts."""
    weights = NgramWeights(margins, np.empty((0, 1), np.float32), 0.0)
    return weights.score(weights.ngrams(texts))
