"""Bundles of one's own: the shipped fast one, changed so that every score tells which it is of."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import joblib

from model.bundling.manifest import Manifest, bundle_path, read_manifest, write_manifest
from model.bundling.shelf import Move, Shelf


def make_bundle(folder: Path, *, shift: float = 0.0, insult: float | None = None) -> Manifest:
    """Write a bundle whose abuse scores are lower by `shift` log-odds, and that flags insults from `insult` on."""
    shutil.copytree(bundle_path("fast"), folder)
    heads = joblib.load(folder / "heads.joblib")
    for head in heads["abuse"].values():
        for calibrated in head.calibrated_classifiers_:
            for calibrator in calibrated.calibrators:
                calibrator.b_ += shift
    joblib.dump(heads, folder / "heads.joblib")
    manifest = read_manifest(folder)
    thresholds = dict(manifest.thresholds) if insult is None else {**manifest.thresholds, "insult": insult}
    return write_manifest(folder, replace(manifest, thresholds=thresholds))


def let_score(shelf: Shelf, version: str) -> None:
    """Let a bundle of the shelf score, whatever any gate would say."""
    moves = shelf.history()
    shelf.point(Move("promote", moves[-1].after if moves else None, version, by="anna", at=datetime.now(UTC)))
