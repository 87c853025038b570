"""How far a bundle agrees with the words that raters marked, and with other scorers."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from model.attributes import ABUSE
from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.dev_sets import AGREEMENT, SPANS, read_dev_set
from training.corpus.scoring import score_columns
from training.evaluation.metrics import character_f1


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Mean F1 of the characters that raters marked, over the posts of a set."""

    dataset: str
    rows: int
    f1: float


@dataclass(frozen=True, slots=True)
class ScoreAgreement:
    """Rank correlation (Spearman) with another scorer's scores."""

    dataset: str
    column: str
    attribute: str
    rows: int
    spearman: float


def span_agreement(scorer: Scorer, folder: Path, n: int) -> tuple[SpanAgreement, ...]:
    """Compare the spans of at most `n` posts with what raters marked."""
    table = read_dev_set(folder, SPANS, n)
    if table is None:
        return ()
    found = score_columns(scorer, _comments(table), ABUSE, spans=True).spans
    f1 = [
        character_f1(set(json.loads(gold)), {i for span in spans for i in range(span.start, span.end)})
        for gold, spans in zip(table["spans"], found, strict=True)
    ]
    return (SpanAgreement(SPANS, len(f1), float(np.mean(f1))),)


def score_agreement(scorer: Scorer, folder: Path, n: int) -> tuple[ScoreAgreement, ...]:
    """Rank at most `n` comments of each set beside the scores that others gave them."""
    found = []
    for name, columns in AGREEMENT.items():
        table = read_dev_set(folder, name, n)
        if table is None:
            continue
        scores = score_columns(scorer, _comments(table), set(columns.values()))
        for column, attribute in columns.items():
            if column in table and attribute in scores.by_attribute:
                ours = pd.Series(scores.by_attribute[attribute])
                rank = ours.corr(table[column], method="spearman")
                found.append(ScoreAgreement(name, column, attribute, int(ours.notna().sum()), float(rank)))
    return tuple(found)


def _comments(table: pd.DataFrame) -> list[Comment]:
    """Return a dev set's texts as comments."""
    return [Comment(text) for text in table["text"]]
