"""The off-topic head, and the strangers that likeness is measured against."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.heads import LinearHeads
from model.records import Article
from model.relevance import Relevance, passages
from training.corpus.data_folder import read_table
from training.fitting.heads import PREVALENCE, calibrate, fit_head, operating_point

Embed = Callable[[Sequence[str]], NDArray[np.float32]]

#: Articles from here on, by hash, are in the background; the head is fitted
#: on comments of the others, which must be strangers to it.
_STRANGERS = 0.5
_PRECISION = 0.3
_PARTS = ("articles", "comments", "remarks")


@dataclass(frozen=True)
class Background:
    """Articles (M x D) and comments (L x D) that are strangers, and general remarks (R x D)."""

    articles: NDArray[np.float32]
    comments: NDArray[np.float32]
    remarks: NDArray[np.float32]

    def save(self, file: Path) -> None:
        """Write the vectors as int8; they are scaled to unit length on loading."""
        parts = {}
        for name in _PARTS:
            vectors = getattr(self, name)
            parts[name] = np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(np.int8)
        np.savez_compressed(file, **parts)


def build_background(folder: Path, embed: Embed, seed: int, size: int = 1000) -> Background:
    """Embed articles of the training sources, and comments from elsewhere."""
    rng = np.random.default_rng(seed)
    articles = _training_articles(folder)
    bodies = read_table(folder / "relevance/fnc1_bodies.parquet").article_text.tolist()
    texts = [[a.title, *passages(a.body)] for key, a in articles.items() if hash_share(key) >= _STRANGERS] + [
        passages(body)[:2] for body in bodies
    ]
    texts = [texts[i] for i in sorted(rng.permutation(len(texts))[:size])]
    texts = [[text for text in parts if text.strip()] for parts in texts]
    texts = [parts for parts in texts if parts]
    flat = embed([text for parts in texts for text in parts])
    ends = np.cumsum([len(parts) for parts in texts])
    centres = np.stack([part.mean(axis=0) for part in np.split(flat, ends[:-1])])
    civil = read_table(folder / "abuse/train.parquet").query("source == 'civil_weak_aayan'")
    comments = civil.text.sample(min(size, len(civil)), random_state=seed).tolist()
    unit = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    return Background(unit, embed(comments), embed(_general_remarks()))


def read_background(file: Path) -> Background:
    """Read what `Background.save` wrote, as a scorer will see it."""
    stored = np.load(file, allow_pickle=False)
    parts = {name: stored[name].astype(np.float32) for name in _PARTS}
    return Background(**{name: part / np.linalg.norm(part, axis=1, keepdims=True) for name, part in parts.items()})


@dataclass(frozen=True)
class OffTopic:
    """The calibrated head, its threshold, and what that stands for."""

    head: Any
    threshold: float
    sentence: str


def fit_off_topic(folder: Path, embed: Embed, background: Background, seed: int, comments: int = 2500) -> OffTopic:
    """Fit and calibrate the head on comments with their own and other articles.

    Positives are pairs of a comment with a random other article, and with
    little weight those with the most similar one. General remarks ("well
    said") belong to every article.
    """
    pairs = read_table(folder / "relevance/train_pairs.parquet")
    articles = _training_articles(folder)
    pairs = pairs[pairs.own_article_id.map(hash_share) < _STRANGERS]
    known = pairs.comment_id.drop_duplicates()
    chosen = set(known.sample(min(comments, len(known)), random_state=seed))
    pairs = pairs[pairs.comment_id.isin(chosen)]
    rng = np.random.default_rng(seed)
    keys = sorted(set(pairs.article_id))
    remarks = _general_remarks()
    general = pd.DataFrame(
        [(text, keys[rng.integers(len(keys))], 1, "general") for text in remarks[::2] for _ in range(4)],
        columns=["text", "article_id", "label", "neg_type"],
    )
    pairs = pd.concat([pairs, general]).reset_index(drop=True)
    unique = pairs.text.drop_duplicates().tolist()
    vectors = dict(zip(unique, embed(unique), strict=True))
    # Half of the remarks are learnt from, and must not be found among the others.
    relevance = Relevance(embed, background.articles, background.comments, background.remarks[1::2])
    features = relevance.features(
        np.stack([vectors[text] for text in pairs.text]), [articles[key] for key in pairs.article_id]
    )
    off = (pairs.label == 0).to_numpy()
    weights = pairs.neg_type.map({"pos": 1.0, "easy": 1.0, "hard": 0.1, "general": 1.0}).to_numpy(dtype=np.float32)
    held = pairs.article_id.map(hash_share).to_numpy() < 0.3 * _STRANGERS
    natural = PREVALENCE["off_topic"]
    head = fit_head(
        features[~held], off[~held].astype(np.float32), weights[~held], np.full((~held).sum(), "pairs", object)
    )
    calibrated = calibrate(head, features[held], off[held], natural, weights[held])
    # What nature brings is another subject, not the most similar other article.
    check = held & (pairs.neg_type != "hard").to_numpy()
    scores = LinearHeads({"off_topic": calibrated}).probabilities(features[check])[:, 0]
    where = f"at natural prevalence ({natural:.1%})"
    return OffTopic(calibrated, *operating_point(scores, off[check], natural, _PRECISION, where))


def hash_share(key: str) -> float:
    """Place a key in [0, 1), always at the same point."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) / 2**32


def _training_articles(folder: Path) -> dict[str, Article]:
    pairs = read_table(folder / "relevance/train_pairs.parquet")
    table = read_table(folder / "relevance/articles.parquet")
    table = table[table.article_id.isin(set(pairs.article_id))]
    return {row.article_id: Article(title=row.title or "", body=row.text or "") for row in table.itertuples()}


def _general_remarks() -> list[str]:
    content = resources.files("training").joinpath("data/general_remarks.json").read_text()
    remarks: list[str] = json.loads(content)
    return remarks
