"""Measure a bundle on the labelled sets."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from model.attributes import ABUSE
from model.records import Comment
from model.scorer import Scorer
from training.corpus.dev_sets import (
    AGREEMENT,
    ATTACKED,
    BIAS,
    LABELS,
    NATURAL,
    SPANS,
    RelevancePairs,
    dev_folder,
    off_topic_labels,
    read_dev_set,
    read_relevance,
)
from training.corpus.scoring import Scored, score_columns
from training.evaluation.benign import benign_flags
from training.evaluation.fairness import Bias, bias
from training.evaluation.metrics import CAPACITY, Detection, Floats, character_f1, detection, roc_auc
from training.evaluation.result import Agreement, Evaluation, RelevanceMeasure, SpanAgreement, Speed
from training.evaluation.robustness import Faithfulness, Robustness, faithfulness, robustness

Progress = Callable[[str], None]

LIMIT = 2000
#: Abusive comments that are attacked, and comments of each source of
#: relevance, for each row of the limit: each is scored a dozen times.
ATTACKED_SHARE = 0.1
_PAIRED_SHARE = 0.15
#: Comments that the clock is held to.
_TIMED = 200


def evaluate_bundle(
    scorer: Scorer,
    folder: Path,
    n: int = LIMIT,
    progress: Progress = lambda _: None,
    *,
    capacity: float = CAPACITY,
) -> Evaluation:
    """Measure a bundle on the labelled sets of the data folder.

    Parameters
    ----------
    scorer
        From `load_bundle`.
    folder
        With `abuse/dev` and `relevance`; a set that it lacks is left out.
    n
        At most so many rows of each set.
    progress
        Is told what is measured next.
    capacity
        Share of all comments that one shift can read.
    """
    dev_folder(folder)
    detections: list[Detection] = []
    biases: list[Bias] = []
    for name, columns in LABELS.items():
        # Sentences made from few templates and many names: short, and many to a term.
        table = read_dev_set(folder, name, 3 * n if name == "identity_madlibs" else n)
        if table is None:
            continue
        progress(f"{name}: {len(table)} comments")
        scores = _score_table(scorer, table, set(columns.values()))
        detections += _detections(scorer, name, columns, table, scores, capacity)
        if name in BIAS and "toxicity" in scores.by_attribute:
            measured = bias(
                name, "toxicity", table["text"].tolist(), table["toxicity"].to_numpy(), scores.by_attribute["toxicity"]
            )
            biases += [measured] if measured else []
    relevance, off_topic = _relevance(scorer, folder, n, progress, capacity)
    abusive = _abusive(folder, n)
    robust, faithful = disturbed(scorer, abusive, progress)
    progress("spans and agreement")
    return Evaluation(
        tier=scorer.manifest.tier,
        version=scorer.manifest.version,
        data="the dev sets of the training data",
        measured_at=now(),
        limit=n,
        detections=(*detections, *off_topic),
        relevance=tuple(relevance),
        spans=_span_agreement(scorer, folder, n),
        agreement=_agreement(scorer, folder, n),
        bias=tuple(biases),
        robustness=robust,
        faithfulness=faithful,
        benign=benign_flags(scorer),
        speed=speed(scorer, abusive),
    )


def speed(scorer: Scorer, texts: Sequence[str]) -> Speed | None:
    """Time some comments; None if there are none."""
    texts = texts[:_TIMED]
    if not texts:
        return None
    started = perf_counter()
    score_columns(scorer, [Comment(text) for text in texts], ABUSE)
    seconds = max(perf_counter() - started, 1e-9)
    return Speed(len(texts), float(np.mean([len(text) for text in texts])), len(texts) / seconds)


def _detections(
    scorer: Scorer, name: str, columns: Mapping[str, str], table: pd.DataFrame, scores: Scored, capacity: float
) -> list[Detection]:
    thresholds = scorer.manifest.thresholds
    measured = [
        detection(
            name,
            column,
            attribute,
            table[column].to_numpy(float),
            scores.by_attribute[attribute],
            thresholds.get(attribute),
            capacity=capacity,
            natural=name in NATURAL,
        )
        for column, attribute in columns.items()
        if column in table and attribute in scores.by_attribute
    ]
    return [d for d in measured if d]


def _relevance(
    scorer: Scorer, folder: Path, n: int, progress: Progress, capacity: float
) -> tuple[list[RelevanceMeasure], list[Detection]]:
    found, detections = [], []
    for pairs in read_relevance(folder, part(n, _PAIRED_SHARE)) if "off_topic" in scorer.manifest.attributes else []:
        progress(f"{pairs.source}: {len(pairs.table)} comments with an article")
        off_topic = _score_pairs(scorer, pairs)
        aucs = []
        for kind in ("easy", "hard"):
            labels = off_topic_labels(pairs, kind)
            known = np.isfinite(labels) & np.isfinite(off_topic)
            aucs.append(roc_auc(labels[known] >= 0.5, off_topic[known]))
        found.append(RelevanceMeasure(pairs.source, pairs.table["comment_id"].nunique(), *aucs))
        measured = detection(
            pairs.source,
            "random article",
            "off_topic",
            off_topic_labels(pairs, "easy"),
            off_topic,
            scorer.manifest.thresholds.get("off_topic"),
            capacity=capacity,
        )
        detections += [measured] if measured else []
    return found, detections


def _score_pairs(scorer: Scorer, pairs: RelevancePairs) -> Floats:
    comments = [Comment(row.text, article_id=row.article_id) for row in pairs.table.itertuples()]
    return score_columns(scorer, comments, ["off_topic"], articles=pairs.articles).by_attribute["off_topic"]


def _abusive(folder: Path, n: int) -> list[str]:
    found = []
    for name in ATTACKED:
        table = read_dev_set(folder, name, sys.maxsize)
        if table is not None:
            found.append(table["text"][table["toxicity"] >= 0.5])
    if not found:
        return []
    abusive = pd.concat(found)
    chosen: list[str] = abusive.sample(min(len(abusive), part(n, ATTACKED_SHARE)), random_state=0).tolist()
    return chosen


def disturbed(
    scorer: Scorer, abusive: Sequence[str], progress: Progress
) -> tuple[tuple[Robustness, ...], Faithfulness | None]:
    """Attack abusive comments, and take their spans out."""
    if not abusive or "toxicity" not in scorer.manifest.attributes:
        return (), None
    progress(f"attacks on {len(abusive)} abusive comments")
    spans = score_columns(scorer, [Comment(text) for text in abusive], ["toxicity"], spans=True).spans
    return robustness(scorer, abusive), faithfulness(scorer, abusive, spans)


def _span_agreement(scorer: Scorer, folder: Path, n: int) -> tuple[SpanAgreement, ...]:
    table = read_dev_set(folder, SPANS, n)
    if table is None:
        return ()
    found = score_columns(scorer, _comments(table), ABUSE, spans=True).spans
    f1 = [
        character_f1(set(json.loads(gold)), {i for span in spans for i in range(span.start, span.end)})
        for gold, spans in zip(table["spans"], found, strict=True)
    ]
    return (SpanAgreement(SPANS, len(f1), float(np.mean(f1))),)


def _agreement(scorer: Scorer, folder: Path, n: int) -> tuple[Agreement, ...]:
    found = []
    for name, columns in AGREEMENT.items():
        table = read_dev_set(folder, name, n)
        if table is None:
            continue
        scores = _score_table(scorer, table, set(columns.values()))
        for column, attribute in columns.items():
            if column in table and attribute in scores.by_attribute:
                ours = pd.Series(scores.by_attribute[attribute])
                rank = ours.corr(table[column], method="spearman")
                found.append(Agreement(name, column, attribute, int(ours.notna().sum()), float(rank)))
    return tuple(found)


def _score_table(scorer: Scorer, table: pd.DataFrame, attributes: set[str]) -> Scored:
    return score_columns(scorer, _comments(table), attributes)


def _comments(table: pd.DataFrame) -> list[Comment]:
    return [Comment(text) for text in table["text"]]


def part(n: int, share: float) -> int:
    """Tell how many of a set are enough for what costs much."""
    return max(10, round(n * share))


def now() -> str:
    """Give the time as it is written into evaluations."""
    return datetime.now(UTC).isoformat(timespec="seconds")
