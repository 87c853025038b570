"""A bundle's encoders, read back from int8, so that they can go on learning."""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, numpy_helper
from torch import nn

from model.bundling.arrays import read_arrays
from model.features.encoder import in_memory
from training.encoder.abuse_task import source_count
from training.encoder.network import CommentEncoder, CrossEncoder

_TABLES = ("word_embeddings", "position_embeddings", "token_type_embeddings")
_Weights = Mapping[str, NDArray[np.float32]]


def bundled_encoders(files: Mapping[str, bytes], base: Path) -> tuple[CommentEncoder, CrossEncoder]:
    """Read both encoders of a bundle; what the export rounded stays rounded.

    Parameters
    ----------
    files
        Verified: `encoder.onnx.gz` and `encoder.npz`.
    base
        What they were trained from, for the network's shape.
    """
    weights = dict(_weights(onnx.load_from_string(gzip.decompress(files["encoder.onnx.gz"])).graph))
    with in_memory(files)("encoder.npz") as opened:
        head = read_arrays(opened, {"weights": ("f", 2), "bias": ("f", 1)})
    weights |= {"network.abuse.weight": head["weights"].T, "network.abuse.bias": head["bias"]}
    alone, cross = CommentEncoder(base, source_count()), CrossEncoder(base)
    _share_tables(alone, cross, weights)
    for name, network in (("network", alone), ("cross", cross)):
        state = network.state_dict()
        read = {key: torch.tensor(weights[f"{name}.{key}"]) for key in state if f"{name}.{key}" in weights}
        missing = {key for key in state.keys() - read.keys() if not key.startswith(("body.embeddings", "source_bias"))}
        if missing:
            raise ValueError(f"the graph holds no {', '.join(sorted(missing))}: another network was exported")
        network.load_state_dict(state | read)
    return alone, cross


def _share_tables(alone: CommentEncoder, cross: CrossEncoder, weights: _Weights) -> None:
    """Put in the table of words, cut to what can occur, that both read."""
    embeddings = alone.body.embeddings
    for name in _TABLES:
        table = torch.tensor(weights[f"network.body.embeddings.{name}.weight"])
        setattr(embeddings, name, nn.Embedding.from_pretrained(table))
    longest = embeddings.position_embeddings.num_embeddings
    embeddings.position_ids = embeddings.position_ids[:, :longest]
    embeddings.token_type_ids = embeddings.token_type_ids[:, :longest]
    cross.body.embeddings = embeddings


def _weights(graph: GraphProto) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Name the graph's weights as the networks do."""
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for name, values in stored.items():
        if name.startswith(("network.", "cross.")):
            if name.endswith("_quantized"):
                yield name.removesuffix("_quantized"), _real(stored, name)
            elif values.dtype == np.float32:
                yield name, values
    for node in graph.node:
        if node.op_type == "MatMulInteger" and node.input[1] in stored:
            # Such as /network/body/encoder/layer.0/attention/self/key/MatMul_quant.
            module = node.name[1:].rpartition("/")[0].replace("/", ".")
            yield f"{module}.weight", _real(stored, node.input[1]).T.copy()


def _real(stored: Mapping[str, NDArray[np.generic]], quantized: str) -> NDArray[np.float32]:
    """Return what int8 weights stand for: (weight - zero point) x scale, by output channel."""
    name = quantized.removesuffix("_quantized")
    weight, zero, scale = (stored[one].astype(np.float32) for one in (quantized, f"{name}_zero_point", f"{name}_scale"))
    return (weight - zero) * scale
