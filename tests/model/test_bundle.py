"""A bundle is refused, and nothing of it unpickled, when a byte has changed."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from model import BundleError, Comment, load_bundle
from model.bundling.manifest import bundle_path, read_manifest, verify, write_manifest


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Give a copy of the fast bundle."""
    return Path(shutil.copytree(bundle_path("fast"), tmp_path / "bundle"))


def change_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_folder_that_lost_its_manifest_is_told(copy: Path) -> None:
    (copy / "manifest.json").unlink()
    with pytest.raises(BundleError, match=r"it has no manifest\.json"):
        read_manifest(copy)


@pytest.mark.parametrize("name", sorted(read_manifest(bundle_path("fast")).files))
def test_a_changed_byte_is_found(copy: Path, name: str) -> None:
    change_a_byte(copy / name)
    with pytest.raises(BundleError, match=f"{re.escape(name)} is not the file that the manifest lists"):
        load_bundle(copy)


def test_no_altered_pickle_is_opened(copy: Path, tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    (copy / "heads.joblib").write_bytes(f"cposix\nsystem\n(S'touch {trace}'\ntR.".encode())
    with pytest.raises(BundleError, match="not the file that the manifest lists"):
        load_bundle(copy)
    assert not trace.exists()


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "words.txt").unlink()
    with pytest.raises(BundleError, match=r"words\.txt is missing"):
        verify(copy)


def test_a_file_outside_of_the_folder_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"]["../words.txt"] = manifest["files"]["words.txt"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="not a file of its folder"):
        verify(copy)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_broken_manifest_is_told(copy: Path, content: str) -> None:
    (copy / "manifest.json").write_text(content)
    with pytest.raises(BundleError, match=r"not a manifest|bundle format"):
        verify(copy)


def test_with_a_signing_key_an_unsigned_bundle_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELOWLINE_SIGNING_KEY", "of this newsroom")
    with pytest.raises(BundleError, match="not signed"):
        load_bundle(copy)


def test_a_bundle_signed_with_the_key_scores(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsigned = write_manifest(copy, read_manifest(copy))
    monkeypatch.setenv("BELOWLINE_SIGNING_KEY", "of this newsroom")
    signed = write_manifest(copy, unsigned)
    assert signed.version == unsigned.version
    assert load_bundle(copy).score(Comment(text="You idiot!"))["toxicity"] > 0.5


def test_a_bundle_with_another_threshold_has_another_version(copy: Path) -> None:
    before = write_manifest(copy, read_manifest(copy))
    after = write_manifest(copy, replace(before, thresholds={**before.thresholds, "insult": 0.6}))
    assert after.version != before.version


def test_an_unknown_bundle_is_named() -> None:
    with pytest.raises(BundleError, match="There is no bundle at 'fats'"):
        load_bundle("fats")
