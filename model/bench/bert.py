"""A BERT-base of Detoxify's size with random weights, which take as long as real ones."""

import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

_VOCABULARY, _POSITIONS, _WIDTH, _INNER, _LAYERS, _HEADS, _OUTPUTS = 30522, 512, 768, 3072, 12, 12, 6
_BATCH = 16
_OPSET = 17


class RandomBert:
    """BERT-base in onnxruntime, fp32.

    Parameters
    ----------
    tokenizer_file
        A BERT tokeniser; a bundle has one.

    Raises
    ------
    ImportError
        If `onnx`, with which the graph is made, is not installed.
    """

    def __init__(self, tokenizer_file: Path) -> None:
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.enable_truncation(_POSITIONS)
        self._tokenizer.enable_padding()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "bert.onnx"
            file.write_bytes(_Graph().build())
            self._session = onnxruntime.InferenceSession(file)

    def score(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score N texts: N x 6."""
        parts = []
        for start in range(0, len(texts), _BATCH):
            encoded = self._tokenizer.encode_batch(list(texts[start : start + _BATCH]))
            ids = np.array([e.ids for e in encoded], dtype=np.int64)
            mask = np.array([e.attention_mask for e in encoded], dtype=np.float32)
            parts.append(self._session.run(None, {"ids": ids, "mask": mask})[0])
        return np.concatenate(parts)


class _Graph:
    """Puts the network together, node by node."""

    def __init__(self) -> None:
        self._onnx: Any = import_module("onnx")
        self._nodes: list[Any] = []
        self._weights: list[Any] = []
        self._rng = np.random.default_rng(0)

    def build(self) -> bytes:
        """Return the serialised model: `ids` and `mask` (B x T) in, `scores` (B x 6) out."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        words = self._node("Gather", self._random(_VOCABULARY, _WIDTH), "ids")
        length = self._node("Gather", self._node("Shape", "ids"), self._constant(np.array(1)))
        places = self._node("Range", self._constant(np.array(0)), length, self._constant(np.array(1)))
        hidden = self._normed(self._node("Add", words, self._node("Gather", self._random(_POSITIONS, _WIDTH), places)))
        apart = self._node("Mul", self._node("Sub", "mask", self._float(1.0)), self._float(1e4))
        apart = self._node("Unsqueeze", apart, self._constant(np.array([1, 2])))
        for _ in range(_LAYERS):
            hidden = self._layer(hidden, apart)
        first = self._node("Gather", hidden, self._constant(np.array(0)), axis=1)
        pooled = self._node("Tanh", self._linear(first, _WIDTH, _WIDTH))
        self._nodes.append(helper.make_node("Sigmoid", [self._linear(pooled, _WIDTH, _OUTPUTS)], ["scores"]))
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [
                helper.make_tensor_value_info("ids", kinds.INT64, ["texts", "tokens"]),
                helper.make_tensor_value_info("mask", kinds.FLOAT, ["texts", "tokens"]),
            ],
            [helper.make_tensor_value_info("scores", kinds.FLOAT, ["texts", _OUTPUTS])],
            self._weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
        serialised: bytes = model.SerializeToString()
        return serialised

    def _layer(self, hidden: str, apart: str) -> str:
        """Add one transformer layer to the graph."""
        query, key, value = (self._heads(self._linear(hidden, _WIDTH, _WIDTH)) for _ in range(3))
        turned = self._node("Transpose", key, perm=[0, 1, 3, 2])
        likeness = self._node("Mul", self._node("MatMul", query, turned), self._float((_WIDTH / _HEADS) ** -0.5))
        shares = self._node("Softmax", self._node("Add", likeness, apart), axis=-1)
        seen = self._node("Transpose", self._node("MatMul", shares, value), perm=[0, 2, 1, 3])
        seen = self._node("Reshape", seen, self._constant(np.array([0, 0, _WIDTH])))
        hidden = self._normed(self._node("Add", hidden, self._linear(seen, _WIDTH, _WIDTH)))
        inner = self._linear(hidden, _WIDTH, _INNER)
        raised = self._node("Erf", self._node("Mul", inner, self._float(2**-0.5)))
        inner = self._node("Mul", self._node("Mul", inner, self._float(0.5)), self._node("Add", raised, self._float(1)))
        return self._normed(self._node("Add", hidden, self._linear(inner, _INNER, _WIDTH)))

    def _heads(self, hidden: str) -> str:
        """Cut what is hidden into attention heads."""
        cut = self._node("Reshape", hidden, self._constant(np.array([0, 0, _HEADS, _WIDTH // _HEADS])))
        return self._node("Transpose", cut, perm=[0, 2, 1, 3])

    def _linear(self, hidden: str, width: int, outputs: int) -> str:
        """Add a linear layer with random weights."""
        product = self._node("MatMul", hidden, self._random(width, outputs))
        return self._node("Add", product, self._constant(np.zeros(outputs, np.float32)))

    def _normed(self, hidden: str) -> str:
        """Add a layer normalisation."""
        ones, zeros = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)
        return self._node("LayerNormalization", hidden, self._constant(ones), self._constant(zeros), axis=-1)

    def _random(self, rows: int, columns: int) -> str:
        """Add random weights."""
        return self._constant(self._rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(0.02))

    def _float(self, value: float) -> str:
        """Add a constant number."""
        return self._constant(np.array(value, dtype=np.float32))

    def _constant(self, value: NDArray[Any]) -> str:
        """Add a constant array."""
        name = f"w{len(self._weights)}"
        self._weights.append(self._onnx.numpy_helper.from_array(value, name))
        return name

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation to the graph, and return the name of what it computes."""
        name = f"n{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), [name], **attributes))
        return name
