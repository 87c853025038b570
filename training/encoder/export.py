"""From the trained networks to int8 ONNX, with no more vocabulary than they read."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from tokenizers import Tokenizer
from torch import Tensor, nn

from model.features.joint import LONGEST, JointTokens
from model.features.onnx import WINDOW
from training.corpus.counterfactuals import newspaper_sentences
from training.encoder.network import CommentEncoder, CrossEncoder
from training.encoder.rows.abuse import read_as
from training.encoder.smoothing import smooth

_INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
_OUTPUTS = ["embedding", "pooled", "attention", "hidden", "word_logits"]
_OFF_TOPIC = "off_topic"
#: Sentences that show how loud each channel gets, and how many of them stand for an article's body.
_SENTENCES, _BESIDE = 300, 4


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
    _smooth(network, cross, folder / "tokenizer.json")
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
    # Processors without VNNI add two products in 16 bits: with weights of eight they overflow, and scores differ.
    quantize_dynamic(prepared, file, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    # The bits hold less than there are: a fifth of the file goes.
    (folder / "encoder.onnx.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))
    for part in (full, prepared, file):
        part.unlink()
    np.savez(
        folder / "encoder.npz",
        weights=network.abuse.weight.detach().numpy().T,
        bias=network.abuse.bias.detach().numpy(),
    )


def _smooth(network: CommentEncoder, cross: CrossEncoder, tokenizer: Path) -> None:
    """Keep the loud channels of both bodies from costing the others their digits, by what our own sentences show."""
    uncut: Tokenizer = Tokenizer.from_file(str(tokenizer))
    texts = [read_as(one.text)[0] for one in random.Random(0).sample(newspaper_sentences(), _SENTENCES)]
    reader = JointTokens(uncut)
    # No article is at hand, but what stands below some.
    beginnings = [reader.beginning(text, " ".join(texts[i : i + _BESIDE])) for i, text in enumerate(texts)]
    pairs = reader.sequences(beginnings, [*texts[1:], ""], texts[::-1])
    alone = [torch.tensor([encoding.ids[:WINDOW]]) for encoding in uncut.encode_batch(texts)]
    smooth(network.body, lambda: [network(ids, torch.ones_like(ids)) for ids in alone])
    smooth(cross.body, lambda: [cross(*_one(sequence)) for sequence in pairs])


def _one(sequence: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[Tensor, Tensor, Tensor]:
    """Return a sequence as a batch of its own: its tokens, mask and types."""
    ids, types = (torch.from_numpy(part)[None] for part in sequence)
    return ids, torch.ones_like(ids), types


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
