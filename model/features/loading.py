"""Which encoder a tier has, loaded from a bundle's files."""

from model.features.encoder import Encoder, Open
from model.features.static import StaticEncoder


def load_encoder(tier: str, files: Open, threads: int | None = None) -> Encoder:
    """Load a tier's encoder from a bundle's files."""
    if tier == "accurate":
        from model.features.onnx import OnnxEncoder  # noqa: PLC0415 - the fast tier needs no onnxruntime

        return OnnxEncoder(files, threads)
    return StaticEncoder(files)
