"""What the off-topic head learns from, and where its flags begin."""

import json
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.heads import HiddenHead, OffTopicHead
from training.corpus.relabelled import new_relevance
from training.corpus.relevance_rows import (
    PAIRS,
    PARTS,
    WRITTEN,
    RelevanceRows,
    newspaper_articles,
    off_topic_of,
    read_relevance_rows,
    read_unseen_rows,
)
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


def elsewhere(rows: RelevanceRows) -> RelevanceRows:
    """Leave out what stands below our own articles, which are learnt from whatever the folder holds."""
    return rows.at(np.flatnonzero(rows.source != WRITTEN))


def test_pairs_count_less_than_what_stands_below_our_own_articles(data: Path) -> None:
    rows = read_relevance_rows(data, ["Well said."], 0)
    pairs = rows.at(np.flatnonzero(rows.source == PAIRS))
    assert pairs.texts == ["Late again.", "Late again."]
    assert pairs.target.tolist() == [0.0, 1.0]
    assert pairs.weight.max() < rows.weight[rows.source == WRITTEN].min()
    assert not pairs.natural.any()
    assert set(rows.texts) > {"Well said."}


def test_judged_comments_count_more_and_calibrate(data: Path) -> None:
    judge(data)
    rows = elsewhere(read_relevance_rows(data, [], 0))
    assert rows.target[:4] == pytest.approx([0.0, 1.0, 0.0, 0.5])
    assert rows.parents[:2] == ["", "Six cones."]
    assert rows.articles[0].title == "Cones"
    assert rows.natural.tolist() == [True] * 4 + [False] * 2
    assert rows.weight[4] < rows.weight[0]


def test_without_judged_comments_the_threshold_is_chosen_below_our_own_articles(data: Path) -> None:
    assert set(read_unseen_rows(data).source) == {WRITTEN}


def test_but_for_general_remarks_nothing_below_our_own_articles_is_learnt_and_measured() -> None:
    learnt, measured = (
        {text for one, table in newspaper_articles(part).values() for text in (one.title, *table.text[~table.generic])}
        for part in PARTS
    )
    assert not learnt & measured


@pytest.mark.parametrize("part", PARTS)
def test_each_of_our_own_articles_has_comments_on_and_off_its_subject(part: str) -> None:
    for article, table in newspaper_articles(part).values():
        assert article.title
        assert len(article.body) > 500
        assert not table.text.duplicated().any()
        assert table.relevance.between(0, 1).all()
        off = off_topic_of(table.relevance, table.generic)
        assert (off == 1).any()
        assert (off == 0).any()


@pytest.mark.parametrize("part", PARTS)
def test_a_comment_answers_an_earlier_one(part: str) -> None:
    stored = json.loads(resources.files("training").joinpath("data/newspaper_articles.json").read_text("utf-8"))
    for article in stored[part]:
        for place, comment in enumerate(article["comments"]):
            assert comment["parent"] is None or 0 <= comment["parent"] < place


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
    rows = elsewhere(read_relevance_rows(data, [], 0))
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
