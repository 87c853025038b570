"""Labels in parts."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from model.attributes import ABUSE
from training.corpus.corpus import Corpus
from training.corpus.splits import LEFT_OUT, folds, split
from training.labels.duplicates import clusters

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
THINGS = ("ferry", "bridge", "school", "market", "harbour", "library", "hospital", "station", "theatre", "stadium")


def newsroom(count: int = 2000, *, articles: bool = True, authors: bool = True, times: bool = True) -> Corpus:
    """Return comments of a hundred articles by many authors, some of whom write everywhere, and copies of some."""
    draw = np.random.default_rng(0)
    article = np.sort(draw.integers(0, 100, count))
    texts = [
        f"About the {THINGS[i % 10]} I can tell {draw.integers(10**9)} things, {draw.integers(10**9)} of them true."
        for i in range(count)
    ]
    for i in draw.choice(count, 60, replace=False):
        texts[i] = "Well said, could not agree more."
    known = pd.DataFrame(
        {
            "article_id": [f"a{a}" for a in article] if articles else None,
            "author": [f"r{int(r)}" for r in draw.exponential(120, count)] if authors else None,
            "time": [MONDAY + timedelta(hours=int(a), minutes=int(draw.integers(600))) for a in article]
            if times
            else None,
        },
        index=range(count),
    )
    return Corpus(
        texts,
        np.full((count, len(ABUSE)), np.nan, np.float32),
        np.ones(count, np.float32),
        np.full(count, "paper", object),
        np.zeros(count, np.float32),
        known,
    )


@pytest.mark.parametrize("times", [True, False])
@pytest.mark.parametrize("articles", [True, False])
@pytest.mark.parametrize("authors", [True, False])
def test_no_article_author_or_text_is_in_two_parts(*, articles: bool, authors: bool, times: bool) -> None:
    corpus = newsroom(articles=articles, authors=authors, times=times)
    parts = split(corpus, (0.7, 0.1, 0.2))
    kept = parts != LEFT_OUT

    keys = [clusters(corpus.texts), corpus.known["article_id"], corpus.known["author"]]
    for key in keys:
        seen = pd.Series(parts[kept]).groupby(np.asarray(key, dtype=object)[kept]).nunique()
        assert (seen <= 1).all()
    sizes = np.bincount(parts[kept], minlength=3) / len(corpus)
    assert sizes.tolist() == pytest.approx([0.7, 0.1, 0.2], abs=0.15 if articles and authors else 0.06)
    assert kept.mean() > (0.65 if articles and authors else 0.9)


def test_the_last_part_is_the_latest() -> None:
    corpus = newsroom()
    parts = split(corpus, (0.8, 0.2))
    first = corpus.known["time"].groupby(corpus.known["article_id"]).transform("min")

    assert first[parts == 0].max() < first[parts == 1].min()


def test_chance_follows_the_seed() -> None:
    corpus = newsroom(400, times=False, authors=False)

    assert split(corpus, (0.5, 0.5)).tolist() == split(corpus, (0.5, 0.5)).tolist()
    assert split(corpus, (0.5, 0.5)).tolist() != split(corpus, (0.5, 0.5), seed=1).tolist()


def test_folds_are_equal_and_keep_copies_together() -> None:
    texts = newsroom(500).texts
    found = folds(texts, 5)

    assert np.bincount(found).tolist() == pytest.approx([100] * 5, abs=30)
    assert len(set(found[[text.startswith("Well said") for text in texts]])) == 1
