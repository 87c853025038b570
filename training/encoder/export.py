"""From the trained network to int8 ONNX, with no more vocabulary than it reads."""

import json
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from model.features.onnx import WINDOW
from training.encoder.network import CommentEncoder

_OUTPUTS = ["embedding", "pooled", "attention", "hidden", "word_logits"]


class _AsTuple(nn.Module):
    """ONNX knows tuples, no dataclasses."""

    def __init__(self, network: CommentEncoder) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        reading = self.network(input_ids, attention_mask)
        return tuple(getattr(reading, name) for name in _OUTPUTS)


def export_encoder(network: CommentEncoder, tokenizer: Path, folder: Path) -> None:
    """Write `encoder.onnx` (int8, a scale for each output channel), its head and tokenizer.

    The head, `encoder.npz`, stays outside of the graph: what each token adds
    to the log-odds is asked for with it.

    Parameters
    ----------
    network
        Trained; its table of words and of positions is cut to what can occur.
    tokenizer
        The `tokenizer.json` that it was trained with.
    folder
        Where both files go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _cut(network, tokenizer, folder / "tokenizer.json")
    file = folder / "encoder.onnx"
    full = file.with_suffix(".fp32.onnx")
    network.body.config._attn_implementation = "eager"  # noqa: SLF001 - the exporter traces plain attention
    ids = torch.tensor([[2, 1023, 1003, 1307, 3], [2, 1748, 3, 0, 0]])
    axes = {
        name: {0: "texts", 1: "tokens"}
        for name in ("input_ids", "attention_mask", "attention", "hidden", "word_logits")
    }
    axes |= {name: {0: "texts"} for name in ("embedding", "pooled")}
    with torch.no_grad():
        torch.onnx.export(
            _AsTuple(network).eval(),
            (ids, (ids > 0).long()),
            full,
            input_names=["input_ids", "attention_mask"],
            output_names=_OUTPUTS,
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    prepared = file.with_suffix(".prepared.onnx")
    quant_pre_process(full, prepared, skip_symbolic_shape=True)
    quantize_dynamic(prepared, file, weight_type=QuantType.QInt8, per_channel=True, reduce_range=False)
    for part in (full, prepared):
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
    embeddings = network.body.embeddings
    embeddings.word_embeddings = nn.Embedding.from_pretrained(embeddings.word_embeddings.weight.data[kept])
    embeddings.position_embeddings = nn.Embedding.from_pretrained(embeddings.position_embeddings.weight.data[:WINDOW])
    embeddings.position_ids = embeddings.position_ids[:, :WINDOW]
    embeddings.token_type_ids = embeddings.token_type_ids[:, :WINDOW]


def _is_read(token: str) -> bool:
    plain = token.removeprefix("##")
    return (plain.isascii() or plain in {"£", "€"}) and not (
        token.startswith("[") and token.endswith("]") and len(token) > 1
    )
