"""Whether a comment is found nearer to its own article than to others."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.dev_sets import RelevancePairs, off_topic_labels, read_relevance
from training.corpus.scoring import score_columns
from training.evaluation.metrics import Detection, Floats, LabelColumn, detection, roc_auc
from training.progress import Progress

#: Comments of each source, for each row of the limit: each is scored against several articles.
_PAIRED_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class RelevanceMeasure:
    """One source of articles: a comment's own article against others.

    Attributes
    ----------
    source
        Whose articles and comments.
    comments
        How many comments were scored.
    random_auc
        How often the own article is found nearer than a random other one.
    similar_auc
        The same against the most similar other one.
    """

    source: str
    comments: int
    random_auc: float
    similar_auc: float


def own_articles(
    scorer: Scorer, folder: Path, n: int, progress: Progress, *, capacity: float
) -> tuple[tuple[RelevanceMeasure, ...], tuple[Detection, ...]]:
    """Compare comments with their own article, random others and the most similar other.

    Parameters
    ----------
    scorer
        The bundle; one that knows no relevance measures nothing.
    folder
        The training data; without pairs in it, nothing is measured.
    n
        Rows of each set: in proportion, fewer comments of each source are paired.
    progress
        Called with what is measured next.
    capacity
        Share of all comments that one shift can read.

    Returns
    -------
    The measures by source, and how well `off_topic` finds the random others.
    """
    if "off_topic" not in scorer.manifest.attributes:
        return (), ()
    found, detections = [], []
    for pairs in read_relevance(folder, max(10, round(n * _PAIRED_SHARE))):
        progress(f"{pairs.source}: {len(pairs.table)} comments with an article")
        off_topic = _score_pairs(scorer, pairs)
        aucs = []
        for kind in ("easy", "hard"):
            labels = off_topic_labels(pairs, kind)
            known = np.isfinite(labels) & np.isfinite(off_topic)
            aucs.append(roc_auc(labels[known] >= 0.5, off_topic[known]))
        found.append(RelevanceMeasure(pairs.source, pairs.table["comment_id"].nunique(), *aucs))
        asked = LabelColumn(pairs.source, "random article", "off_topic", off_topic_labels(pairs, "easy"))
        threshold = scorer.manifest.thresholds.get("off_topic")
        detections.append(detection(asked, off_topic, threshold, capacity=capacity))
    return tuple(found), tuple(measured for measured in detections if measured)


def _score_pairs(scorer: Scorer, pairs: RelevancePairs) -> Floats:
    """Score how far each comment is off the topic of the article beside it."""
    comments = [Comment(row.text, article_id=row.article_id) for row in pairs.table.itertuples()]
    return score_columns(scorer, comments, ["off_topic"], articles=pairs.articles).by_attribute["off_topic"]
