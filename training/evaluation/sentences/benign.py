"""Harmless sentences that no moderator should see, and how many of them are flagged.

They are ours, in ``data/benign_sentences.json``, and nothing is fitted to
them: names and places that hold a rude word, dialects, people who speak of
themselves, hate that is quoted and condemned, news of violence.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.attributes import ABUSE
from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.scoring import score_columns

_FILE = Path(__file__).parents[2] / "data" / "benign_sentences.json"


@dataclass(frozen=True, slots=True)
class BenignFlags:
    """Sentences of one kind, and the share of them that any abuse attribute flags."""

    kind: str
    rows: int
    flagged: float
    mean_toxicity: float


def benign_sentences() -> Mapping[str, list[str]]:
    """Return the sentences by kind."""
    found: dict[str, list[str]] = json.loads(_FILE.read_text())["sentences"]
    return found


def benign_flags(scorer: Scorer) -> tuple[BenignFlags, ...]:
    """Count flags at the shipped thresholds; none are counted for a bundle without a toxicity score."""
    thresholds = scorer.manifest.thresholds
    found = []
    for kind, sentences in benign_sentences().items():
        scores = score_columns(scorer, [Comment(text) for text in sentences], ABUSE).by_attribute
        if "toxicity" not in scores:
            return ()
        flags = [column >= thresholds.get(name, np.inf) for name, column in scores.items()]
        found.append(
            BenignFlags(kind, len(sentences), float(np.any(flags, axis=0).mean()), float(scores["toxicity"].mean()))
        )
    return tuple(found)
