"""A newsroom's own decisions into a bundle that exists, in minutes."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import joblib
import numpy as np

from model.abuse import NgramWeights
from model.bundle import Manifest, verify, write_manifest
from model.heads import LinearHeads
from model.text import TextNormaliser
from training.corpus import Corpus
from training.features import EncoderOdds, Progress, abuse_features
from training.head_fit import LEAST, calibrate, enough, fit_head, precision_threshold

_ATTRIBUTE = "likely_to_reject"
_PRECISION = 0.6


def refit(base: Path, labels: Corpus, out: Path, progress: Progress) -> Manifest:
    """Copy a bundle and teach it what this newsroom removes.

    The heads of `base` stay as they are; with at least `LEAST` decisions
    on both sides the copy learns `likely_to_reject` too. Otherwise
    `progress` is told how many are missing. Calibrated on a fifth of the
    decisions, at the share of removals that they have.
    """
    manifest = verify(base)
    out.mkdir(parents=True, exist_ok=True)
    for name in manifest.files:
        shutil.copy(base / name, out / name)
    decided = labels.rows(np.isfinite(labels.removed))
    removed = decided.removed
    progress(f"{len(labels)} labels, of which {int((removed == 1).sum())} removed and {int((removed == 0).sum())} kept")
    created = datetime.now(UTC)
    manifest = replace(
        manifest,
        created=created.isoformat(timespec="seconds"),
        training={
            **manifest.training,
            "labels": labels.fingerprint,
            "label_rows": len(labels),
            "base": manifest.version,
        },
    )
    if not enough(removed):
        progress(
            f"{_ATTRIBUTE} is learnt from {LEAST} removed and {LEAST} kept comments on: the heads stay as they are"
        )
        return write_manifest(out, manifest)
    normaliser = TextNormaliser((base / "words.txt").read_text().split())
    texts = [text.text for text in normaliser.normalise_many(decided.texts)]
    odds = EncoderOdds(base, progress).of(texts) if manifest.tier == "accurate" else None
    features = abuse_features(texts, NgramWeights.load(base / "ngrams.npz"), odds)
    held = np.arange(len(texts)) % 5 == 0
    head = fit_head(features[~held], removed[~held], decided.weights[~held], decided.sources[~held])
    truth = removed[held] >= 0.5
    share = float(np.mean(removed))
    calibrated = calibrate(head, features[held], truth, share)
    heads = joblib.load(out / "heads.joblib")
    heads["abuse"][_ATTRIBUTE] = calibrated
    joblib.dump(heads, out / "heads.joblib", compress=3)
    scores = LinearHeads({_ATTRIBUTE: calibrated}).probabilities(features[held])[:, 0]
    threshold, recall = precision_threshold(scores, truth, share, _PRECISION)
    sentence = f"precision >= {_PRECISION} on this newsroom's decisions ({share:.1%} removed); recall {recall:.2f}"
    return write_manifest(
        out,
        replace(
            manifest,
            attributes=tuple(dict.fromkeys((*manifest.attributes, _ATTRIBUTE))),
            thresholds={**manifest.thresholds, _ATTRIBUTE: threshold},
            operating_points={**manifest.operating_points, _ATTRIBUTE: sentence},
        ),
    )
