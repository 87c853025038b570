"""How fast a bundle scores on this machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from model.attributes import ABUSE
from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.scoring import score_columns

#: Comments that are timed.
_TIMED = 200


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast comments of `characters` in the mean were scored, spans left out."""

    comments: int
    characters: float
    per_second: float


def speed(scorer: Scorer, texts: Sequence[str]) -> Speed | None:
    """Time how fast a bundle scores some comments; None if there are none."""
    texts = texts[:_TIMED]
    if not texts:
        return None
    started = perf_counter()
    score_columns(scorer, [Comment(text) for text in texts], ABUSE)
    seconds = max(perf_counter() - started, 1e-9)
    return Speed(len(texts), float(np.mean([len(text) for text in texts])), len(texts) / seconds)
