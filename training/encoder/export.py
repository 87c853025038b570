"""From the trained network to int8 ONNX."""

from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn

from training.encoder.network import CommentEncoder

_OUTPUTS = ["embedding", "pooled", "log_mass", "attention", "hidden", "word_logits"]


class _AsTuple(nn.Module):
    """ONNX knows tuples, no dataclasses."""

    def __init__(self, network: CommentEncoder) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        reading = self.network(input_ids, attention_mask)
        return tuple(getattr(reading, name) for name in _OUTPUTS)


def export_encoder(network: CommentEncoder, file: Path) -> None:
    """Write `file`, int8 with one scale for each output channel of a matrix."""
    full = file.with_suffix(".fp32.onnx")
    network.body.config._attn_implementation = "eager"  # noqa: SLF001 - the exporter traces plain attention
    ids = torch.tensor([[101, 2023, 2003, 2307, 102], [101, 2748, 102, 0, 0]])
    axes = {
        name: {0: "texts", 1: "tokens"}
        for name in ("input_ids", "attention_mask", "attention", "hidden", "word_logits")
    }
    axes |= {name: {0: "texts"} for name in ("embedding", "pooled", "log_mass")}
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
