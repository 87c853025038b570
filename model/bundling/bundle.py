"""From a bundle's folder to the scorer that it holds."""

from pathlib import Path
from typing import TYPE_CHECKING

from model.bundling.manifest import open_bundle

if TYPE_CHECKING:
    from model.scorer import Scorer


def load_bundle(name: str | Path = "accurate", threads: int | None = None) -> "Scorer":
    """Verify a bundle and load it.

    Parameters
    ----------
    name
        `accurate`, `fast` (both shipped), or the folder of another one.
    threads
        Texts that the encoder reads at the same time; as many as there are
        cores if left out.

    Raises
    ------
    BundleError
        If a file is missing or altered, or the bundle was made for other
        versions than those installed.
    """
    from model.scorer import Scorer  # noqa: PLC0415 - scikit-learn and onnxruntime are slow to import

    return Scorer(open_bundle(name), threads)
