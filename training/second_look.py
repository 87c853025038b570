"""Which of a newsroom's own labels deserve a second look, by what the others teach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from model.attributes import ABUSE
from model.bundle import verify
from training.corpus import Corpus, joined
from training.features import Progress
from training.head_fit import LEAST
from training.noise import estimate_noise
from training.pupil import Pupil, read_pupil
from training.refit import replayed, teachable
from training.reject_head import REJECT, house_mix
from training.splits import folds

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Doubt:
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
        That the contrary is right, by a bundle that was taught the others.
    """

    row: int
    attribute: str
    label: int
    probability: float


def second_look(
    base: Path, labels: Corpus, progress: Progress, data: Path | None = None
) -> tuple[list[Doubt], dict[str, float]]:
    """Find the labels that contradict what the others teach.

    Five times, the bundle is taught four fifths of the labels as `training
    fit --labels` does, and judges the last fifth; what is nearly the same is
    in one of them. From these out-of-fold scores, `training.noise` tells.

    Parameters
    ----------
    base
        A bundle that has not learnt from these labels.
    labels
        The newsroom's own.
    progress
        Is told how far it is.
    data
        The public training data, as for `training.refit.refit`.

    Returns
    -------
    tuple
        The doubts, the likeliest mistake first, and for each attribute the
        share of its labels that is probably wrong.
    """
    manifest = verify(base)
    named = teachable(labels, progress)
    if not named:
        progress(f"{LEAST} labels on either side are needed to tell which are wrong")
        return [], {}
    old = replayed(data)
    pupil, _ = read_pupil(base, manifest, [*labels.texts, *old.texts], progress, house=REJECT in named)
    counts = joined([labels, old]).weights
    fold = folds(labels.texts, _FOLDS)
    doubts: list[Doubt] = []
    shares = {}
    for name, truth in named.items():
        known = np.flatnonzero(np.isfinite(truth))
        odds = _out_of_fold(pupil, name, truth, counts, fold, progress)[known]
        given = truth[known] >= 0.5
        probable = LogisticRegression().fit(odds[:, None], given).predict_proba(odds[:, None])[:, 1]
        noise = estimate_noise(truth[known], probable)
        shares[name] = noise.share
        doubts += [
            Doubt(int(known[i]), name, int(given[i]), float(1 - probable[i] if given[i] else probable[i]))
            for i in noise.rows
        ]
    return sorted(doubts, key=lambda doubt: -doubt.probability), shares


def rows_of(doubts: Sequence[Doubt], labels: Corpus) -> Iterator[dict[str, Any]]:
    """Give the doubts as rows of JSON, with the comment and where it is from."""
    for doubt in doubts:
        known: Mapping[str, Any] = labels.known.iloc[doubt.row]
        yield {
            "comment_id": known["comment_id"],
            "file": known["file"],
            "row": None if known["row"] is None else int(known["row"]),
            "attribute": doubt.attribute,
            "label": said(doubt),
            "probability": round(doubt.probability, 4),
            "text": labels.texts[doubt.row],
        }


def said(doubt: Doubt) -> str | int:
    """Tell what the label says, in the words in which it was given."""
    return doubt.label if doubt.attribute in ABUSE else ("kept", "removed")[doubt.label]


def _out_of_fold(
    pupil: Pupil,
    name: str,
    truth: NDArray[np.float32],
    counts: NDArray[np.float32],
    fold: NDArray[np.int8],
    progress: Progress,
) -> NDArray[np.float32]:
    """Give N log-odds, each by a bundle that was not taught that label."""
    odds = np.empty(len(truth), np.float32)
    # Of decisions, a bundle that never saw any has no head yet.
    mix = None if name in pupil.heads.names else house_mix(pupil.features.shape[1])
    for number in range(_FOLDS):
        taught = pupil.taught(name, truth, counts, fold != number)
        found = taught.odds(name) if mix is None else taught.features @ mix
        judged = np.flatnonzero(fold == number)
        odds[judged] = found[judged]
        progress(f"{name}: {number + 1} of {_FOLDS} parts judged by the others")
    return odds
