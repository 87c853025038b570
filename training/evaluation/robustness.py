"""Whether a disguised insult keeps its score, and whether its spans made the score."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.records import Comment, Span
from model.scoring.scorer import Scorer
from training.corpus.scoring import score_columns, toxicity
from training.evaluation.sentences.attacks import ATTACKS
from training.progress import Progress

#: Abusive comments that are attacked, for each row of the limit: each is scored a dozen times.
_ATTACKED_SHARE = 0.1
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Robustness:
    """What an attack on every word leaves of the toxicity of abusive comments.

    Attributes
    ----------
    attack
        Its name in `training.evaluation.sentences.attacks`.
    rows
        Comments that were attacked.
    kept
        Median of the score after the attack, by the score before.
    still_flagged
        Share of the comments flagged before that are flagged after; None
        where none was, or where the bundle has no threshold.
    """

    attack: str
    rows: int
    kept: float
    still_flagged: float | None


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Whether the words that are shown are the words that made the score.

    Attributes
    ----------
    rows
        Abusive comments with spans, and with words beside them.
    score
        Mean toxicity as written.
    drop
        How far it falls on average when the spans are cut out.
    random_drop
        The same when as many other words, drawn at random, are cut out.
    """

    rows: int
    score: float
    drop: float
    random_drop: float


def attacked(n: int) -> int:
    """Return how many abusive comments are attacked where `n` rows of each set are measured."""
    return max(10, round(n * _ATTACKED_SHARE))


def disturbances(
    scorer: Scorer, abusive: Sequence[str], progress: Progress
) -> tuple[tuple[Robustness, ...], Faithfulness | None]:
    """Attack abusive comments, and take their spans out."""
    if not abusive or "toxicity" not in scorer.manifest.attributes:
        return (), None
    progress(f"attacks on {len(abusive)} abusive comments")
    spans = score_columns(scorer, [Comment(text) for text in abusive], ["toxicity"], spans=True).spans
    return robustness(scorer, abusive), faithfulness(scorer, abusive, spans)


def robustness(scorer: Scorer, texts: Sequence[str], seed: int = 0) -> tuple[Robustness, ...]:
    """Attack abusive comments in every way we know."""
    threshold = scorer.manifest.thresholds.get("toxicity", np.inf)
    before = toxicity(scorer, texts)
    found = []
    for name, attack in ATTACKS.items():
        after = toxicity(scorer, [attack(text, random.Random(f"{seed}:{i}")) for i, text in enumerate(texts)])
        known = np.isfinite(before) & np.isfinite(after)
        if not known.any():
            continue
        flagged = known & (before >= threshold)
        found.append(
            Robustness(
                name,
                int(known.sum()),
                kept=float(np.median(after[known] / np.maximum(before[known], 1e-9))),
                still_flagged=float((after[flagged] >= threshold).mean()) if flagged.any() else None,
            )
        )
    return tuple(found)


def faithfulness(
    scorer: Scorer, texts: Sequence[str], spans: Sequence[Sequence[Span]], seed: int = 0
) -> Faithfulness | None:
    """Cut the spans of toxicity out of comments, and as many other words instead.

    Parameters
    ----------
    scorer
        What made the spans.
    texts
        N abusive comments.
    spans
        The spans of each; those of other attributes do not count.

    Returns
    -------
    None if no comment has both spans and words beside them.
    """
    whole, without, at_random = [], [], []
    rng = random.Random(seed)
    for text, found in zip(texts, spans, strict=True):
        shown = [(span.start, span.end) for span in found if span.attribute == "toxicity"]
        words = [match.span() for match in _WORD.finditer(text)]
        inside = [word for word in words if any(start < word[1] and word[0] < end for start, end in shown)]
        others = [word for word in words if word not in inside]
        # Where the spans are the most of a comment, there are no other words to compare with.
        if not inside or len(others) < len(inside):
            continue
        whole.append(text)
        without.append(_cut(text, shown))
        at_random.append(_cut(text, rng.sample(others, len(inside))))
    scores = np.stack([toxicity(scorer, part) for part in (whole, without, at_random)]) if whole else np.zeros((3, 0))
    scores = scores[:, np.isfinite(scores).all(axis=0)]
    if not scores.size:
        return None
    score, after, after_random = scores.mean(axis=1).tolist()
    return Faithfulness(scores.shape[1], score, drop=score - after, random_drop=score - after_random)


def _cut(text: str, parts: Sequence[tuple[int, int]]) -> str:
    """Cut marked spans out of a text."""
    for start, end in sorted(parts, reverse=True):
        text = text[:start] + " " + text[end:]
    return " ".join(text.split())
