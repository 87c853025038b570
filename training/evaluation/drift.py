"""Whether what comes in has changed: the labels of one period against those of another."""

from pathlib import Path

import numpy as np

from model.attributes import ABUSE, REJECT
from model.records import Comment
from model.scoring.loading import load_bundle
from model.watching.drift import Share, Signal, score_drift, share_drift, unknown_words
from training.corpus.corpus import Corpus
from training.corpus.scoring import score_columns
from training.progress import Progress


def drift(bundle: Path, reference: Corpus, current: Corpus, n: int, progress: Progress) -> tuple[Signal, ...]:
    """Compare scores, words, removals and agreement, on at most `n` comments of each period.

    A flag agrees if the moderators removed the comment that any score
    flagged; what nobody reviewed tells of scores and words alone.
    """
    scorer = load_bundle(bundle)
    words = frozenset((bundle / "words.txt").read_text().split())
    times = [_some(corpus, n) for corpus in (reference, current)]
    attributes = [name for name in scorer.manifest.attributes if name in (*ABUSE, REJECT)]
    scores, flags = [], []
    for name, corpus in zip(("then", "now"), times, strict=True):
        progress(f"{name}: {len(corpus)} comments")
        found = score_columns(scorer, [Comment(text) for text in corpus.texts], attributes).by_attribute
        scores.append(found)
        thresholds = scorer.manifest.thresholds
        flags.append(np.any([found[name] >= thresholds.get(name, np.inf) for name in attributes], axis=0))
    then, now = scores
    signals = [
        score_drift(name, then[name][np.isfinite(then[name])], now[name][np.isfinite(now[name])]) for name in attributes
    ]
    signals.append(share_drift("words", *(unknown_words(corpus.texts, words) for corpus in times)))
    signals.append(share_drift("removed", *(_removed(corpus.removed) for corpus in times)))
    signals.append(
        share_drift("agreement", *(_removed(c.removed[flagged]) for c, flagged in zip(times, flags, strict=True)))
    )
    return tuple(signals)


def _some(corpus: Corpus, n: int) -> Corpus:
    """Return so many rows of a corpus at most, always the same."""
    if len(corpus) <= n:
        return corpus
    return corpus.rows(np.sort(np.random.default_rng(0).choice(len(corpus), n, replace=False)))


def _removed(verdicts: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> Share:
    """Count the removed among the verdicts."""
    return Share(int((verdicts == 1).sum()), int(np.isfinite(verdicts).sum()))
