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
from model.reading.pieces import Pieces, in_pieces
from model.reading.text import TextNormaliser
from training.corpus.corpus import Corpus
from training.corpus.training_table import OURS
from training.fitting.features import EncoderStates, abuse_features
from training.progress import Progress
from training.teaching.reject_head import reject_mix, with_column
from training.teaching.steps import Lesson, encoder_step, ngram_step

#: What a replayed comment counts for beside a new label: an attribute must keep its meaning, while what this
#: newsroom removes is for its own decisions to say.
_REPLAYED, _REJECT_REPLAYED = 16.0, 0.1
#: How far the encoder's last layer may move, for the same reason.
_FREEDOM, _REJECT_FREEDOM = 0.5, 10.0
#: The same for a sentence of our own and what a newsroom removes: most of these name people, and harm nobody.
_REJECT_OURS = 4.0


@dataclass(frozen=True)
class Student:
    """A bundle's abuse part on N comments, in P pieces as a scorer reads them.

    Attributes
    ----------
    cut
        The pieces.
    ours
        N: which comments are sentences of our own.
    pooled
        P x D states of the encoder; None in the fast tier.
    weights, layer
        The n-grams' weights and the encoder's last layer: what is taught.
    heads
        What makes scores of both; it stays.
    features
        P x F: the n-grams' sums and the encoder's log-odds, side by side.
    """

    cut: Pieces
    ours: NDArray[np.bool_]
    pooled: NDArray[np.float32] | None
    weights: NgramWeights
    layer: dict[str, Any] | None
    heads: LinearHeads
    features: NDArray[np.float32]

    def odds(self, name: str) -> NDArray[np.float32]:
        """Return N log-odds of an attribute; those of toxicity, if the bundle does not model it."""
        odds = self._of_pieces(name)
        return odds[self.cut.worst_piece(odds)]

    def scores(self, name: str) -> NDArray[np.float32]:
        """Return N probabilities of an attribute, as the bundle scores it."""
        return self.cut.worst(expit(self._of_pieces(name))[:, None])[:, 0]

    def rows(self, chosen: NDArray[np.integer]) -> "Student":
        """Return the same bundle on some of the comments, by number, in their order."""
        numbers = np.flatnonzero(np.isin(self.cut.owner, chosen))
        owner = np.searchsorted(chosen, self.cut.owner[numbers])
        first = np.searchsorted(owner, np.arange(len(chosen)))
        return replace(
            self,
            cut=Pieces(tuple(self.cut.texts[i] for i in numbers), owner, first),
            ours=self.ours[chosen],
            pooled=None if self.pooled is None else self.pooled[numbers],
            features=self.features[numbers],
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
            found = taught.odds(name) if mix is None else taught.worst_features(mix) @ mix
            odds[fold == number] = found[fold == number]
        return odds

    def taught(
        self, name: str, truth: NDArray[np.float32], weights: NDArray[np.float32], teaches: NDArray[np.bool_]
    ) -> "Student":
        """Return the bundle after a step in one attribute's column, in the n-grams and in the encoder's last layer.

        A comment is scored by its worst piece, and so that is what its label teaches.

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
        fresh = name == REJECT and name not in self.heads.names
        values = self._of_pieces(name)
        worst = self.cut.worst_piece(self.features @ reject_mix(self.features.shape[1]) if fresh else values)
        odds = values[worst]
        new = np.arange(len(worst)) < len(truth)
        target = expit(odds)
        target[new] = np.where(teaches, truth, np.nan)
        use = np.isfinite(target)
        taught_by = worst[use]
        lesson = Lesson(
            texts=[self.cut.texts[i].text for i in taught_by],
            pooled=None if self.pooled is None else self.pooled[taught_by],
            known=odds[use],
            margins=self.features[taught_by, column],
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
        return replace(
            self, weights=taught, layer=layer, features=_features(self.cut.plain, taught, self.pooled, layer)
        )

    def worst_features(self, mix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return N x F: those of each comment's worst piece, by `features @ mix`."""
        return self.features[self.cut.worst_piece(self.features @ mix)]

    def _of_pieces(self, name: str) -> NDArray[np.float32]:
        """Return P log-odds of an attribute."""
        column = self.heads.names.index(self._start(name))
        odds: NDArray[np.float32] = self.features @ self.heads.weights[:, column] + self.heads.bias[column]
        return odds

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
    cut = in_pieces(normaliser.normalise_many([*labels.texts, *old.texts]))
    pooled = EncoderStates(base.path, progress, base.files).pooled(cut.plain) if layer is not None else None
    features = _features(cut.plain, weights, pooled, layer)
    ours = np.append(np.zeros(len(labels), bool), old.sources == OURS)
    return Student(cut, ours, pooled, weights, layer, heads, features)


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
