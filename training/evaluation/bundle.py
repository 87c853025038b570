"""Measure a bundle on the labelled sets."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.data_folder import COLUMNS
from training.corpus.dev_sets import (
    ATTACKED,
    BIAS,
    JUDGED,
    LABELS,
    NATURAL,
    dev_folder,
    judged_sets,
    read_dev_set,
    read_judged,
    read_new_york,
)
from training.corpus.scoring import ScoreColumns, score_columns
from training.evaluation.agreement import score_agreement, span_agreement
from training.evaluation.clear_cases import ClearCases, clear_cases
from training.evaluation.fairness import Bias, bias
from training.evaluation.long_comments import civil_flags, hidden
from training.evaluation.metrics import CAPACITY, Detection, LabelColumn, detection
from training.evaluation.relevance import own_articles
from training.evaluation.result import LIMIT, Evaluation, now
from training.evaluation.robustness import attacked, disturbances
from training.evaluation.sentences.benign import benign_flags
from training.evaluation.sentences.functions import function_flags
from training.evaluation.speed import speed
from training.progress import Progress, silent


def evaluate_bundle(
    scorer: Scorer,
    folder: Path,
    n: int = LIMIT,
    progress: Progress = silent,
    *,
    capacity: float = CAPACITY,
) -> Evaluation:
    """Measure a bundle on the labelled sets of the data folder.

    Parameters
    ----------
    scorer
        From `load_bundle`.
    folder
        With `abuse/dev`, `relevance`, `house` and `annotated`; a set that it
        lacks is left out.
    n
        At most so many rows of each set.
    progress
        Called with what is measured next.
    capacity
        Share of all comments that one shift can read.
    """
    dev_folder(folder)
    task = _Task(scorer, folder, n, progress, capacity)
    clear, judged = task.judged()
    detections, biases = task.abuse()
    relevance, off_topic = own_articles(scorer, folder, n, progress, capacity=capacity)
    abusive = _abusive(folder, attacked(n))
    robust, faithful = disturbances(scorer, abusive, progress)
    with_care = [one for name in JUDGED if (one := read_judged(folder, name, n))]
    new_york = read_new_york(folder, n)
    lengths = civil_flags(scorer, [*with_care, *([new_york] if new_york else [])], progress)
    progress("spans and agreement")
    return Evaluation(
        tier=scorer.manifest.tier,
        version=scorer.manifest.version,
        data="the dev sets of the training data",
        measured_at=now(),
        limit=n,
        clear_cases=tuple(clear),
        detections=(*judged, *detections, *off_topic),
        relevance=relevance,
        spans=span_agreement(scorer, folder, n),
        agreement=score_agreement(scorer, folder, n),
        bias=tuple(biases),
        robustness=robust,
        hidden=hidden(scorer, with_care, n, progress),
        lengths=lengths,
        faithfulness=faithful,
        benign=benign_flags(scorer),
        functions=function_flags(scorer),
        speed=speed(scorer, abusive),
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be measured: see `evaluate_bundle`."""

    scorer: Scorer
    folder: Path
    n: int
    progress: Progress
    capacity: float

    def judged(self) -> tuple[list[ClearCases], list[Detection]]:
        """Measure the sets that were labelled with care."""
        clear: list[ClearCases] = []
        detections: list[Detection] = []
        for judged in judged_sets(self.folder, self.n, self.progress):
            self.progress(f"{judged.name}: {len(judged.comments)} comments")
            kinds = COLUMNS if "toxicity" in judged.sides else {}
            wanted = {*judged.sides, *kinds.values()}
            scores = score_columns(self.scorer, judged.comments, wanted, articles=judged.articles)
            for attribute, sides in judged.sides.items():
                if attribute in scores.by_attribute:
                    found = clear_cases(judged.name, attribute, sides, scores.by_attribute[attribute])
                    clear += [found] if found else []
            detections += self.detections(judged.name, kinds, judged.table, scores)
        return clear, detections

    def abuse(self) -> tuple[list[Detection], list[Bias]]:
        """Measure the abuse attributes on every set that is there."""
        detections: list[Detection] = []
        biases: list[Bias] = []
        for name, columns in LABELS.items():
            # Sentences made from few templates and many names: short, and many to a term.
            table = read_dev_set(self.folder, name, 3 * self.n if name == "identity_madlibs" else self.n)
            if table is None:
                continue
            self.progress(f"{name}: {len(table)} comments")
            scores = score_columns(self.scorer, [Comment(text) for text in table["text"]], set(columns.values()))
            detections += self.detections(name, columns, table, scores)
            if name in BIAS and "toxicity" in scores.by_attribute:
                texts, labels = table["text"].tolist(), table["toxicity"].to_numpy()
                measured = bias(name, "toxicity", texts, labels, scores.by_attribute["toxicity"])
                biases += [measured] if measured else []
        return detections, biases

    def detections(
        self, name: str, columns: Mapping[str, str], table: pd.DataFrame, scores: ScoreColumns
    ) -> Iterator[Detection]:
        """Measure each column of labels that the set has, and the bundle a score for."""
        thresholds = self.scorer.manifest.thresholds
        for column, attribute in columns.items():
            if column not in table or attribute not in scores.by_attribute:
                continue
            asked = LabelColumn(name, column, attribute, table[column].to_numpy(float), natural=name in NATURAL)
            found = detection(asked, scores.by_attribute[attribute], thresholds.get(attribute), capacity=self.capacity)
            if found:
                yield found


def _abusive(folder: Path, most: int) -> list[str]:
    """Return abusive texts of the dev sets, to attack and to mark."""
    tables = [table for name in ATTACKED if (table := read_dev_set(folder, name, sys.maxsize)) is not None]
    if not tables:
        return []
    abusive = pd.concat([table["text"][table["toxicity"] >= 0.5] for table in tables])
    chosen: list[str] = abusive.sample(min(len(abusive), most), random_state=0).tolist()
    return chosen
