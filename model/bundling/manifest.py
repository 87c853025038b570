"""A bundle on disk: a folder with `manifest.json` and the files it lists.

::

    manifest.json   what this is, thresholds, how it was made, files' SHA-256
    words.txt       the lexicon, most frequent first
    ngrams.npz      weights of hashed n-grams
    heads.npz       the linear heads of the abuse attributes, calibrated
    background.npz  unrelated texts that likeness to an article is measured against
    off_topic.npz   the head that says how far a comment is from its article
    tokenizer.json  and
    encoder.onnx.gz, encoder.npz (accurate), or tokens.npz (fast)

All of it is data: nothing in a bundle is ever run. No file is opened before its
SHA-256 matches the manifest, nor the manifest before its own digest does and,
where `BELOWLINE_SIGNING_KEY` is set, its HMAC. The digest tells damage; whoever
fears forgery signs.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from model.errors import BundleError, InvalidInput

#: The bundles that come with the project.
SHIPPED = Path(__file__).parents[1] / "bundles"
#: Raised whenever a bundle of before would be read wrongly; the last time since a text has no runs of two bytes.
FORMAT = 4
#: The operating points of every bundle, from the one that flags least.
POINTS = ("cautious", "balanced", "thorough")
_EVERY = ("background.npz", "heads.npz", "ngrams.npz", "off_topic.npz", "tokenizer.json", "words.txt")
#: The files of a tier's bundle. Its manifest lists these and no others.
FILES = {"fast": (*_EVERY, "tokens.npz"), "accurate": (*_EVERY, "encoder.npz", "encoder.onnx.gz")}
#: The manifest, and its signature where there is one.
_OWN = ("manifest.json", "manifest.hmac")
_NO_DIGEST = b'"digest": ""'


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle: its size in bytes and its SHA-256 in hex."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How much a newsroom wants flagged, and at which thresholds.

    Attributes
    ----------
    thresholds
        Attribute to the lowest score that flags a comment.
    sentence
        What share of ordinary comments is flagged for abuse, and what share
        of abusive ones is found.
    sentences
        The same by attribute.
    """

    thresholds: Mapping[str, float]
    sentence: str
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle says of itself.

    Attributes
    ----------
    digest
        SHA-256 of the manifest as it is written, without this.
    tier
        `fast` or `accurate`.
    version
        Goes with every score, so that it can be told later what scored what.
    attributes
        What is scored, in order.
    thresholds
        Attribute to the lowest score that flags a comment: those of the
        operating point that is in force, `balanced` as a bundle is made.
    operating_points
        `cautious`, `balanced` and `thorough`, which flags most.
    mark_threshold
        A word is marked as abusive from this likelihood on.
    training
        How it was made: data fingerprint, rows by source, recipe, figures.
    scales
        Other scorer to attribute to the knots of a `model.scales.Scale`.
    libraries
        Versions of the libraries that it was made with.
    files
        File name to size and SHA-256: those in `FILES` for its tier.
    """

    digest: str = ""
    tier: str
    created: str
    attributes: tuple[str, ...]
    thresholds: Mapping[str, float]
    operating_points: Mapping[str, OperatingPoint]
    mark_threshold: float
    training: Mapping[str, Any]
    libraries: Mapping[str, str]
    version: str = ""
    scales: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    files: Mapping[str, BundleFile] = field(default_factory=dict)
    format: int = FORMAT

    def at(self, point: str) -> "Manifest":
        """Return the manifest with the thresholds of an operating point.

        Raises
        ------
        InvalidInput
            If the bundle has none of that name.
        """
        if point not in self.operating_points:
            known = ", ".join(self.operating_points)
            raise InvalidInput(f"This bundle has no operating point {point!r}: choose one of {known}.")
        return replace(self, thresholds=self.operating_points[point].thresholds)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as it was when it was verified, or made, whatever has become of its folder since.

    Attributes
    ----------
    path
        Where it was read, for messages.
    manifest
        What it says of itself.
    files
        The files of its tier and, where it was opened, the manifest's own.
    """

    path: Path
    manifest: Manifest
    files: Mapping[str, bytes]

    def file(self, name: str) -> BinaryIO:
        """Open one of the files that the manifest lists."""
        opened = BytesIO(self.files[name])
        # For messages.
        opened.name = str(self.path / name)
        return opened


def bundle_path(name: str | Path) -> Path:
    """Find a bundle by the name of a shipped one, or by its folder."""
    shipped = SHIPPED / str(name)
    path = shipped if str(name) in ("fast", "accurate") else Path(name)
    if not (path / "manifest.json").is_file():
        raise BundleError(
            f"There is no bundle at {str(name)!r}: give 'fast', 'accurate' or a folder with manifest.json."
        )
    return path


def open_bundle(name: str | Path) -> Bundle:
    """Read a bundle by its name or folder, and verify what was read.

    Raises
    ------
    BundleError
        If a file is missing or altered.
    """
    path = bundle_path(name)
    own = _read_own(path)
    manifest = _parsed(path, own)
    return Bundle(path, manifest, {**dict(_listed_files(path, manifest)), **own})


def verify(path: Path) -> Manifest:
    """Check every file of a bundle against its manifest, opening none of them."""
    manifest = read_manifest(path)
    for _ in _listed_files(path, manifest):
        pass
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Read a bundle's manifest; check its digest and, where a signing key is set, its HMAC."""
    return _parsed(path, _read_own(path))


def _read_own(path: Path) -> dict[str, bytes]:
    """Read the manifest and its signature."""
    own = {name: (path / name).read_bytes() for name in _OWN if (path / name).is_file()}
    if _OWN[0] not in own:
        raise BundleError(f"{path} is not a bundle: it has no manifest.json.")
    return own


def _parsed(path: Path, own: Mapping[str, bytes]) -> Manifest:
    """Read a manifest, after its signature where there is a key."""
    content = own[_OWN[0]]
    if key := os.environ.get("BELOWLINE_SIGNING_KEY"):
        found = own.get(_OWN[1], b"").strip()
        if not hmac.compare_digest(found, _hmac(key, content).encode()):
            raise BundleError(
                f"The manifest of {path} is not signed with BELOWLINE_SIGNING_KEY: do not use this bundle."
            )
    try:
        fields = json.loads(content)
        if fields.get("format") != FORMAT:
            raise BundleError(
                f"{path} has bundle format {fields.get('format')!r}, and this version of Belowline reads {FORMAT}: "
                "fit the bundle again with `python -m training fit`."
            )
        digest = fields.get("digest", "")
        if not hmac.compare_digest(digest, _digest(content.replace(f'"digest": "{digest}"'.encode(), _NO_DIGEST, 1))):
            raise BundleError(
                f"{path / 'manifest.json'} was changed after it was written, or an older version wrote it: "
                f"fetch the bundle again, or fit it again."
            )
        files = {name: BundleFile(**about) for name, about in fields.pop("files").items()}
        if wrong := sorted(set(files).symmetric_difference(FILES[fields["tier"]])):
            raise BundleError(
                f"The manifest of {path} lists other files than a bundle of the tier {fields['tier']} has "
                f"({', '.join(wrong)}): do not use it."
            )
        points = {name: OperatingPoint(**about) for name, about in fields.pop("operating_points").items()}
        read = {"attributes": tuple(fields["attributes"]), "files": files, "operating_points": points}
        return Manifest(**{**fields, **read})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError(f"{path / 'manifest.json'} is not a manifest: {error}.") from error


def _listed_files(path: Path, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """Read the files that a manifest lists, each as it was verified."""
    for name, about in manifest.files.items():
        file = path / name
        if not file.is_file():
            raise BundleError(f"{file} is missing: fetch the bundle again.")
        with file.open("rb") as opened:
            # One byte more tells a longer file, however long it is.
            content = opened.read(about.bytes + 1)
        digest = _digest(content)
        if not hmac.compare_digest(digest, about.sha256):
            raise BundleError(
                f"{file} is not the file that the manifest lists (SHA-256 {digest[:12]}…): do not use it."
            )
        yield name, content


def write_manifest(path: Path, manifest: Manifest) -> Manifest:
    """Write the manifest of the files that a bundle of its tier has in `path`, and sign it if a key is set.

    Its `files`, `version` (day of creation and contents) and `digest` are made here.
    """
    contents = {name: (path / name).read_bytes() for name in sorted(FILES[manifest.tier])}
    files = {name: BundleFile(len(content), _digest(content)) for name, content in contents.items()}
    # The version follows from what decides on a flag: no two bundles that differ in it share one.
    flags = [dict(manifest.thresholds), {n: dict(p.thresholds) for n, p in manifest.operating_points.items()}]
    told = "".join([*(file.sha256 for file in files.values()), json.dumps(flags, sort_keys=True)])
    version = f"{manifest.created[:10].replace('-', '.')}-{_digest(told.encode())[:8]}"
    content = to_bytes(replace(manifest, files=files, version=version))
    (path / "manifest.json").write_bytes(content)
    if key := os.environ.get("BELOWLINE_SIGNING_KEY"):
        (path / "manifest.hmac").write_text(_hmac(key, content) + "\n")
    return read_manifest(path)


def to_bytes(manifest: Manifest) -> bytes:
    """Write a manifest down, its digest first."""
    content = json.dumps(asdict(replace(manifest, digest="")), indent=1, ensure_ascii=False).encode() + b"\n"
    return content.replace(_NO_DIGEST, f'"digest": "{_digest(content)}"'.encode(), 1)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hmac(key: str, content: bytes) -> str:
    return hmac.new(key.encode(), content, hashlib.sha256).hexdigest()
