"""From the trained networks to int8 ONNX, with no more vocabulary than they read."""

import gzip
import json
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from model.features.joint import LONGEST
from model.features.onnx import WINDOW
from training.encoder.network import CommentEncoder, CrossEncoder

_INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
_OUTPUTS = ["embedding", "pooled", "attention", "hidden", "word_logits"]
_OFF_TOPIC = "off_topic"


class _Both(nn.Module):
    """Both encoders with one table of words; ONNX knows tuples, no dataclasses."""

    def __init__(self, network: CommentEncoder, cross: CrossEncoder) -> None:
        super().__init__()
        self.network, self.cross = network, cross
        self.cross.body.embeddings = network.body.embeddings

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> tuple[Tensor, ...]:
        """Compute all that a comment's sequence gives, as one graph for ONNX."""
        reading = self.network(input_ids, attention_mask)
        alone = [getattr(reading, name) for name in _OUTPUTS]
        return (*alone, self.cross(input_ids, attention_mask, token_type_ids))


def export_encoder(network: CommentEncoder, cross: CrossEncoder, tokenizer: Path, folder: Path) -> None:
    """Write `encoder.onnx.gz` (int8, a scale for each output channel), its head and tokenizer.

    One file holds both encoders, as two ways through one graph: they share
    the table of words, which is half of either. The head for abuse,
    `encoder.npz`, stays outside of the graph: what each token adds to the
    log-odds is asked for with it.

    Parameters
    ----------
    network, cross
        Trained, neither of them in its table of words; that and the one of
        positions are cut to what can occur.
    tokenizer
        The `tokenizer.json` that they were trained with.
    folder
        Where the files go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _cut(network, tokenizer, folder / "tokenizer.json")
    file = folder / "encoder.onnx"
    full = file.with_suffix(".fp32.onnx")
    both = _Both(network, cross).eval()
    for body in (network.body, cross.body):
        body.config._attn_implementation = "eager"  # noqa: SLF001 - the exporter traces plain attention
    ids = torch.tensor([[2, 1023, 1003, 1307, 3], [2, 1748, 3, 0, 0]])
    axes = {name: {0: "texts", 1: "tokens"} for name in (*_INPUTS, "attention", "hidden", "word_logits")}
    axes |= {name: {0: "texts"} for name in ("embedding", "pooled", _OFF_TOPIC)}
    with torch.no_grad():
        torch.onnx.export(
            both,
            (ids, (ids > 0).long(), torch.zeros_like(ids)),
            full,
            input_names=_INPUTS,
            output_names=[*_OUTPUTS, _OFF_TOPIC],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    prepared = file.with_suffix(".prepared.onnx")
    quant_pre_process(full, prepared, skip_symbolic_shape=True)
    quantize_dynamic(prepared, file, weight_type=QuantType.QInt8, per_channel=True, reduce_range=False)
    # Eight bits hold less than eight: a fifth of the file goes.
    (folder / "encoder.onnx.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    for part in (full, prepared, file):
        part.unlink()
    np.savez(
        folder / "encoder.npz",
        weights=network.abuse.weight.detach().numpy().T,
        bias=network.abuse.bias.detach().numpy(),
    )


def _cut(network: CommentEncoder, tokenizer: Path, out: Path) -> None:
    """Drop tokens that no normalised English comment holds, and far positions.

    Comments reach the tokenizer with accents, look-alikes and emoji read as
    plain letters, so that tokens of other scripts are never asked for. The
    special tokens lose their meaning in running text: a reader who writes
    "[SEP]" wrote six characters, no more.
    """
    settings = json.loads(tokenizer.read_text())
    vocabulary = settings["model"]["vocab"]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    ordinary = sorted((i, token) for token, i in vocabulary.items() if _is_read(token))
    kept = [vocabulary[token] for token in special] + [i for i, _ in ordinary]
    names = special + [token for _, token in ordinary]
    settings["model"]["vocab"] = {token: i for i, token in enumerate(names)}
    settings |= {"added_tokens": [], "truncation": None, "padding": None}
    for name, about in settings["post_processor"]["special_tokens"].items():
        about["ids"] = [names.index(name)]
    out.write_text(json.dumps(settings, ensure_ascii=False))
    embeddings, longest = network.body.embeddings, max(WINDOW, LONGEST)
    embeddings.word_embeddings = nn.Embedding.from_pretrained(embeddings.word_embeddings.weight.data[kept])
    embeddings.position_embeddings = nn.Embedding.from_pretrained(embeddings.position_embeddings.weight.data[:longest])
    embeddings.position_ids = embeddings.position_ids[:, :longest]
    embeddings.token_type_ids = embeddings.token_type_ids[:, :longest]


def _is_read(token: str) -> bool:
    """Return whether a token can occur in a text as the scorer reads it."""
    plain = token.removeprefix("##")
    return (plain.isascii() or plain in {"£", "€"}) and not (
        token.startswith("[") and token.endswith("]") and len(token) > 1
    )
