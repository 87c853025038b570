"""The fast tier's encoder: static token embeddings, which say what a text is about and nothing of abuse."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model.bundling.arrays import read_arrays
from model.features.encoder import Encoded, Open


class StaticEncoder:
    """One vector per token, distilled from the encoder; a text is their mean.

    Parameters
    ----------
    files
        Opens `tokens.npz` with `vectors` (V x D, int8) and `scale` (V,
        float16; a token's weight is in it), and `tokenizer.json`.
    """

    def __init__(self, files: Open) -> None:
        with files("tokens.npz") as stored:
            table = read_arrays(stored, {"vectors": ("i", 2), "scale": ("f", 1)})
            self._vectors = table["vectors"].astype(np.float32) * table["scale"].astype(np.float32)[:, None]
        with files("tokenizer.json") as tokenizer:
            self._tokenizer: Tokenizer = Tokenizer.from_buffer(tokenizer.read())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str], about: Sequence[int] | None = None, *, tokens: bool = False) -> Encoded:
        """Encode texts; see `model.features.encoder.Encoder`."""
        del tokens  # They say nothing of abuse.
        nothing = np.zeros((len(texts), 0), dtype=np.float32)
        return Encoded(self._embed(texts if about is None else [texts[i] for i in about]), nothing, nothing)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed N texts: N x D, unit length; a text without tokens is zero."""
        if not texts:
            return np.zeros((0, self._vectors.shape[1]), dtype=np.float32)
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        ids = [encoding.ids for encoding in encodings]
        counts = np.fromiter(map(len, ids), dtype=np.int64, count=len(ids))
        sums = np.zeros((len(ids), self._vectors.shape[1]), dtype=np.float32)
        filled = counts > 0
        if filled.any():
            flat = self._vectors[np.concatenate([row for row in ids if row])]
            starts = np.concatenate([[0], np.cumsum(counts[filled])[:-1]])
            sums[filled] = np.add.reduceat(flat, starts, axis=0)
        unit: NDArray[np.float32] = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return unit
