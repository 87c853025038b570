"""The accurate tier's encoder: int8 ONNX, a pass for the comment alone, and one for it and its article."""

import gzip
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from model.attributes import ABUSE
from model.bundling.arrays import MOST_UNPACKED, check_unpacked, read_arrays
from model.cores import cores
from model.errors import BundleError
from model.features.encoder import Encoded, Open, TokenEvidence
from model.features.joint import JointTokens

#: Where a graph's weights are not in it, this key, in ONNX's own words, says in which file of the working directory.
_ELSEWHERE = b"location"
_Read = TypeVar("_Read")
_Found = TypeVar("_Found")
#: A longer text is read in windows of this many tokens, and no more of them.
WINDOW = 128
MOST_WINDOWS = 16
#: How much more the more toxic of two windows weighs, per unit of log-odds.
_SHARPNESS = 2.0


class OnnxEncoder:
    """A sentence encoder: `encoder.onnx.gz`, `encoder.npz`, `tokenizer.json`.

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
        with files("encoder.onnx.gz") as opened, gzip.open(opened) as packed:
            graph = packed.read(MOST_UNPACKED + 1)
        check_unpacked("encoder.onnx.gz", len(graph))
        if _ELSEWHERE in graph:
            raise BundleError("encoder.onnx.gz wants to read another file: do not use this bundle.")
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        # The graph holds two encoders: only the one that is asked is to work.
        self._asked = onnxruntime.RunOptions()
        self._asked.only_execute_path_to_fetches = True
        with files("tokenizer.json") as tokenizer:
            content = tokenizer.read()
        self._tokenizer: Tokenizer = Tokenizer.from_buffer(content)
        self._tokenizer.enable_truncation(WINDOW)
        self._tokenizer.no_padding()
        # A tokenizer cuts at one length alone.
        uncut: Tokenizer = Tokenizer.from_buffer(content)
        uncut.no_truncation()
        uncut.no_padding()
        self._joint = JointTokens(uncut)
        with files("encoder.npz") as stored:
            layer = read_arrays(stored, {"weights": ("f", 2), "bias": ("f", 1)})
            self._weights: NDArray[np.float32] = layer["weights"]
            self._bias: NDArray[np.float32] = layer["bias"]
        # One thread is the caller's own: those who have a process for each core share none.
        self._pool = None if threads == 1 else ThreadPoolExecutor(threads or cores())

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
            ids = np.array(window.ids, dtype=np.int64)
            return self._run(names, ids, np.zeros_like(ids))

        found = self._each(run, windows)
        joined = self._joined(windows, np.array(owner), found, len(texts), tokens=tokens)
        # It came with the rest; what nobody needs is dropped.
        return joined if about is None else replace(joined, embedding=joined.embedding[list(about)])

    def beginning(self, title: str, body: str) -> list[int]:
        """Return the tokens of an article's beginning; see `model.features.joint.JointReader`."""
        return self._joint.beginning(title, body)

    def off_topic(
        self, beginnings: Sequence[Sequence[int]], parents: Sequence[str], comments: Sequence[str]
    ) -> NDArray[np.float32]:
        """Read comments with their articles; see `model.features.joint.JointReader`."""

        def run(sequence: tuple[NDArray[np.int64], NDArray[np.int64]]) -> NDArray[np.float32]:
            return self._run(["off_topic"], *sequence)[0]

        return np.array(self._each(run, self._joint.sequences(beginnings, parents, comments)), dtype=np.float32)

    def _run(self, names: list[str], ids: NDArray[np.int64], types: NDArray[np.int64]) -> list[NDArray[np.float32]]:
        """Return some outputs for one sequence of tokens."""
        inputs = {"input_ids": ids[None], "attention_mask": np.ones_like(ids)[None], "token_type_ids": types[None]}
        return [output[0] for output in self._session.run(names, inputs, self._asked)]

    def _each(self, run: Callable[[_Read], _Found], items: Sequence[_Read]) -> list[_Found]:
        """Run each on a thread of its own, as far as there are any."""
        return list(map(run, items) if self._pool is None or len(items) == 1 else self._pool.map(run, items))

    def _joined(
        self,
        windows: Sequence[Encoding],
        owner: NDArray[np.int64],
        found: Sequence[Sequence[NDArray[np.float32]]],
        count: int,
        *,
        tokens: bool,
    ) -> Encoded:
        """Join the windows of long texts into one result for each text."""
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
