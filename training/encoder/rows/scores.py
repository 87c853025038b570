"""What a teacher, or a bundle's own encoder, makes of the texts that are learnt."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.features.encoder import in_memory
from model.features.onnx import OnnxEncoder

#: What tells the probabilities of N texts: N x A.
Scores = Callable[[Sequence[str]], NDArray[np.float32]]
#: Texts that are scored at once.
_CHUNK = 2_000


def own_scores(files: Mapping[str, bytes]) -> Scores:
    """Return what tells a bundle's own probabilities, N x A, of N texts, by its encoder alone."""
    encoder = OnnxEncoder(in_memory(files))

    def score(texts: Sequence[str]) -> NDArray[np.float32]:
        chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
        odds = np.concatenate([encoder.odds(encoder.encode(chunk).pooled) for chunk in chunks])
        probabilities: NDArray[np.float32] = 1 / (1 + np.exp(-odds))
        return probabilities

    return score


def scored_once(texts: Sequence[str], file: Path, score: Scores) -> NDArray[np.float32]:
    """Return N x A probabilities of N texts, from `file` if a run that was killed wrote them there.

    Raises
    ------
    ValueError
        If it holds those of other texts.
    """
    digest = hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()
    if not file.exists():
        fresh = file.with_name(f"new.{file.name}")
        np.savez(fresh, scores=score(texts), digest=digest)
        fresh.replace(file)
    with np.load(file) as kept:
        if str(kept["digest"]) != digest:
            raise ValueError(f"{file} holds the scores of other texts: delete it")
        scores: NDArray[np.float32] = kept["scores"]
    return scores
