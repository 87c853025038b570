"""The off-topic head, and the unrelated texts that likeness is measured against."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from model.heads import HiddenHead
from model.relevance import ArticleView, Background, Relevance, Texts, article_texts, beginning, passages
from training.corpus.data_folder import read_table
from training.fitting.heads import PREVALENCE, natural_weights
from training.fitting.hidden import fit_hidden
from training.fitting.relevance_rows import RelevanceRows, read_rows, read_unseen_rows

Read = Callable[[Sequence[str]], Texts]

#: Parts of the rows, by article or by who wrote them: each is scored by a head that saw the others.
_FOLDS = 5
#: Articles of the same paper that a comment is compared with, as in `model.scorer`.
_OTHERS = 1000
#: A target from here on is a comment off topic.
_SURELY = 0.99
#: Share of the ordinary comments that a flag may cost.
_FLAGGED = 0.03


@dataclass(frozen=True)
class OffTopic:
    """From where on a comment is flagged as off topic, and what that stands for."""

    threshold: float
    sentence: str


def fit_relevance(folder: Path, out: Path, read: Read, words: Sequence[str], seed: int) -> OffTopic:
    """Write a bundle's background.npz and off_topic.npz.

    Parameters
    ----------
    folder
        The training data.
    out
        The bundle's folder.
    read
        Encodes texts as the bundle does.
    words
        Those of the bundle, most frequent first.
    seed
        Of what is drawn, and of the networks.
    """
    build_background(folder, read, seed).save(out / "background.npz")
    # What was lost by rounding is lost for the head's eyes too.
    head, off_topic = fit_off_topic(folder, read, Background.load(out / "background.npz"), words, seed)
    head.save(out / "off_topic.npz")
    return off_topic


def build_background(folder: Path, read: Read, seed: int, size: int = 1000) -> Background:
    """Encode news articles and comments from elsewhere, and general remarks."""
    bodies = read_table(folder / "relevance/fnc1_bodies.parquet").article_text
    bodies = bodies[bodies.str.strip() != ""]
    texts = [passages(body)[:3] for body in bodies.sample(min(size, len(bodies)), random_state=seed)]
    flat = read([text for parts in texts for text in parts]).vectors
    centres = np.stack([part.mean(axis=0) for part in np.split(flat, np.cumsum([len(parts) for parts in texts])[:-1])])
    civil = read_table(folder / "abuse/train.parquet").query("source == 'civil_weak_aayan'").text
    comments = civil.sample(min(size, len(civil)), random_state=seed).tolist()
    unit = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    return Background(unit, read(comments).vectors, read(general_remarks()).vectors)


def fit_off_topic(
    folder: Path, read: Read, background: Background, words: Sequence[str], seed: int
) -> tuple[HiddenHead, OffTopic]:
    """Fit the head on judged comments and pairs, calibrate it, and choose its threshold.

    What calibrates and what chooses are the scores of heads that saw neither
    the article nor its other comments.
    """
    rows = read_rows(folder, general_remarks()[::2], seed)
    # Half of the remarks are learnt from, and must not be found among the others.
    seen = Background(background.articles, background.comments, background.remarks[1::2])
    features = measure(rows, Relevance(seen, words), read)
    measures = features.shape[1] - background.remarks.shape[1]
    fold = rows.fold(_FOLDS)
    odds = np.empty(len(features), np.float32)
    for number in range(_FOLDS):
        held = fold == number
        learnt = fit_hidden(features[~held], rows.target[~held], rows.weight[~held], measures, seed)
        odds[held] = learnt.odds(features[held])
    head = fit_hidden(features, rows.target, rows.weight, measures, seed)
    head = calibrated(head, odds[rows.natural], rows.target[rows.natural] > _SURELY)
    unseen = read_unseen_rows(folder)
    if unseen is None:
        return head, operating_point(head.probabilities(features[rows.natural]), rows.target[rows.natural])
    return head, operating_point(head.probabilities(measure(unseen, Relevance(background, words), read)), unseen.target)


def measure(rows: RelevanceRows, relevance: Relevance, read: Read) -> NDArray[np.float32]:
    """Measure rows against their articles, each among the other articles of its source: N x F."""
    views: dict[int, ArticleView] = {}
    for article in rows.articles:
        if id(article) not in views:
            texts = read(article_texts(article.title, beginning(article.body)))
            views[id(article)] = relevance.view(texts, titled=bool(article.title.strip()))
    parts: dict[int, NDArray[np.float32]] = {}
    for source in np.unique(rows.source):
        places = np.flatnonzero(rows.source == source).tolist()
        mine = [views[id(rows.articles[i])] for i in places]
        others = list({id(view): view.centre for view in mine}.values())[:_OTHERS]
        replies = [number for number, i in enumerate(places) if rows.parents[i].strip()]
        found = relevance.features(
            read([rows.texts[i] for i in places]),
            read([rows.parents[places[number]] for number in replies]),
            replies,
            mine,
            np.stack(others),
        )
        parts |= dict(zip(places, found, strict=True))
    return np.stack([parts[i] for i in range(len(rows.texts))])


def general_remarks() -> list[str]:
    """Return remarks that could stand below every article."""
    content = resources.files("training").joinpath("data/general_remarks.json").read_text()
    remarks: list[str] = json.loads(content)
    return remarks


def calibrated(head: HiddenHead, odds: NDArray[np.float32], off: NDArray[np.bool_]) -> HiddenHead:
    """Calibrate a head on the log-odds that others like it give."""
    weights = len(off) * natural_weights(off, PREVALENCE["off_topic"])
    sigmoid = LogisticRegression(C=1e6).fit(odds[:, None], off, sample_weight=weights)
    return head.calibrated(float(sigmoid.coef_[0, 0]), float(sigmoid.intercept_[0]))


def operating_point(scores: NDArray[np.float32], target: NDArray[np.float32]) -> OffTopic:
    """Choose the threshold; what is loosely related counts on neither side of it."""
    threshold = round(float(np.quantile(scores[target <= 0], 1 - _FLAGGED)), 4)
    found = float((scores[target > _SURELY] >= threshold).mean())
    sentence = f"flags {_FLAGGED:.0%} of the comments that are on topic; finds {found:.0%} of those that are off it"
    return OffTopic(threshold, sentence)
