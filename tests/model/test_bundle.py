"""A bundle is refused, and nothing of it unpickled, when a byte has changed."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import BundleError, Comment, load_bundle
from model.bundling.manifest import bundle_path, open_bundle, read_manifest, to_bytes, verify, write_manifest
from model.scorer import Scorer


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


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_changed_byte_of_the_manifest_is_found(data: st.DataObject) -> None:
    content = (bundle_path("fast") / "manifest.json").read_bytes()
    place, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    with TemporaryDirectory() as folder:
        changed = content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
        (Path(folder) / "manifest.json").write_bytes(changed)
        with pytest.raises(BundleError, match=r"was changed after it was written|not a manifest|has bundle format"):
            read_manifest(Path(folder))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"insult": 0.', '"insult": 1.'),
        ('"created": "2', '"created":  "2'),
        ('"digest"', '"digests"'),
        ("\n}\n", ',\n "digest": ""\n}\n'),
    ],
)
def test_a_manifest_that_somebody_has_edited_is_refused(copy: Path, before: str, after: str) -> None:
    content = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(content.replace(before, after, 1))
    with pytest.raises(BundleError, match=r"manifest\.json was changed after it was written"):
        load_bundle(copy)


def test_a_file_that_the_manifest_does_not_list_is_not_opened(copy: Path) -> None:
    manifest = read_manifest(copy)
    files = {name: about for name, about in manifest.files.items() if name != "words.txt"}
    (copy / "manifest.json").write_bytes(to_bytes(replace(manifest, files=files)))
    with pytest.raises(BundleError, match=r"lists no words\.txt"):
        load_bundle(copy)


def test_what_scores_is_what_was_verified(copy: Path, tmp_path: Path) -> None:
    trace = tmp_path / "was-run"
    bundle = open_bundle(copy)
    (copy / "heads.joblib").write_bytes(f"cposix\nsystem\n(S'touch {trace}'\ntR.".encode())

    assert Scorer(bundle).score(Comment(text="You idiot!"))["toxicity"] > 0.5
    assert not trace.exists()


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
    manifest = read_manifest(copy)
    files = {**manifest.files, "../words.txt": manifest.files["words.txt"]}
    (copy / "manifest.json").write_bytes(to_bytes(replace(manifest, files=files)))
    with pytest.raises(BundleError, match="not a file of its folder"):
        verify(copy)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_broken_manifest_is_told(copy: Path, content: str) -> None:
    (copy / "manifest.json").write_text(content)
    with pytest.raises(BundleError, match=r"not a manifest|bundle format|was changed"):
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
