"""Bundles of one's own: the shipped fast one, changed so that every score tells which it is of."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from model.bundling.manifest import Manifest, bundle_path, read_manifest, write_manifest
from model.bundling.shelf import Move, Shelf
from model.heads import LinearHeads


def make_bundle(folder: Path, *, shift: float = 0.0, insult: float | None = None) -> Manifest:
    """Write a bundle whose abuse scores are lower by `shift` log-odds, and that flags insults from `insult` on."""
    shutil.copytree(bundle_path("fast"), folder)
    heads = LinearHeads.load(folder / "heads.npz")
    replace(heads, bias=heads.bias - np.float32(shift)).save(folder / "heads.npz")
    manifest = read_manifest(folder)
    if insult is None:
        return write_manifest(folder, manifest)
    points = {
        name: replace(point, thresholds={**point.thresholds, "insult": insult})
        for name, point in manifest.operating_points.items()
    }
    return write_manifest(folder, replace(manifest, operating_points=points).at("balanced"))


def let_score(shelf: Shelf, version: str) -> None:
    """Let a bundle of the shelf score, whatever any gate would say."""
    moves = shelf.history()
    shelf.point(Move("promote", moves[-1].after if moves else None, version, by="anna", at=datetime.now(UTC)))
