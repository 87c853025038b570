"""What is found of the clear cases: by hand, and as the data folder has them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.records import Comment
from model.scoring.loading import load_bundle
from training.corpus.dev_sets import Sides, read_judged
from training.evaluation.bundle import evaluate_bundle
from training.evaluation.clear_cases import clear_cases
from training.report.card import model_card
from training.report.tables import tables

ABUSE = ("You are a stupid idiot and everybody knows it.", "Shut up, you pathetic moron.")
CIVIL = ("The ferry was late again today.", "I think the harbour master is wrong on this.")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with comments below one article, two of them doubtful."""
    (tmp_path / "house").mkdir()
    article = {"article_id": "a", "title": "Ferry timetable", "text": "The ferry to the harbour runs less often."}
    pd.DataFrame([article]).to_parquet(tmp_path / "house/articles.parquet")
    rows = [
        (ABUSE[0], None, 1.0, 0.0, False),
        (ABUSE[1], ABUSE[0], 0.5, 0.2, False),
        (CIVIL[0], None, 0.0, 0.9, False),
        (CIVIL[1], None, 0.2, 0.6, False),
        ("Hardly a gentleman, is he?", None, 0.4, 0.5, False),
        ("Well said.", None, 0.0, 0.0, True),
    ]
    table = pd.DataFrame(rows, columns=["text", "parent_text", "toxicity", "relevance", "generic"])
    table.assign(article_id="a", insult=table.toxicity).to_parquet(tmp_path / "house/dev.parquet")
    return tmp_path


def test_clear_cases_by_hand() -> None:
    # 1 to 100 are clearly civil, three are clearly abusive; 5 % of the civil ones score above 95.05.
    scores = np.array([*range(1, 101), 99.0, 97.0, 93.0, np.nan, 500.0])
    yes = np.zeros(105, bool)
    yes[100:104] = True
    no = np.arange(105) < 100

    found = clear_cases("set", "toxicity", Sides(yes, no), scores)

    assert found is not None
    assert (found.dataset, found.attribute, found.positives, found.negatives) == ("set", "toxicity", 3, 100)
    assert found.found == pytest.approx({"0.02": 1 / 3, "0.05": 2 / 3, "0.1": 1.0})
    assert found.roc_auc == pytest.approx((98.5 + 96.5 + 92.5) / 300)
    assert found.standard_error == pytest.approx((2 / 3 * 1 / 3 / 3) ** 0.5)


def test_ties_with_the_highest_negatives_are_not_found() -> None:
    found = clear_cases("set", "toxicity", Sides(np.array([True, False]), np.array([False, True])), np.full(2, 0.5))

    assert found is not None
    assert set(found.found.values()) == {0.0}


@pytest.mark.parametrize("scores", [np.full(2, np.nan), np.array([0.5, np.nan])], ids=["no score", "one side"])
def test_one_side_alone_tells_nothing(scores: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    assert clear_cases("set", "off_topic", Sides(np.array([True, False]), np.array([False, True])), scores) is None


def test_the_doubtful_are_on_neither_side(data: Path) -> None:
    judged = read_judged(data, "house_dev", 100)

    assert judged is not None
    abuse, off_topic = judged.sides["toxicity"], judged.sides["off_topic"]
    assert abuse.yes.tolist() == [True, True, False, False, False, False]
    assert abuse.no.tolist() == [False, False, True, True, False, True]
    assert off_topic.yes.tolist() == [True, True, False, False, False, False]
    # "Well said." belongs to every article.
    assert off_topic.no.tolist() == [False, False, True, True, False, True]
    assert judged.comments[1] == Comment(ABUSE[1], article_id="a", parent_text=ABUSE[0])
    assert judged.articles["a"].title == "Ferry timetable"


def test_the_clear_cases_come_first_in_figures_and_card(data: Path) -> None:
    lines: list[str] = []
    scorer = load_bundle("fast")
    evaluation = evaluate_bundle(scorer, data, progress=lines.append)
    card = model_card([(scorer.manifest, evaluation)])

    assert [(c.dataset, c.attribute, c.positives, c.negatives) for c in evaluation.clear_cases] == [
        ("house_dev", "toxicity", 2, 3),
        ("house_dev", "off_topic", 2, 3),
        # Ours, whatever the folder holds.
        ("newspaper_articles", "toxicity", 234, 512),
        ("newspaper_articles", "off_topic", 227, 708),
    ]
    assert evaluation.clear_cases[0].roc_auc == 1.0
    assert [(d.dataset, d.column) for d in evaluation.detections if d.dataset == "house_dev"] == [
        ("house_dev", "toxicity"),
        ("house_dev", "insult"),
    ]
    assert {d.rows for d in evaluation.detections if d.dataset == "newspaper_articles"} == {832}
    assert tables(evaluation)[0].title == "Clear cases"
    assert tables(evaluation)[0].rows[0][:5] == ("house_dev", "toxicity", "2", "3", "1.000")
    assert 'name: "house_dev, clear cases"' in card
    assert "found where 5 % of the others are flagged" in card
    assert "civil_dev is skipped: the data lacks annotated/civil_dev.parquet" in lines
    assert "nyt_dev is skipped: the data lacks annotated/nyt_dev.parquet and relevance/articles.parquet" in lines
