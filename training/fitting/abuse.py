"""The abuse part of a bundle: n-grams, heads, and their scores of comments that nothing was taught."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.abuse import NgramWeights
from model.attributes import ABUSE
from model.heads import LinearHeads
from model.reading.pieces import Pieces
from training.corpus.corpus import Corpus
from training.fitting.features import abuse_features
from training.fitting.heads import PREVALENCE, calibrate, enough, fit_head, linear
from training.fitting.ngrams import fit_ngrams, stacked
from training.fitting.points import Judged
from training.progress import Progress

_NGRAM_BITS = 18
#: What an n-gram's sum counts beside the encoder's log-odds. Chosen on the dev
#: sets: the encoder was taught the very rows that the heads learn from, so
#: that a regression would trust it too much.
_NGRAMS_COUNT = 3.0
#: What insult's evidence counts for toxicity: what moderators remove below news is mostly that.
_INSULT_COUNTS = {"accurate": 0.5, "fast": 1.0}
#: What a label counts in what the n-grams learn, beside what the encoder says.
_LABEL = 0.5
#: What the fast tier's n-grams learn from the encoder alone. Of these, every source has another idea, and
#: the encoder a newspaper's.
_AS_ENCODED = ("toxicity", "insult")
#: Sources with comments as they come. The others were gathered for being
#: abusive, so that their zeros are rarer and harder than nature's.
_NATURAL = ("jigsaw_wiki", "civil_weak_aayan")
#: So many comments must be so for an attribute to be calibrated on those that came as they come, and on them alone.
_ENOUGH = 50
#: A label of the guide's that is no higher says that the comment is ordinary.
_ORDINARY = 0.2


@dataclass(frozen=True)
class AbuseRows:
    """N pieces of labelled comments with their texts as normalised and, N x A, the encoder's log-odds."""

    corpus: Corpus
    texts: list[str]
    odds: NDArray[np.float32]

    def chosen(self, rows: NDArray[np.bool_]) -> "AbuseRows":
        """Keep some of them."""
        return AbuseRows(self.corpus.rows(rows), [self.texts[i] for i in np.flatnonzero(rows)], self.odds[rows])

    def features(self, weights: NgramWeights, tier: str) -> NDArray[np.float32]:
        """Return what the heads of a tier see of them."""
        return abuse_features(self.texts, weights, self.odds if tier == "accurate" else None)


def rows_in_pieces(corpus: Corpus, cut: Pieces, odds: NDArray[np.float32]) -> AbuseRows:
    """Return comments in the pieces that a scorer reads, each with the labels that are known of it.

    As it is scored by its worst piece, a label that is low holds for every
    piece, and another one for the piece alone that is worst by it.

    Parameters
    ----------
    corpus
        The comments.
    cut
        Their P pieces.
    odds
        P x A: the encoder's log-odds.
    """
    found = corpus.rows(cut.owner)
    known = found.labels <= _ORDINARY
    for column, values in enumerate(odds.T):
        known[cut.worst_piece(values), column] = True
    found.labels[~known] = np.nan
    return AbuseRows(found, cut.plain, odds)


@dataclass(frozen=True)
class AbuseHeads:
    """Calibrated heads by attribute, and what they make of comments that nothing was taught."""

    heads: LinearHeads
    judged: Mapping[str, Judged]


def fit_abuse_ngrams(rows: AbuseRows, tier: str, progress: Progress) -> NDArray[np.float32]:
    """Fit a tier's n-grams on what people said and on what the encoder says: 2**18 x A."""
    said = 1 / (1 + np.exp(-rows.odds))
    labels = rows.corpus.labels
    counts = np.array([0.0 if tier == "fast" and name in _AS_ENCODED else _LABEL for name in ABUSE])
    targets = np.where(np.isnan(labels), said, counts * labels + (1 - counts) * said).astype(np.float32)
    twice = np.where(np.isin(rows.corpus.sources, _NATURAL), 2.0, 1.0).astype(np.float32)
    matrix, counting = stacked(rows.texts, _NGRAM_BITS), rows.corpus.weights * twice
    weights, _ = fit_ngrams(matrix, targets, counting, rows.corpus.sources, progress=progress)
    return weights


@dataclass(frozen=True)
class Held:
    """N labelled comments that nothing was taught, in P pieces as a scorer reads them, with P x A log-odds."""

    corpus: Corpus
    cut: Pieces
    odds: NDArray[np.float32]

    def features(self, weights: NgramWeights, tier: str) -> NDArray[np.float32]:
        """Return what the heads of a tier see of each piece."""
        return abuse_features(self.cut.plain, weights, self.odds if tier == "accurate" else None)


def fit_abuse_heads(learnt: AbuseRows, unseen: Held, weights: NgramWeights, tier: str) -> AbuseHeads:
    """Fit a head per attribute, and calibrate it on comments that nothing was taught.

    Parameters
    ----------
    learnt
        What the n-grams have not seen; the encoder may have.
    unseen
        Labelled by the guide: comments below news.
    """
    features, labels = learnt.features(weights, tier), learnt.corpus.labels
    held, truths = unseen.features(weights, tier), unseen.corpus.labels >= 0.5
    natural = unseen.corpus.random
    ordinary = unseen.corpus.labels[:, ABUSE.index("toxicity")] <= _ORDINARY
    heads: dict[str, Any] = {}
    for i, name in enumerate(ABUSE):
        asked = np.isfinite(labels[:, i])
        if not enough(labels[asked, i]) or truths[:, i].sum() < 10:
            continue
        head = fit_head(
            features[asked],
            labels[asked, i],
            learnt.corpus.weights[asked],
            learnt.corpus.sources[asked],
            mix=_mix(name, tier),
        )
        rows = natural if truths[natural, i].sum() >= _ENOUGH else np.ones_like(natural)
        worst = held[unseen.cut.worst_piece(head.decision_function(held))]
        heads[name] = calibrate(head, worst[rows], truths[rows, i], PREVALENCE[name])
    fitted = linear(heads)
    scores = unseen.cut.worst(fitted.probabilities(held))
    judged = {name: Judged(scores[:, i], truths[:, ABUSE.index(name)], ordinary) for i, name in enumerate(fitted.names)}
    return AbuseHeads(fitted, judged)


def _mix(attribute: str, tier: str) -> NDArray[np.float32]:
    """Weigh what the heads of a tier see for one of them: its own evidence and, for toxicity, insult's."""
    evidence = np.array([name == attribute for name in ABUSE], dtype=np.float32)
    if attribute == "toxicity":
        evidence[ABUSE.index("insult")] = _INSULT_COUNTS[tier]
    return np.concatenate([_NGRAMS_COUNT * evidence, evidence]) if tier == "accurate" else evidence
