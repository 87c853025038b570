"""A bundle on disk: a folder with `manifest.json` and the files it lists.

::

    manifest.json   what this is, thresholds, how it was made, files' SHA-256
    words.txt       the lexicon, most frequent first
    ngrams.npz      weights of hashed n-grams
    heads.joblib    scikit-learn heads with their calibration
    background.npz  strangers that likeness to an article is measured against
    tokenizer.json  and
    encoder.onnx, encoder.npz (accurate), or tokens.npz (fast)

No file is opened before its SHA-256 matches the manifest, and where
`BELOWLINE_SIGNING_KEY` is set, before the manifest's HMAC does.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from model.errors import BundleError

#: The bundles that come with the project.
SHIPPED = Path(__file__).parents[1] / "bundles"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle: its size in bytes and its SHA-256 in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself.

    Attributes
    ----------
    tier
        `fast` or `accurate`.
    version
        Goes with every score, so that it can be told later what scored what.
    attributes
        What is scored, in order.
    thresholds
        Attribute to the lowest score that flags a comment.
    operating_points
        Attribute to the sentence that its threshold was chosen by.
    training
        How it was made: data fingerprint, rows by source, recipe, figures.
    scales
        Other scorer to attribute to the knots of a `model.scales.Scale`.
    libraries
        Versions of the libraries that its files depend on.
    files
        File name to size and SHA-256; nothing else in the folder is read.
    """

    tier: str
    created: str
    attributes: tuple[str, ...]
    thresholds: Mapping[str, float]
    operating_points: Mapping[str, str]
    training: Mapping[str, Any]
    libraries: Mapping[str, str]
    version: str = ""
    scales: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    files: Mapping[str, BundleFile] = field(default_factory=dict)
    format: int = FORMAT


def bundle_path(name: str | Path) -> Path:
    """Find a bundle by the name of a shipped one, or by its folder."""
    shipped = SHIPPED / str(name)
    path = shipped if str(name) in ("fast", "accurate") else Path(name)
    if not (path / "manifest.json").is_file():
        raise BundleError(
            f"There is no bundle at {str(name)!r}: give 'fast', 'accurate' or a folder with manifest.json."
        )
    return path


def read_manifest(path: Path) -> Manifest:
    """Read a bundle's manifest, and check its HMAC where a signing key is set."""
    try:
        content = (path / "manifest.json").read_bytes()
    except FileNotFoundError:
        raise BundleError(f"{path} is no bundle: it has no manifest.json.") from None
    if key := os.environ.get("BELOWLINE_SIGNING_KEY"):
        signature = path / "manifest.hmac"
        found = signature.read_text().strip() if signature.is_file() else ""
        if not hmac.compare_digest(found, _hmac(key, content)):
            raise BundleError(
                f"The manifest of {path} is not signed with BELOWLINE_SIGNING_KEY: do not use this bundle."
            )
    try:
        fields = json.loads(content)
        if fields.get("format") != FORMAT:
            raise BundleError(f"{path} has bundle format {fields.get('format')!r}; this version reads {FORMAT}.")
        files = {name: BundleFile(**about) for name, about in fields.pop("files").items()}
        return Manifest(**{**fields, "attributes": tuple(fields["attributes"]), "files": files})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError(f"{path / 'manifest.json'} is not a manifest: {error}.") from error


def verify(path: Path) -> Manifest:
    """Check every file of a bundle against its manifest, opening none of them."""
    manifest = read_manifest(path)
    for name, about in manifest.files.items():
        if Path(name).name != name:
            raise BundleError(f"The manifest of {path} lists {name!r}, which is not a file of its folder.")
        file = path / name
        if not file.is_file():
            raise BundleError(f"{file} is missing: fetch the bundle anew.")
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        if not hmac.compare_digest(digest, about.sha256):
            raise BundleError(
                f"{file} is not the file that the manifest lists (SHA-256 {digest[:12]}…): do not use it."
            )
    return manifest


def write_manifest(path: Path, manifest: Manifest) -> Manifest:
    """Write the manifest of the files that lie in `path`, and sign it if a key is set.

    Its `files` and `version` are made here: day of creation and contents.
    """
    files = {
        file.name: BundleFile(file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest())
        for file in sorted(path.iterdir())
        if file.is_file() and file.name not in ("manifest.json", "manifest.hmac")
    }
    # The version follows from what decides on a flag: no two bundles that differ in it share one.
    told = "".join([*(file.sha256 for file in files.values()), json.dumps(dict(manifest.thresholds), sort_keys=True)])
    digest = hashlib.sha256(told.encode()).hexdigest()[:8]
    version = f"{manifest.created[:10].replace('-', '.')}-{digest}"
    manifest = replace(manifest, files=files, version=version)
    content = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode() + b"\n"
    (path / "manifest.json").write_bytes(content)
    if key := os.environ.get("BELOWLINE_SIGNING_KEY"):
        (path / "manifest.hmac").write_text(_hmac(key, content) + "\n")
    return manifest


def _hmac(key: str, content: bytes) -> str:
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
