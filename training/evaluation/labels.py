"""Measure a bundle on a newsroom's own labels."""

from collections.abc import Collection, Iterator

import numpy as np

from model.attributes import ABUSE, REJECT
from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.corpus import Corpus
from training.corpus.newsroom_labels import representative_decisions
from training.corpus.scoring import ScoreColumns, score_columns
from training.evaluation.fairness import Bias, bias
from training.evaluation.metrics import CAPACITY, Detection, LabelColumn, detection
from training.evaluation.result import LIMIT, Evaluation, now
from training.evaluation.robustness import attacked, disturbances
from training.evaluation.sentences.benign import benign_flags
from training.evaluation.sentences.functions import function_flags
from training.evaluation.speed import speed
from training.progress import Progress, silent

_TOXICITY = ABUSE.index("toxicity")


def evaluate_labels(
    scorer: Scorer,
    corpus: Corpus,
    name: str = "your labels",
    n: int = LIMIT,
    progress: Progress = silent,
    *,
    capacity: float = CAPACITY,
) -> Evaluation:
    """Measure a bundle on a newsroom's own labels.

    Moderators' removals are held against `likely_to_reject` where the bundle
    models it, and against `toxicity` otherwise: what was removed for other
    reasons than abuse shows as missed there. What was drawn at random tells
    of all comments; see `representative_decisions`.

    Parameters
    ----------
    scorer
        From `load_bundle`.
    corpus
        The labels; comments that nobody reviewed tell nothing.
    name
        What to call them.
    n
        At most so many rows.
    progress
        Called with what is measured next.
    capacity
        Share of all comments that one shift can read.
    """
    if len(corpus) > n:
        corpus = corpus.rows(np.sort(np.random.default_rng(0).choice(len(corpus), n, replace=False)))
    progress(f"{name}: {len(corpus)} comments")
    verdict = REJECT if REJECT in scorer.manifest.attributes else "toxicity"
    columns = list(_columns(corpus, name, verdict))
    scores = score_columns(scorer, [Comment(text) for text in corpus.texts], {*ABUSE, verdict})
    robust, faithful = disturbances(scorer, _abusive(corpus)[: attacked(n)], progress)
    return Evaluation(
        tier=scorer.manifest.tier,
        version=scorer.manifest.version,
        data=name,
        measured_at=now(),
        limit=n,
        detections=_detections(scorer, columns, scores, capacity),
        bias=_bias(name, corpus, scores),
        robustness=robust,
        faithfulness=faithful,
        benign=benign_flags(scorer),
        functions=function_flags(scorer),
        speed=speed(scorer, corpus.texts),
    )


def _columns(corpus: Corpus, name: str, verdict: str) -> Iterator[LabelColumn]:
    """Yield what raters said of each attribute, and what moderators decided."""
    for i, attribute in enumerate(ABUSE):
        yield LabelColumn(name, attribute, attribute, corpus.labels[:, i])
    decided, seen = representative_decisions(corpus)
    if decided.any():
        yield LabelColumn(
            name,
            "removed",
            verdict,
            np.where(decided, corpus.removed, np.nan),
            # What moderators decided on is what they saw: without more, its share is theirs, not nature's.
            prevalence=float(corpus.removed[decided].mean()),
            seen=seen,
            natural=seen is not None,
        )


def _detections(
    scorer: Scorer, columns: Collection[LabelColumn], scores: ScoreColumns, capacity: float
) -> tuple[Detection, ...]:
    """Measure how well each attribute with labels is detected."""
    thresholds = scorer.manifest.thresholds
    measured = [
        detection(asked, scores.by_attribute[asked.attribute], thresholds.get(asked.attribute), capacity=capacity)
        for asked in columns
        if asked.attribute in scores.by_attribute
    ]
    return tuple(d for d in measured if d)


def _bias(name: str, corpus: Corpus, scores: ScoreColumns) -> tuple[Bias, ...]:
    """Measure unintended bias on one's own labels; nothing where toxicity is not scored."""
    if "toxicity" not in scores.by_attribute:
        return ()
    found = bias(name, "toxicity", corpus.texts, corpus.labels[:, _TOXICITY], scores.by_attribute["toxicity"])
    return (found,) if found else ()


def _abusive(corpus: Corpus) -> list[str]:
    """Return the texts that are labelled as toxic."""
    return [text for text, label in zip(corpus.texts, corpus.labels[:, _TOXICITY], strict=True) if label >= 0.5]
