"""What the off-topic head learns from, and where its flags begin."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.heads import HiddenHead, OffTopicHead
from training.corpus.relabelled import new_relevance
from training.corpus.relevance_rows import off_topic_of, read_relevance_rows
from training.fitting.relevance import calibrated, judged


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Make a data folder that holds pairs and nothing judged."""
    (tmp_path / "relevance").mkdir()
    articles = pd.DataFrame({"article_id": ["a", "b"], "title": ["Ferry", None], "text": ["Late.", "Bread."]})
    articles.to_parquet(tmp_path / "relevance/articles.parquet")
    rows = [("1", "Late again.", "a", "a", 1, "pos"), ("1", "Late again.", "b", "a", 0, "easy")]
    columns = ["comment_id", "text", "article_id", "own_article_id", "label", "neg_type"]
    pd.DataFrame(rows, columns=columns).to_parquet(tmp_path / "relevance/train_pairs.parquet")
    return tmp_path


def judge(data: Path) -> None:
    """Add four comments below an article of a newspaper, as people judged them."""
    (data / "house").mkdir()
    pd.DataFrame({"article_id": ["W1-2"], "title": ["Cones"], "text": ["In the road."]}).to_parquet(
        data / "house/articles.parquet"
    )
    pd.DataFrame(
        {
            "text": ["Six cones.", "My cat.", "lol", "Roads."],
            "parent_text": [None, "Six cones.", None, None],
            "article_id": "W1-2",
            "relevance": [0.9, 0.1, 0.1, 0.375],
            "generic": [False, False, True, False],
        }
    ).to_parquet(data / "house/train.parquet")


def test_a_general_remark_is_never_off_topic() -> None:
    relevance, generic = pd.Series([0.0, 0.2, 0.375, 0.6, 0.0]), pd.Series([False] * 4 + [True])
    assert off_topic_of(relevance, generic) == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0])


def test_pairs_alone_are_learnt_from(data: Path) -> None:
    rows = read_relevance_rows(data, ["Well said."], 0)
    assert rows.texts[:2] == ["Late again.", "Late again."]
    assert rows.target[:2].tolist() == [0.0, 1.0]
    assert rows.weight[:2].tolist() == [1.0, 1.0]
    assert not rows.natural.any()
    assert set(rows.texts[2:]) == {"Well said."}
    assert not any(rows.parents)


def test_judged_comments_count_more_and_calibrate(data: Path) -> None:
    judge(data)
    rows = read_relevance_rows(data, [], 0)
    assert rows.target[:4] == pytest.approx([0.0, 1.0, 0.0, 0.5])
    assert rows.parents[:2] == ["", "Six cones."]
    assert rows.articles[0].title == "Cones"
    assert rows.natural.tolist() == [True] * 4 + [False] * 2
    assert rows.weight[4] < rows.weight[0]


def test_what_we_judged_of_the_pairs_is_no_assumption(data: Path) -> None:
    judge(data)
    ours = new_relevance().iloc[0]
    pair = {"comment_id": ours.comment_id, "text": "I take the bus.", "article_id": ours.article_id}
    pd.DataFrame([{**pair, "own_article_id": "a", "label": 1, "neg_type": "pos"}]).to_parquet(
        data / "relevance/train_pairs.parquet"
    )
    pd.DataFrame([{"article_id": ours.article_id, "title": "Buses", "text": ""}]).to_parquet(
        data / "relevance/articles.parquet"
    )
    rows = read_relevance_rows(data, [], 0)
    target = off_topic_of(pd.Series([ours.relevance]), pd.Series([ours.generic]))
    assert rows.texts[4:] == ["I take the bus."]
    assert rows.target[4:] == pytest.approx(target)
    assert rows.natural[4:].all()


def test_what_is_loosely_related_counts_neither_as_on_topic_nor_as_off_it() -> None:
    scores = np.array([0.1, 0.5, 0.9], np.float32)
    found = judged(scores, np.array([0.0, 0.5, 1.0], np.float32))
    assert found.ordinary.tolist() == [True, False, False]
    assert found.is_so.tolist() == [False, False, True]


def test_scores_are_calibrated_to_how_rare_off_topic_is() -> None:
    odds = np.random.default_rng(0).normal(size=2000).astype(np.float32)
    off = np.arange(2000) < 200
    odds[off] += 3.0
    nothing = HiddenHead(np.zeros((1, 1), np.float32), np.zeros(1, np.float32), np.ones(1, np.float32), 0)
    head = calibrated(OffTopicHead(nothing, joint=1.0), odds, off)
    scores = head.probabilities(np.zeros((2000, 1), np.float32), odds)
    assert np.average(scores, weights=np.where(off, 0.05 / 200, 0.95 / 1800)) == pytest.approx(0.05, abs=0.01)
