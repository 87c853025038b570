"""The shelf: the bundles that scored or will score, and the history that tells which one does now.

::

    var/bundles/
        2026.11.23-3599b41f/   a bundle; its folder is named after its version
        2026.11.25-0c9d8a11/
        history.jsonl          who let which bundle score, when, why; only ever added to

The last line of the history names the bundle that scores. The file is
replaced as a whole, so whoever reads it sees the line before or the line
after, and what scores can never differ from what the history says. `training`
writes it, the service reads it. Without a history the shipped bundle scores.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from model.bundling.manifest import Bundle, bundle_path, verify
from model.errors import BundleError, InvalidInput

_HISTORY = "history.jsonl"


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the history: from then on, another bundle scored.

    Attributes
    ----------
    did
        `promote` or `rollback`.
    before, after
        The versions; `before` is None where nothing on the shelf had scored.
    by, at
        Who, and when.
    why
        The reason for it, where somebody gave one.
    gates
        What each gate said.
    refused
        Whether a gate had refused it.
    """

    did: Literal["promote", "rollback"]
    before: str | None
    after: str
    by: str
    at: datetime
    why: str = ""
    gates: tuple[str, ...] = ()
    refused: bool = False

    def to_json(self) -> str:
        """Write it as a line, without the line break."""
        return json.dumps({**asdict(self), "at": self.at.isoformat(timespec="seconds")}, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "Move":
        """Read a line of the history."""
        found = cls(**json.loads(line))
        return replace(found, at=datetime.fromisoformat(str(found.at)), gates=tuple(found.gates))


class Shelf:
    """The bundles in `folder`; which is `BELOWLINE_BUNDLES`, else `var/bundles`, if left out."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get("BELOWLINE_BUNDLES") or "var/bundles")

    def history(self) -> tuple[Move, ...]:
        """Return all moves, the latest last; none if there is no shelf yet."""
        try:
            lines = (self.folder / _HISTORY).read_text().splitlines()
        except FileNotFoundError:
            return ()
        try:
            return tuple(map(Move.from_json, lines))
        except (ValueError, TypeError) as error:
            raise BundleError(f"{self.folder / _HISTORY} is not a history of bundles: {error}.") from error

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes whenever the history does; costs next to nothing."""
        try:
            found = (self.folder / _HISTORY).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def current(self) -> Path:
        """Return the bundle that scores: the shipped one if nothing was promoted yet."""
        moves = self.history()
        return self.folder / moves[-1].after if moves else bundle_path("accurate")

    def earlier(self) -> tuple[str, ...]:
        """Return the versions that scored before, and are still there, the latest first; not the one that scores."""
        moves = self.history()
        found = [version for move in reversed(moves) for version in (move.after, move.before) if version]
        return tuple(version for version in dict.fromkeys(found) if version != moves[-1].after and self._has(version))

    def before(self) -> str:
        """Return the version that the one that scores was promoted in place of."""
        moves = self.history()
        promoted = [move for move in moves if move.did == "promote" and move.after == moves[-1].after]
        if not promoted or promoted[-1].before is None:
            raise InvalidInput("There is no version to go back to: nothing on the shelf scored before this one.")
        return promoted[-1].before

    def put(self, bundle: Bundle) -> str:
        """Put a bundle on the shelf as it was verified, unless it is there, and return its version.

        Raises
        ------
        BundleError
            If another one has its version.
        """
        version = bundle.manifest.version
        if not version or Path(version).name != version or version.startswith("."):
            raise BundleError(f"{bundle.path} has the version {version!r}, which cannot name a folder.")
        target = self.folder / version
        if target.exists():
            if verify(target) != bundle.manifest:
                raise BundleError(f"Another bundle is at {target}, with the same version as {bundle.path}.")
            return version
        # By default it lies beside the database, whose folder nobody else may open.
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(exist_ok=True)
        # It appears under its name when it is whole.
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".incoming-") as incoming:
            copy = Path(incoming) / version
            copy.mkdir()
            for name, content in bundle.files.items():
                (copy / name).write_bytes(content)
                _sync(copy / name)
            copy.rename(target)
        _sync(self.folder)
        return version

    def point(self, move: Move) -> None:
        """Put another bundle in use: add a line to the history.

        Raises
        ------
        InvalidInput
            If somebody else was faster: the bundle that scores is not `before`.
        """
        with self._locked():
            moves = self.history()
            scores = moves[-1].after if moves else None
            if moves and scores != move.before:
                raise InvalidInput(
                    f"{scores} took over a moment ago from {move.before}: check what happened, then try again."
                )
            if not self._has(move.after):
                raise BundleError(f"There is no bundle {move.after!r} in {self.folder}.")
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".history-")
            with os.fdopen(handle, "w") as file:
                file.writelines(f"{one.to_json()}\n" for one in (*moves, move))
            Path(name).chmod(0o644)
            _sync(Path(name))
            Path(name).replace(self.folder / _HISTORY)
            _sync(self.folder)

    def _has(self, version: str) -> bool:
        """Return whether a promoted version is still on the shelf."""
        return Path(version).name == version and (self.folder / version / "manifest.json").is_file()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep every other process from changing the shelf."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            # Ends with the process, however that ends.
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def champion(pinned: str, shelf: Shelf) -> Path:
    """Return the bundle that scores: the one that a setting names, else the shelf's."""
    return bundle_path(pinned) if pinned else shelf.current()


def _sync(path: Path) -> None:
    """Wait until a folder's or a file's content is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
