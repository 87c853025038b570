"""The off-topic head, and the unrelated texts that likeness is measured against."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from model.features.encoder import Encoder
from model.heads import OffTopicHead
from model.off_topic import ArticleReader, Normalise
from model.records import Comment
from model.relevance import Background, Relevance, Texts, passages
from training.corpus.data_folder import read_table
from training.corpus.relevance_rows import RelevanceRows, general_remarks, read_relevance_rows, read_unseen_rows
from training.fitting.heads import PREVALENCE, fit_hidden, natural_weights
from training.fitting.points import Judged

#: Articles of the same paper that a comment is compared with, as in `model.scoring.scorer`.
_OTHERS = 1000
#: A target from here on is a comment off topic.
_SURELY = 0.99
#: What the log-odds of an encoder that reads comment and article together count, beside the measures'.
#: Chosen on the dev sets: the encoder was taught the very rows that the head learns from.
_JOINT = 1.0


@dataclass(frozen=True)
class TextReader:
    """How the bundle reads: its encoder, how it normalises texts, and its words, most frequent first."""

    encoder: Encoder
    normalise: Normalise
    words: Sequence[str]

    def texts(self, texts: Sequence[str]) -> Texts:
        """Read some texts."""
        return Texts.encoded([text.text for text in self.normalise(texts)], self.encoder)

    def articles(self, background: Background) -> ArticleReader:
        """Return what holds comments against articles."""
        return ArticleReader(Relevance(background, self.words), self.encoder, self.normalise)


def fit_relevance(folder: Path, out: Path, reading: TextReader, seed: int) -> tuple[Judged, dict[str, int]]:
    """Write a bundle's background.npz and off_topic.npz.

    Parameters
    ----------
    folder
        The training data.
    out
        The bundle's folder.
    reading
        How the bundle reads.
    seed
        Of what is drawn, and of the networks.

    Returns
    -------
    unseen, learnt
        The scores of comments that nothing was taught, and how many comments of each source were learnt.
    """
    build_background(folder, reading, seed).save(out / "background.npz")
    rows = read_relevance_rows(folder, general_remarks()[::2], seed)
    # What was lost by rounding is lost for the head's eyes too.
    head, unseen = fit_off_topic(rows, read_unseen_rows(folder), reading, Background.load(out / "background.npz"), seed)
    head.save(out / "off_topic.npz")
    names, counts = np.unique(rows.source, return_counts=True)
    return unseen, dict(zip(names.tolist(), counts.tolist(), strict=True))


def build_background(folder: Path, reading: TextReader, seed: int, size: int = 1000) -> Background:
    """Encode news articles and comments from elsewhere, and general remarks."""
    bodies = read_table(folder / "relevance/fnc1_bodies.parquet").article_text
    bodies = bodies[bodies.str.strip() != ""]
    texts = [passages(body)[:3] for body in bodies.sample(min(size, len(bodies)), random_state=seed)]
    flat = reading.texts([text for parts in texts for text in parts]).vectors
    centres = np.stack([part.mean(axis=0) for part in np.split(flat, np.cumsum([len(parts) for parts in texts])[:-1])])
    civil = read_table(folder / "abuse/train.parquet").query("source == 'civil_weak_aayan'").text
    comments = civil.sample(min(size, len(civil)), random_state=seed).tolist()
    unit = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    return Background(unit, reading.texts(comments).vectors, reading.texts(general_remarks()).vectors)


def fit_off_topic(
    rows: RelevanceRows, unseen: RelevanceRows, reading: TextReader, background: Background, seed: int
) -> tuple[OffTopicHead, Judged]:
    """Fit the head on judged comments and pairs, and calibrate it on comments that nothing was taught."""
    # Half of the remarks are learnt from, and must not be found among the others.
    learnt = reading.articles(Background(background.articles, background.comments, background.remarks[1::2]))
    features = measure(rows, reading, learnt)[0]
    measures = features.shape[1] - background.remarks.shape[1]
    head = OffTopicHead(fit_hidden(features, rows.target, rows.weight, measures, seed), _JOINT)
    measured, joint = measure(unseen, reading, reading.articles(background), joint=True)
    odds, natural = head.odds(measured, joint), unseen.natural
    head = calibrated(head, odds[natural], unseen.target[natural] > _SURELY)
    return head, judged(head.probabilities(measured, joint), unseen.target)


def measure(
    rows: RelevanceRows, reading: TextReader, articles: ArticleReader, *, joint: bool = False
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Measure N rows against their articles, each among the other articles of its source.

    Returns
    -------
    features, joint
        N x F, and N log-odds of the encoder where they are asked for and it
        has some.
    """
    parts: dict[int, NDArray[np.float32]] = {}
    odds = np.full(len(rows.texts), np.nan, np.float32)
    for source in np.unique(rows.source):
        places = np.flatnonzero(rows.source == source).tolist()
        owners = [rows.articles[i] for i in places]
        others = list({id(owner): owner for owner in owners}.values())[:_OTHERS]
        comments = [Comment(text=rows.texts[i], parent_text=rows.parents[i]) for i in places]
        texts = reading.texts([comment.text for comment in comments])
        parts |= dict(zip(places, articles.features(comments, texts, owners, others), strict=True))
        found = articles.joint(comments, texts, owners) if joint else None
        if found is not None:
            odds[places] = found
    return np.stack([parts[i] for i in range(len(rows.texts))]), None if np.isnan(odds).any() else odds


def calibrated(head: OffTopicHead, odds: NDArray[np.float32], off: NDArray[np.bool_]) -> OffTopicHead:
    """Calibrate a head on log-odds that it gives."""
    weights = len(off) * natural_weights(off, PREVALENCE["off_topic"])
    sigmoid = LogisticRegression(C=1e6).fit(odds[:, None], off, sample_weight=weights)
    return head.calibrated(float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0]))


def judged(scores: NDArray[np.float32], target: NDArray[np.float32]) -> Judged:
    """Pair scores with what was judged; what is loosely related counts on neither side."""
    return Judged(scores, target > _SURELY, target <= 0, "the comments that are on topic")
