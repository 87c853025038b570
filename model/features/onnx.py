"""The accurate tier's encoder: int8 ONNX, one pass for abuse and relevance."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from model.attributes import ABUSE
from model.features.encoder import Encoded, Open, TokenEvidence

#: A longer text is read in windows of this many tokens, and no more of them.
WINDOW = 128
MOST_WINDOWS = 16
#: How much more the more toxic of two windows weighs, per unit of log-odds.
_SHARPNESS = 2.0


class OnnxEncoder:
    """A sentence encoder: `encoder.onnx`, `encoder.npz`, `tokenizer.json`.

    Parameters
    ----------
    files
        Opens these.
    threads
        Windows that are read at the same time; as many as there are cores if
        left out.

    Notes
    -----
    Each window is read by itself, several of them on as many threads. That is
    faster than batches are (no padding), and a score cannot depend on what it
    is scored with: int8 activations are scaled by all that is in a batch.
    """

    def __init__(self, files: Open, threads: int | None = None) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # Arenas keep the memory of the longest batch for ever.
        options.enable_cpu_mem_arena = False
        with files("encoder.onnx") as graph:
            self._session = onnxruntime.InferenceSession(graph.read(), options, providers=["CPUExecutionProvider"])
        with files("tokenizer.json") as tokenizer:
            self._tokenizer: Tokenizer = Tokenizer.from_buffer(tokenizer.read())
        self._tokenizer.enable_truncation(WINDOW)
        self._tokenizer.no_padding()
        with files("encoder.npz") as stored:
            layer = np.load(stored, allow_pickle=False)
            self._weights: NDArray[np.float32] = layer["weights"]
            self._bias: NDArray[np.float32] = layer["bias"]
        # One thread is the caller's own: those who have a process for each core share none.
        self._pool = None if threads == 1 else ThreadPoolExecutor(threads or os.cpu_count() or 1)

    def encode(self, texts: Sequence[str], about: Sequence[int] | None = None, *, tokens: bool = False) -> Encoded:
        """Encode texts; see `model.features.encoder.Encoder`.

        A long text is as abusive as its worst window: the windows weigh by
        the softmax of their log-odds of toxicity. For what it is about, they
        weigh by their lengths.
        """
        windows: list[Encoding] = []
        owner: list[int] = []
        for i, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            pieces = [encoding, *encoding.overflowing][:MOST_WINDOWS]
            windows += pieces
            owner += [i] * len(pieces)
        names = ["embedding", "pooled", *(["attention", "hidden", "word_logits"] if tokens else [])]

        def run(window: Encoding) -> list[NDArray[np.float32]]:
            ids = np.array([window.ids], dtype=np.int64)
            outputs = self._session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
            return [output[0] for output in outputs]

        found = list(map(run, windows) if self._pool is None or len(windows) == 1 else self._pool.map(run, windows))
        joined = self._joined(windows, np.array(owner), found, len(texts), tokens=tokens)
        # It came with the rest; what nobody needs is dropped.
        return joined if about is None else replace(joined, embedding=joined.embedding[list(about)])

    def _joined(
        self,
        windows: Sequence[Encoding],
        owner: NDArray[np.int64],
        found: Sequence[Sequence[NDArray[np.float32]]],
        count: int,
        *,
        tokens: bool,
    ) -> Encoded:
        embeddings = np.stack([outputs[0] for outputs in found])
        pooled = np.stack([outputs[1] for outputs in found])
        if len(windows) == count and not tokens:
            return Encoded(embeddings, pooled, self.odds(pooled))
        mass = _SHARPNESS * self.odds(pooled)[:, ABUSE.index("toxicity")]
        highest = np.full(count, -np.inf, dtype=np.float32)
        np.maximum.at(highest, owner, mass)
        share = np.exp(mass - highest[owner])
        share /= np.bincount(owner, share, minlength=count)[owner]
        size = np.array([len(window) for window in windows], dtype=np.float32)
        joint_embedding = np.zeros((count, embeddings.shape[1]), dtype=np.float32)
        joint_pooled = np.zeros_like(joint_embedding)
        np.add.at(joint_embedding, owner, embeddings * size[:, None])
        np.add.at(joint_pooled, owner, pooled * share[:, None].astype(np.float32))
        joint_embedding /= np.linalg.norm(joint_embedding, axis=1, keepdims=True)
        # A short text is what it is without long ones beside it, to the last bit.
        alone = np.bincount(owner, minlength=count) == 1
        joint_embedding[alone] = embeddings[alone[owner]]
        odds = self.odds(joint_pooled)
        if not tokens:
            return Encoded(joint_embedding, joint_pooled, odds)
        evidence = []
        for i in range(count):
            rows = np.flatnonzero(owner == i).tolist()
            length = [len(windows[row]) for row in rows]
            evidence.append(
                TokenEvidence(
                    offsets=np.concatenate([np.array(windows[row].offsets, dtype=np.int32) for row in rows]),
                    odds=np.concatenate(
                        [
                            share[row] * found[row][2][:n, None] * (found[row][3][:n] @ self._weights)
                            for row, n in zip(rows, length, strict=True)
                        ]
                    ),
                    marked=np.concatenate(
                        [1 / (1 + np.exp(-found[row][4][:n])) for row, n in zip(rows, length, strict=True)]
                    ),
                )
            )
        return Encoded(joint_embedding, joint_pooled, odds, tuple(evidence))

    def odds(self, pooled: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the log-odds of N rows of `Encoded.pooled`: N x A."""
        # Row by row, since BLAS's last bits depend on how many there are.
        return np.stack([row @ self._weights for row in pooled]) + self._bias
