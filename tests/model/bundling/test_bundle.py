"""A bundle is data: it is refused when a byte has changed, and it runs nothing, whoever made it."""

import gzip
import re
import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import BundleError, Comment, load_bundle
from model.bundling.manifest import POINTS, bundle_path, open_bundle, read_manifest, to_bytes, verify, write_manifest
from model.errors import InvalidInput
from model.heads import LinearHeads


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the fast bundle."""
    return Path(shutil.copytree(bundle_path("fast"), tmp_path / "bundle"))


def change_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_a_folder_that_lost_its_manifest_is_told(copy: Path) -> None:
    (copy / "manifest.json").unlink()
    with pytest.raises(BundleError, match=r"it has no manifest\.json"):
        read_manifest(copy)


@pytest.mark.parametrize("tier", ["fast", "accurate"])
def test_a_shipped_bundle_has_three_operating_points_and_the_middle_one_is_in_force(tier: str) -> None:
    manifest = read_manifest(bundle_path(tier))
    assert tuple(manifest.operating_points) == POINTS
    assert manifest.thresholds == manifest.operating_points["balanced"].thresholds
    assert manifest.at("cautious").thresholds["toxicity"] > manifest.thresholds["toxicity"]


def test_an_operating_point_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match="no operating point 'strict': choose one of cautious, balanced, thorough"):
        read_manifest(bundle_path("fast")).at("strict")


@pytest.mark.parametrize("name", sorted(read_manifest(bundle_path("fast")).files))
def test_a_changed_byte_is_found(copy: Path, name: str) -> None:
    change_a_byte(copy / name)
    with pytest.raises(BundleError, match=f"{re.escape(name)} is not the file that the manifest lists"):
        load_bundle(copy)


@settings(max_examples=200)
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


@pytest.mark.parametrize(
    ("left_out", "added", "named"),
    [
        ("words.txt", None, "words.txt"),
        (None, "../words.txt", "../words.txt"),
        (None, "/etc/passwd", "/etc/passwd"),
        (None, "heads.joblib", "heads.joblib"),
        ("heads.npz", "heads.joblib", "heads.joblib, heads.npz"),
    ],
)
def test_a_manifest_lists_what_a_bundle_of_its_tier_has_and_nothing_else(
    copy: Path, left_out: str | None, added: str | None, named: str
) -> None:
    manifest = read_manifest(copy)
    files = {name: about for name, about in manifest.files.items() if name != left_out}
    if added:
        files[added] = manifest.files["words.txt"]
    (copy / "manifest.json").write_bytes(to_bytes(replace(manifest, files=files)))
    with pytest.raises(BundleError, match=rf"lists other files than a bundle of the tier fast has \({named}\)"):
        verify(copy)


def test_what_scores_is_what_was_verified(copy: Path) -> None:
    bundle = open_bundle(copy)
    for name in bundle.manifest.files:
        (copy / name).write_bytes(b"exchanged in between")

    assert load_bundle(bundle).score(Comment(text="You idiot!"))["toxicity"] > 0.5


@pytest.mark.parametrize("name", sorted({*read_manifest(bundle_path("fast")).files} - {"words.txt"}))
def test_a_bundle_that_a_stranger_made_runs_nothing(copy: Path, tmp_path: Path, name: str) -> None:
    trace = tmp_path / "was-run"
    (copy / name).write_bytes(f"cposix\nsystem\n(S'touch {trace}'\ntR.".encode())
    # Whoever makes a bundle can write a manifest that fits it.
    write_manifest(copy, read_manifest(copy))
    verify(copy)
    with pytest.raises(BundleError, match=r"holds no such arrays as a bundle needs|cannot be loaded"):
        load_bundle(copy)
    assert not trace.exists()


def test_an_encoder_that_reaches_for_another_file_is_refused(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle_path("accurate"), tmp_path / "bundle"))
    (copy / "encoder.onnx.gz").write_bytes(gzip.compress(graph_with_weights_in("weights")))
    write_manifest(copy, read_manifest(copy))
    with pytest.raises(BundleError, match=r"encoder\.onnx\.gz wants to read another file"):
        load_bundle(copy)


@pytest.mark.parametrize("name", ["encoder.onnx.gz", "heads.npz"])
def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("model.bundling.arrays.MOST_UNPACKED", 64 << 20)
    monkeypatch.setattr("model.features.onnx.MOST_UNPACKED", 64 << 20)
    copy = Path(shutil.copytree(bundle_path("accurate"), tmp_path / "bundle"))
    if name.endswith(".gz"):
        (copy / name).write_bytes(gzip.compress(bytes(65 << 20)))
    else:
        np.savez_compressed(copy / name, weights=np.zeros((9 << 20, 1)))
    write_manifest(copy, read_manifest(copy))

    with pytest.raises(BundleError, match=rf"{name} unpacks to more than 64 MiB: do not use this bundle"):
        load_bundle(copy)


def graph_with_weights_in(file: str) -> bytes:
    """Return an ONNX graph, of one addition, whose weights lie in another file."""

    def field(number: int, value: int | bytes) -> bytes:
        if isinstance(value, int):
            return bytes([number << 3, value])
        return bytes([number << 3 | 2, len(value)]) + value

    where = b"".join(
        field(13, field(1, name) + field(2, told)) for name, told in [(b"location", file.encode()), (b"length", b"16")]
    )
    weights = field(1, 4) + field(2, 1) + field(8, b"w") + where + field(14, 1)
    kind = field(2, field(1, field(1, 1) + field(2, field(1, field(1, 4)))))
    node = b"".join([*(field(1, name) for name in (b"x", b"w")), field(2, b"y"), field(4, b"Add")])
    graph = field(1, node) + field(2, b"g") + field(5, weights)
    graph += field(11, field(1, b"x") + kind) + field(12, field(1, b"y") + kind)
    return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 17))


FINE = LinearHeads.load(bundle_path("fast") / "heads.npz")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"bias": FINE.bias[:, None]}, "'bias' must be a floating-point array of 1 dimensions"),
        ({"weights": FINE.weights.astype(int)}, "'weights' must be a floating-point array of 2 dimensions"),
        ({"weights": FINE.weights * np.nan}, "'weights' holds what is no finite number"),
        ({"names": np.array(FINE.names, object)}, "Object arrays cannot be loaded"),
        ({"names": np.array(["toxicity"])}, "a column of weights and a bias for each attribute"),
        ({"names": np.array(list("abcdef"))}, "do not belong together"),
        ({"weights": FINE.weights[1:]}, "do not belong together"),
    ],
)
def test_heads_that_are_not_as_they_should_be_are_refused(copy: Path, changed: dict[str, np.ndarray], why: str) -> None:
    arrays = {"names": np.array(FINE.names), "weights": FINE.weights, "bias": FINE.bias} | changed
    np.savez(copy / "heads.npz", names=arrays["names"], weights=arrays["weights"], bias=arrays["bias"])
    write_manifest(copy, read_manifest(copy))
    with pytest.raises(BundleError, match=re.escape(why)):
        load_bundle(copy)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "words.txt").unlink()
    with pytest.raises(BundleError, match=r"words\.txt is missing"):
        verify(copy)


def test_a_file_that_grew_is_not_read_to_its_end(copy: Path) -> None:
    with (copy / "words.txt").open("r+b") as file:
        file.truncate(2**34)
    with pytest.raises(BundleError, match=r"words\.txt is not the file that the manifest lists"):
        verify(copy)


def test_a_bundle_of_an_older_format_says_what_to_do(copy: Path) -> None:
    content = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(content.replace('"format": 4', '"format": 3'))
    with pytest.raises(BundleError, match=r"has bundle format 3, .* fit the bundle again with"):
        load_bundle(copy)


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
