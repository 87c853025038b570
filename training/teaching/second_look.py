"""Which of a newsroom's own labels deserve a second look, by what the others teach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model.attributes import ABUSE, REJECT
from model.bundling.manifest import open_bundle
from training.corpus.corpus import Corpus
from training.corpus.splits import folds
from training.fitting.heads import LEAST
from training.progress import Progress
from training.teaching.noise import estimate_noise, probabilities
from training.teaching.refit import FOLDS, teachable
from training.teaching.student import read_student


@dataclass(frozen=True, slots=True)
class SuspectLabel:
    """A label that is probably wrong.

    Attributes
    ----------
    row
        Of the corpus.
    attribute
        What was labelled; `likely_to_reject` of a decision.
    label
        What it says: 1 or 0.
    probability
        That the contrary is right, according to a bundle that was taught the others.
    """

    row: int
    attribute: str
    label: int
    probability: float


def second_look(base: Path, labels: Corpus, progress: Progress) -> tuple[list[SuspectLabel], dict[str, float]]:
    """Find the labels that contradict what the others teach.

    Five times, the bundle is taught four fifths of the labels and judges the
    last fifth; near-duplicates stay together. From these out-of-fold scores,
    `training.teaching.noise` finds the labels that are probably wrong.

    Parameters
    ----------
    base
        A bundle that has not learnt from these labels.
    labels
        The newsroom's own.
    progress
        Called with each line of progress.

    Returns
    -------
    tuple
        The suspects, the likeliest mistake first, and for each attribute the
        share of its labels that is probably wrong.
    """
    bundle = open_bundle(base)
    named = teachable(labels, progress)
    if not named:
        progress(f"it takes {LEAST} labels on each side to tell which are wrong")
        return [], {}
    nothing = labels.rows(np.arange(0))
    student = read_student(bundle, labels, nothing, progress, teaches_reject=REJECT in named)
    fold = folds(labels.texts, FOLDS)
    suspects: list[SuspectLabel] = []
    shares = {}
    for name, truth in named.items():
        known = np.flatnonzero(np.isfinite(truth))
        progress(f"{name}: {len(known)} labels, in {FOLDS} parts, each judged by the rest")
        odds = student.odds_out_of_fold(name, truth, labels.weights, fold)[known]
        probable = probabilities(truth[known], odds)
        noise = estimate_noise(truth[known], probable)
        shares[name] = noise.share
        given = truth[known] >= 0.5
        suspects += [
            SuspectLabel(int(known[i]), name, int(given[i]), float(1 - probable[i] if given[i] else probable[i]))
            for i in noise.rows
        ]
    return sorted(suspects, key=lambda suspect: -suspect.probability), shares


def as_rows(suspects: Sequence[SuspectLabel], labels: Corpus) -> Iterator[dict[str, Any]]:
    """Yield the suspects as rows of JSON, with the comment and where it is from."""
    for suspect in suspects:
        known: Mapping[str, Any] = labels.known.iloc[suspect.row]
        yield {
            "comment_id": known["comment_id"],
            "file": known["file"],
            "row": None if known["row"] is None else int(known["row"]),
            "attribute": suspect.attribute,
            "label": label_text(suspect),
            "probability": round(suspect.probability, 4),
            "text": labels.texts[suspect.row],
        }


def label_text(suspect: SuspectLabel) -> str | int:
    """Return what the label says, in the words in which it was given."""
    return suspect.label if suspect.attribute in ABUSE else ("kept", "removed")[suspect.label]
