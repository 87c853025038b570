"""Teach an existing bundle a newsroom's own labels, in minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.attributes import ABUSE, REJECT
from model.bundling.manifest import Manifest, open_bundle, write_manifest
from model.heads import LinearHeads
from training.corpus.corpus import Corpus, joined
from training.corpus.splits import folds, split
from training.corpus.training_table import counterfactual_corpus, read_training_table
from training.evaluation.metrics import recall_reviewed
from training.fitting.heads import LEAST, PREVALENCE, enough, natural_weights
from training.progress import Progress
from training.teaching.noise import estimate_noise, probabilities
from training.teaching.reject_head import fit_reject_head, reject_mix
from training.teaching.student import Student, read_student
from training.teaching.thresholds import follow

#: Shares of the new labels: those that teach, and those that show whether it helped.
_SHARES = (0.8, 0.2)
#: Labels, at most, on which the share of wrong ones is estimated, and the folds in which the others judge each.
_JUDGED, FOLDS = 4000, 5
#: Fewer held-back labels than this on either side show nothing.
_LEAST_HELD = 10
#: Old comments that are replayed: sentences of our own, and public ones where there are some.
_OURS, _PUBLIC = 4000, 10_000


def refit(base: Path, labels: Corpus, out: Path, progress: Progress, data: Path | None = None) -> Manifest:
    """Copy a bundle and teach it a newsroom's labels.

    An attribute with at least `LEAST` labels on either side is taught; with
    as many removed and kept comments, so is `likely_to_reject`, which starts
    from what the bundle knows of toxicity. A fifth of the labels is held
    back (the latest, where times are known), with no article, author or text
    in common with those that teach: it shows how much was gained, and
    calibrates `likely_to_reject`.

    Parameters
    ----------
    base
        The bundle; it is not changed.
    labels
        The newsroom's own labels.
    out
        Folder of the new bundle.
    progress
        Called with what is done, and with what was not and why.
    data
        The public training data: some of it is replayed, to keep what it
        taught. Without it, only sentences of our own are replayed.
    """
    bundle = open_bundle(base)
    out.mkdir(parents=True, exist_ok=True)
    for name in bundle.manifest.files:
        (out / name).write_bytes(bundle.files[name])
    targets = teachable(labels, progress)
    manifest = _dated(bundle.manifest, labels)
    if not targets:
        progress("too few labels to learn from: the heads stay as they are")
        return write_manifest(out, manifest)
    old = replayed(data)
    progress(f"{len(old)} old comments are replayed{'' if data else ': sentences of our own, no public data'}")
    known = read_student(bundle, labels, old, progress, teaches_reject=REJECT in targets)
    part = _parts(labels, list(targets.values()), progress)
    student, heads, taught = known, known.heads, dict[str, Any]()
    for name, truth in targets.items():
        student = student.taught(name, truth, labels.weights, part == 0)
        if name == REJECT:
            seen = student.worst_features(reject_mix(student.features.shape[1]))[: len(labels)]
            reject, points = fit_reject_head(seen, student.cut.certainty[: len(labels)], truth, labels, part)
            heads = heads.updated(reject)
            manifest = _with_reject(manifest, points)
        after = replace(student, heads=heads).scores(name)[: len(labels)]
        before = known.scores(name)[: len(labels)]
        held = (part == 1) & np.isfinite(truth)
        gain = _gain(truth[held] >= 0.5, before[held], after[held], PREVALENCE.get(name, 0.05))
        taught[name] = {**gain, "label_noise": _noise(known, name, truth, labels)}
        progress(f"{name}: {_sentence(taught[name])}")
    manifest = replace(manifest, operating_points=follow(manifest, replace(student, heads=heads), labels, progress))
    _save(student, heads, out)
    worst = max(about["label_noise"] for about in taught.values())
    training = {**manifest.training, "taught": taught, "label_noise": worst, "replayed": len(old)}
    return write_manifest(out, replace(manifest.at("balanced"), training=training))


def _dated(manifest: Manifest, labels: Corpus) -> Manifest:
    """Write down when, from which bundle and with which labels this one was made."""
    return replace(
        manifest,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        training={
            **manifest.training,
            "labels": labels.fingerprint,
            "label_rows": len(labels),
            "base": manifest.version,
            "taught": {},
        },
    )


def _with_reject(manifest: Manifest, found: Mapping[str, tuple[float, str]]) -> Manifest:
    """Add `likely_to_reject` to what a bundle scores, with its threshold and sentence at each operating point."""
    points = {
        name: replace(
            point,
            thresholds={**point.thresholds, REJECT: found[name][0]},
            sentences={**point.sentences, REJECT: found[name][1]},
        )
        for name, point in manifest.operating_points.items()
    }
    attributes = tuple(dict.fromkeys((*manifest.attributes, REJECT)))
    return replace(manifest, attributes=attributes, operating_points=points)


def _save(student: Student, heads: LinearHeads, out: Path) -> None:
    """Write what teaching changed in a bundle."""
    student.weights.save(out / "ngrams.npz")
    if student.layer is not None:
        np.savez(out / "encoder.npz", **student.layer)
    heads.save(out / "heads.npz")


def teachable(labels: Corpus, progress: Progress) -> dict[str, NDArray[np.float32]]:
    """Return what can be taught: attribute to N labels, NaN where nobody was asked."""
    found = {}
    removed = labels.removed
    progress(f"{len(labels)} labels, of which {int((removed == 1).sum())} removed and {int((removed == 0).sum())} kept")
    named = {name: labels.labels[:, i] for i, name in enumerate(ABUSE)}
    for name, truth in {**named, REJECT: removed}.items():
        if enough(truth):
            found[name] = truth
        elif np.isfinite(truth).any():
            progress(f"{name} stays as it is: learning it takes {LEAST} labels on each side")
    return found


def _parts(labels: Corpus, targets: Sequence[NDArray[np.float32]], progress: Progress) -> NDArray[np.int8]:
    """Return for each of N labels whether it teaches (0), is held back (1) or is left out."""
    part = split(labels, _SHARES)
    if all(enough(truth[part == 1], _LEAST_HELD) and enough(truth[part == 0], _LEAST_HELD) for truth in targets):
        return part
    progress("held back by text alone: too few labels differ in time, article and author")
    by_text: NDArray[np.int8] = (folds(labels.texts, round(1 / _SHARES[1])) == 0).astype(np.int8)
    return by_text


def replayed(data: Path | None) -> Corpus:
    """Return the old comments that a bundle must go on scoring as it does."""
    ours = counterfactual_corpus(0).rows(np.arange(_OURS))
    if data is None:
        return ours
    public = read_training_table(data, 0)
    chosen = np.random.default_rng(0).choice(len(public), min(_PUBLIC, len(public)), replace=False)
    return joined([ours, public.rows(np.sort(chosen))])


def _gain(
    truth: NDArray[np.bool_], before: NDArray[np.float32], after: NDArray[np.float32], prevalence: float
) -> dict[str, float]:
    """Measure the change on the labels that were held back."""
    if truth.all() or not truth.any():
        return {"held_back": len(truth)}
    weights = natural_weights(truth, prevalence)
    return {
        "held_back": len(truth),
        "recall_10_before": round(recall_reviewed(truth, before, weights, 0.1), 3),
        "recall_10_after": round(recall_reviewed(truth, after, weights, 0.1), 3),
    }


def _noise(known: Student, name: str, truth: NDArray[np.float32], labels: Corpus) -> float:
    """Estimate what share of the labels is wrong; those held back are too few to estimate it on alone."""
    chosen = np.flatnonzero(np.isfinite(truth))
    if len(chosen) > _JUDGED:
        chosen = np.sort(np.random.default_rng(0).choice(chosen, _JUDGED, replace=False))
    fold = folds([labels.texts[i] for i in chosen], FOLDS)
    odds = known.rows(chosen).odds_out_of_fold(name, truth[chosen], labels.weights[chosen], fold)
    return round(estimate_noise(truth[chosen], probabilities(truth[chosen], odds)).share, 3)


def _sentence(about: Mapping[str, float]) -> str:
    """Say what teaching has gained on the labels that were held back."""
    noise = f"about {about['label_noise']:.0%} of the labels contradict what the others teach"
    if "recall_10_after" not in about:
        return f"{about['held_back']} labels were held back, too few to tell what was gained; {noise}"
    return (
        f"of {about['held_back']} labels that were held back, recall at 10 % reviewed "
        f"{about['recall_10_before']:.2f} before, {about['recall_10_after']:.2f} after; {noise}"
    )
