"""Measure a bundle on a newsroom's own labels."""

import numpy as np

from model.attributes import ABUSE
from model.records import Comment
from model.scorer import Scorer
from training.corpus.corpus import Corpus
from training.corpus.newsroom_labels import representative_decisions
from training.corpus.scoring import score_columns
from training.evaluation.benign import benign_flags
from training.evaluation.bundle import ATTACKED_SHARE, LIMIT, Progress, disturbed, now, part, speed
from training.evaluation.fairness import bias
from training.evaluation.metrics import CAPACITY, Floats, detection
from training.evaluation.result import Evaluation


def evaluate_labels(
    scorer: Scorer,
    corpus: Corpus,
    name: str = "your labels",
    n: int = LIMIT,
    progress: Progress = lambda _: None,
    *,
    capacity: float = CAPACITY,
) -> Evaluation:
    """Measure a bundle on a newsroom's own labels.

    Moderators' removals are held against `likely_to_reject` where the bundle
    models it, and against `toxicity` otherwise: what was removed for other
    reasons than abuse shows as missed there. What was drawn at random tells
    of all comments; see `training.corpus.newsroom_labels.representative_decisions`.

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
        Is told what is measured next.
    capacity
        Share of all comments that one shift can read.
    """
    if len(corpus) > n:
        corpus = corpus.rows(np.sort(np.random.default_rng(0).choice(len(corpus), n, replace=False)))
    progress(f"{name}: {len(corpus)} comments")
    verdict = "likely_to_reject" if "likely_to_reject" in scorer.manifest.attributes else "toxicity"
    scores = score_columns(scorer, [Comment(text) for text in corpus.texts], {*ABUSE, verdict})
    thresholds = scorer.manifest.thresholds
    decided, seen = representative_decisions(corpus)
    columns: list[tuple[str, str, Floats, float | None]] = [
        (attribute, attribute, corpus.labels[:, i], None) for i, attribute in enumerate(ABUSE)
    ]
    if decided.any():
        # What moderators decided on is what they saw: without more, its share is theirs, not nature's.
        share = float(corpus.removed[decided].mean())
        columns.append(("removed", verdict, np.where(decided, corpus.removed, np.nan), share))
    measured = [
        detection(
            name,
            column,
            attribute,
            labels,
            scores.by_attribute[attribute],
            thresholds.get(attribute),
            share,
            capacity=capacity,
            seen=seen if column == "removed" else None,
            natural=column == "removed" and seen is not None,
        )
        for column, attribute, labels, share in columns
        if attribute in scores.by_attribute
    ]
    toxicity = corpus.labels[:, ABUSE.index("toxicity")]
    abusive = [text for text, label in zip(corpus.texts, toxicity, strict=True) if label >= 0.5]
    robust, faithful = disturbed(scorer, abusive[: part(n, ATTACKED_SHARE)], progress)
    found = (
        bias(name, "toxicity", corpus.texts, toxicity, scores.by_attribute["toxicity"])
        if "toxicity" in scores.by_attribute
        else None
    )
    return Evaluation(
        tier=scorer.manifest.tier,
        version=scorer.manifest.version,
        data=name,
        measured_at=now(),
        limit=n,
        detections=tuple(d for d in measured if d),
        bias=(found,) if found else (),
        robustness=robust,
        faithfulness=faithful,
        benign=benign_flags(scorer),
        speed=speed(scorer, corpus.texts),
    )
