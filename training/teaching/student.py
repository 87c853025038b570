"""A bundle being taught: what it sees in some comments, and how it scores them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from model.abuse import NgramWeights
from model.attributes import ABUSE, REJECT
from model.bundling.arrays import read_arrays
from model.bundling.manifest import Bundle
from model.heads import LinearHeads
from model.reading.text import TextNormaliser
from training.corpus.corpus import Corpus
from training.corpus.training_table import OURS
from training.fitting.features import EncoderStates, abuse_features
from training.progress import Progress
from training.teaching.reject_head import reject_mix, with_column
from training.teaching.steps import Lesson, encoder_step, ngram_step

_LONGEST = 1500
#: What a replayed comment counts for beside a new label: an attribute must keep its meaning, while what this
#: newsroom removes is for its own decisions to say.
_REPLAYED, _REJECT_REPLAYED = 16.0, 0.1
#: How far the encoder's last layer may move, for the same reason.
_FREEDOM, _REJECT_FREEDOM = 0.5, 10.0
#: The same for a sentence of our own and what a newsroom removes: most of these name people, and harm nobody.
_REJECT_OURS = 4.0


@dataclass(frozen=True)
class Student:
    """A bundle's abuse part on N comments.

    Attributes
    ----------
    texts
        N, normalised.
    ours
        N: which are sentences of our own.
    pooled
        N x D states of the encoder; None in the fast tier.
    weights, layer
        The n-grams' weights and the encoder's last layer: what is taught.
    heads
        What makes scores of both; it stays.
    features
        N x F: the n-grams' sums and the encoder's log-odds, side by side.
    """

    texts: Sequence[str]
    ours: NDArray[np.bool_]
    pooled: NDArray[np.float32] | None
    weights: NgramWeights
    layer: dict[str, Any] | None
    heads: LinearHeads
    features: NDArray[np.float32]

    def odds(self, name: str) -> NDArray[np.float32]:
        """Return N log-odds of an attribute; those of toxicity, if the bundle does not model it."""
        column = self.heads.names.index(self._start(name))
        odds: NDArray[np.float32] = self.features @ self.heads.weights[:, column] + self.heads.bias[column]
        return odds

    def rows(self, chosen: NDArray[np.integer]) -> "Student":
        """Return the same bundle on some of the comments, by number."""
        return replace(
            self,
            texts=[self.texts[i] for i in chosen],
            ours=self.ours[chosen],
            pooled=None if self.pooled is None else self.pooled[chosen],
            features=self.features[chosen],
        )

    def odds_out_of_fold(
        self, name: str, truth: NDArray[np.float32], weights: NDArray[np.float32], fold: NDArray[np.int8]
    ) -> NDArray[np.float32]:
        """Return N log-odds, each from a bundle that was taught the labels of the other folds alone."""
        odds = np.empty(len(truth), np.float32)
        # Of decisions, a bundle that never saw any has no head yet.
        mix = None if name in self.heads.names else reject_mix(self.features.shape[1])
        for number in np.unique(fold):
            taught = self.taught(name, truth, weights, fold != number)
            found = taught.odds(name) if mix is None else taught.features @ mix
            odds[fold == number] = found[fold == number]
        return odds

    def taught(
        self, name: str, truth: NDArray[np.float32], weights: NDArray[np.float32], teaches: NDArray[np.bool_]
    ) -> "Student":
        """Return the bundle after a step in one attribute's column, in the n-grams and in the encoder's last layer.

        Parameters
        ----------
        name
            Of the attribute.
        truth
            Of the first or of all comments, in [0, 1]; NaN where nobody was asked. The
            others are old ones, to keep the scores that they have.
        weights
            Of the first comments: what a label counts for.
        teaches
            Which of the first comments may be learnt from.
        """
        start, column = self._start(name), _column(name)
        odds = self.odds(name)
        new = np.arange(len(self.texts)) < len(truth)
        target = expit(odds)
        target[new] = np.where(teaches, truth, np.nan)
        use = np.isfinite(target)
        lesson = Lesson(
            texts=[text for text, used in zip(self.texts, use, strict=True) if used],
            pooled=None if self.pooled is None else self.pooled[use],
            known=odds[use],
            margins=self.features[use, column],
            truth=target[use],
            weights=np.append(weights, np.ones(len(new) - len(weights), np.float32))[use],
            new=new[use],
            replayed=np.where(self.ours[use], _REJECT_OURS, _REJECT_REPLAYED) if name == REJECT else _REPLAYED,
            freedom=_REJECT_FREEDOM if name == REJECT else _FREEDOM,
        )
        margins = self.weights.margins.copy()
        margins[:, column] += ngram_step(lesson, len(margins).bit_length() - 1)
        taught, layer = NgramWeights(margins, self.weights.marks, self.weights.mark_bias), self.layer
        if layer is not None:
            # The head multiplies what the last layer gives.
            beside = margins.shape[1] + (column if start == name else ABUSE.index(start))
            gain = self.heads.weights[beside, self.heads.names.index(start)]
            last = layer["weights"].copy()
            last[:, column] += encoder_step(lesson) / gain
            layer = {**layer, "weights": last}
        return replace(self, weights=taught, layer=layer, features=_features(self.texts, taught, self.pooled, layer))

    def _start(self, name: str) -> str:
        """Return the head that an attribute's new head starts from."""
        return name if name in self.heads.names else "toxicity"


def read_student(base: Bundle, labels: Corpus, old: Corpus, progress: Progress, *, teaches_reject: bool) -> Student:
    """Read comments with a bundle that is about to be taught.

    Parameters
    ----------
    base
        The bundle.
    labels, old
        N comments in all: those that teach, then those that are replayed.
    progress
        Called with each line of progress.
    teaches_reject
        Whether `likely_to_reject` will be taught, and needs a column.
    """
    weights, heads = NgramWeights.load(base.file("ngrams.npz")), LinearHeads.load(base.file("heads.npz"))
    layer = None
    if base.manifest.tier == "accurate":
        layer = read_arrays(base.file("encoder.npz"), {"weights": ("f", 2), "bias": ("f", 1)})
    if teaches_reject and weights.margins.shape[1] == len(ABUSE):
        weights, layer, heads = with_column(weights, layer, heads)
    normaliser = TextNormaliser(base.file("words.txt").read().decode().split())
    texts = [text.text[:_LONGEST] for text in normaliser.normalise_many([*labels.texts, *old.texts])]
    pooled = EncoderStates(base.path, progress, base.files).pooled(texts) if layer is not None else None
    features = _features(texts, weights, pooled, layer)
    ours = np.append(np.zeros(len(labels), bool), old.sources == OURS)
    return Student(texts, ours, pooled, weights, layer, heads, features)


def _column(name: str) -> int:
    """Return an attribute's column in the labels."""
    return ABUSE.index(name) if name in ABUSE else len(ABUSE)


def _features(
    texts: Sequence[str],
    weights: NgramWeights,
    pooled: NDArray[np.float32] | None,
    layer: Mapping[str, NDArray[np.float32]] | None,
) -> NDArray[np.float32]:
    """Return what the heads see of texts."""
    odds = None if pooled is None or layer is None else pooled @ layer["weights"] + layer["bias"]
    return abuse_features(texts, weights, odds)
