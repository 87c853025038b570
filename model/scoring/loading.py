"""From a bundle's folder to the scorer that it holds."""

from dataclasses import replace
from pathlib import Path

from model.bundling.manifest import Bundle, open_bundle
from model.errors import BundleError
from model.scoring.scorer import Scorer


def load_bundle(
    name: str | Path | Bundle = "accurate", threads: int | None = None, *, operating_point: str | None = None
) -> Scorer:
    """Verify a bundle and load it.

    Parameters
    ----------
    name
        `accurate`, `fast` (both shipped), the folder of another one, or one
        that was opened, and so verified, before, or has just been made.
    threads
        Texts that the encoder reads at the same time; as many as there are
        cores if left out.
    operating_point
        Whose thresholds are in force: `cautious`, `balanced` or `thorough`;
        the manifest's own if left out, which are those of `balanced`.

    Raises
    ------
    BundleError
        If a file is missing or altered, or the bundle is of another format.
    InvalidInput
        If the bundle has no such operating point.
    """
    bundle = name if isinstance(name, Bundle) else open_bundle(name)
    if operating_point is not None:
        bundle = replace(bundle, manifest=bundle.manifest.at(operating_point))
    try:
        return Scorer(bundle, threads)
    except BundleError:
        raise
    except Exception as error:
        # Its files are as listed, but what is in them is not for the libraries that read them.
        raise BundleError(f"{bundle.path} cannot be loaded: {error}") from error
