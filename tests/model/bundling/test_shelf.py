"""The shelf holds what scored and what scores, and its history tells which."""

import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from model import BundleError, InvalidInput
from model.bundling.manifest import bundle_path, open_bundle, read_manifest, to_bytes, verify, write_manifest
from model.bundling.shelf import Move, Shelf, champion

AT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "bundles")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a bundle of one's own: the shipped one with another threshold."""
    folder = Path(shutil.copytree(bundle_path("fast"), tmp_path / "made"))
    manifest = read_manifest(folder)
    write_manifest(folder, replace(manifest, thresholds={**manifest.thresholds, "insult": 0.6}))
    return folder


def move(before: str | None, after: str, *, did: str = "promote") -> Move:
    return Move("rollback" if did == "rollback" else "promote", before, after, by="anna", at=AT)


def test_on_a_fresh_machine_the_shipped_bundle_scores(shelf: Shelf) -> None:
    assert (shelf.current(), shelf.history(), shelf.stamp()) == (bundle_path("accurate"), (), None)
    assert not shelf.folder.exists()


def test_the_last_line_of_the_history_names_what_scores(shelf: Shelf, made: Path) -> None:
    old, new = shelf.put(open_bundle("fast")), shelf.put(open_bundle(made))
    moves = (
        move(None, old),
        replace(move(old, new), why="misses “numpty”", gates=("Recall is 2 points lower.",), refused=True),
    )
    for one in moves:
        before = shelf.stamp()
        shelf.point(one)
        assert shelf.stamp() != before

    assert shelf.history() == moves
    assert shelf.current() == shelf.folder / new
    assert shelf.earlier() == (old,)
    assert read_manifest(shelf.current()) == read_manifest(made)
    assert sorted(path.name for path in shelf.folder.iterdir()) == sorted([old, new, "history.jsonl"])


def test_one_goes_back_to_what_was_before_not_to_what_was_left(shelf: Shelf, made: Path) -> None:
    old, new = shelf.put(open_bundle("fast")), shelf.put(open_bundle(made))
    shelf.point(move(None, old))
    shelf.point(move(old, new))
    assert shelf.before() == old
    shelf.point(move(new, old, did="rollback"))

    assert shelf.current() == shelf.folder / old
    with pytest.raises(InvalidInput, match="no version to go back to"):
        shelf.before()


def test_a_bundle_that_was_tampered_with_is_not_put_on_it(shelf: Shelf, made: Path) -> None:
    verified = open_bundle(made)
    content = (made / "heads.npz").read_bytes()
    (made / "heads.npz").write_bytes(b"something else")

    with pytest.raises(BundleError, match="not the file that the manifest lists"):
        open_bundle(made)
    # What is put there is what was verified, not what lies in its place by now.
    version = shelf.put(verified)
    assert (shelf.folder / version / "heads.npz").read_bytes() == content
    assert verify(shelf.folder / version) == verified.manifest


def test_two_bundles_of_one_version_are_told(shelf: Shelf, made: Path) -> None:
    version = shelf.put(open_bundle(made))
    assert shelf.put(open_bundle(made)) == version
    manifest = read_manifest(made)
    write_manifest(made, replace(manifest, training={**manifest.training, "rows": {}}))
    with pytest.raises(BundleError, match="Another bundle is at"):
        shelf.put(open_bundle(made))


@pytest.mark.parametrize("version", ["", "../elsewhere", ".hidden"])
def test_a_version_that_is_no_name_is_refused(shelf: Shelf, made: Path, version: str) -> None:
    (made / "manifest.json").write_bytes(to_bytes(replace(read_manifest(made), version=version)))
    with pytest.raises(BundleError, match="cannot name a folder"):
        shelf.put(open_bundle(made))


def test_of_two_who_promote_at_once_one_is_told(shelf: Shelf, made: Path) -> None:
    old, new = shelf.put(open_bundle("fast")), shelf.put(open_bundle(made))
    shelf.point(move(None, old))
    told: list[str] = []

    def promote() -> None:
        try:
            shelf.point(move(old, new))
        except InvalidInput as error:
            told.append(str(error))

    threads = [threading.Thread(target=promote) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [f"{new} took over a moment ago from {old}: check what happened, then try again."] * 3
    assert len(shelf.history()) == 2


def test_what_is_not_on_the_shelf_cannot_score(shelf: Shelf) -> None:
    shelf.put(open_bundle("fast"))
    with pytest.raises(BundleError, match="There is no bundle '2026"):
        shelf.point(move(None, "2026.01.01-00000000"))


def test_a_history_that_cannot_be_read_is_told(shelf: Shelf) -> None:
    shelf.folder.mkdir()
    (shelf.folder / "history.jsonl").write_text('{"did": "promote"}\n')
    with pytest.raises(BundleError, match=r"history\.jsonl is not a history of bundles"):
        shelf.current()


def test_a_setting_pins_a_bundle(shelf: Shelf, made: Path) -> None:
    shelf.point(move(None, shelf.put(open_bundle(made))))

    assert champion("", shelf) == shelf.current()
    assert champion("fast", shelf) == bundle_path("fast")
    assert champion(str(made), shelf) == made
