"""Evaluations for people to read."""

from dataclasses import replace
from importlib import import_module
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from model.scoring.scorer import Scorer
from training.evaluation.agreement import ScoreAgreement, SpanAgreement
from training.evaluation.fairness import Bias, TermBias, bias
from training.evaluation.metrics import (
    LabelColumn,
    detection,
)
from training.evaluation.relevance import RelevanceMeasure
from training.evaluation.result import Evaluation
from training.evaluation.robustness import robustness
from training.report.card import changed_flags, model_card
from training.report.html import html_report
from training.report.plots import Curve, bar_plot, line_plot
from training.report.table import Table
from training.report.tables import tables

TRUTH = np.array([True, True, False, False])
SCORES = np.array([0.9, 0.3, 0.6, 0.1])


def test_the_same_figures_are_in_table_report_and_card(idiot: Scorer) -> None:
    found = detection(LabelColumn("a set", "toxicity", "toxicity", TRUTH.astype(float)), SCORES, 0.5)
    assert found is not None
    texts = ["Gay people are scum", "I am gay.", "You are scum", "A day in the park"]
    fairness = bias("<b>", "toxicity", texts, np.array([1.0, 0, 1, 0]), np.array([0.9, 0.7, 0.6, 0.1]), ("gay",), 1)
    assert fairness is not None
    evaluation = Evaluation(
        tier="fast",
        version="v1",
        data="a set",
        measured_at="2026-11-23T12:00:00+00:00",
        limit=4,
        detections=(found,),
        relevance=(RelevanceMeasure("paper", 3, 0.9123, 0.7456),),
        spans=(SpanAgreement("spans", 5, 0.6789),),
        agreement=(ScoreAgreement("other", "column", "toxicity", 5, 0.8642),),
        bias=(fairness,),
        robustness=robustness(idiot, ["you idiot"]),
    )
    card = model_card([(idiot.manifest, evaluation)])
    page = html_report([evaluation])

    assert [table.title for table in tables(evaluation)] == [
        "Detection",
        "Relevance",
        "Spans",
        "Agreement with another scorer",
        "Unintended bias, <b>",
        "Robustness",
    ]
    for figure in ("0.7500", "0.9123", "0.7456", "67.89 %", "0.8642"):
        assert figure in card
        assert figure in page
    assert "<b>" not in page
    assert "//" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert evaluation.to_dict()["bias"][0]["worst"] == "gay"
    front = import_module("yaml").safe_load(card.split("---")[1])
    assert (front["license"], front["datasets"]) == ("apache-2.0", ["google/jigsaw_toxicity_pred"])
    (result,) = front["model-index"][0]["results"]
    assert result["metrics"][0] == {"type": "roc_auc", "name": "ROC AUC", "value": 0.75}
    assert "`labels.csv`: a newsroom's own labels; 3 rows" in card


def test_what_the_labels_do_not_tell_is_left_out() -> None:
    bare = Evaluation("fast", "v1", "nothing", "now", 1)

    assert tables(bare) == []
    assert "<table>" not in html_report([bare])


@pytest.mark.parametrize(("count", "shown", "said"), [(4, 4, ""), (8, 8, ""), (9, 8, "The 8 worst of 9 terms.")])
def test_worst_terms_are_counted_only_where_some_are_left_out(count: int, shown: int, said: str) -> None:
    terms = tuple(TermBias(f"term {i}", 20, 0.9, 0.5 + i / 100, 0.9) for i in range(count))
    (table,) = tables(Evaluation("fast", "v1", "a set", "now", 1, bias=(Bias("set", "toxicity", terms),)))

    assert len(table.rows) == shown
    assert table.note.endswith(f"against benign ones that do not. {said}".rstrip())


def test_a_table_is_markdown_and_html() -> None:
    table = Table("Title", "Note.", ("what", "figure"), (("a|b", "1"), ("<c>", "22")))

    assert table.markdown(2).splitlines() == [
        "## Title",
        "",
        "Note.",
        "",
        "| what | figure |",
        "| ---- | -----: |",
        "| a\\|b |      1 |",
        "| <c>  |     22 |",
    ]
    assert "<td>&lt;c&gt;</td><td>22</td>" in table.html()


@pytest.mark.parametrize(
    "plot",
    [
        line_plot("A & B", "x", "y", [Curve("<one>", ((0.0, 0.0), (0.5, 1.5))), Curve("empty", ())], diagonal=True),
        bar_plot("Bars", [("a < b", 0.5), ("long", 7.0)]),
    ],
    ids=["lines", "bars"],
)
def test_a_plot_is_an_image_that_can_be_read_out(plot: str) -> None:
    svg = ET.fromstring(plot)  # noqa: S314 - our own

    assert svg.get("role") == "img"
    assert svg.get("aria-label") in ("A & B", "Bars")


def test_the_card_tells_which_flags_of_another_scorer_change(scorer: Scorer) -> None:
    evaluation = Evaluation("fast", scorer.manifest.version, "by hand", "2026-11-23T09:30:00+00:00", 10)

    card = model_card([(scorer.manifest, evaluation)])

    counts = scorer.manifest.training["perspective"]["toxicity"]["above"]["0.7"]
    flagged = counts["both"] + counts["theirs_only"]
    assert f"| {flagged}: {100 * counts['theirs_only'] / flagged:.0f} % lost; " in card
    assert "`TOXICITY@6`" in card


def test_the_card_counts_what_relevance_was_fitted_to_where_the_bundle_says_so(scorer: Scorer) -> None:
    evaluation = Evaluation("fast", scorer.manifest.version, "by hand", "2026-11-23T09:30:00+00:00", 10)
    training = {name: value for name, value in scorer.manifest.training.items() if name != "below_articles"}
    silent = replace(scorer.manifest, training=training)
    telling = replace(silent, training=training | {"below_articles": {"house": 8032, "newspaper_articles": 1999}})

    assert "relevance was fitted to: house 8032, newspaper_articles 1999 (fast)" in model_card([(telling, evaluation)])
    assert "relevance was fitted to:" not in model_card([(silent, evaluation)])


def test_no_flag_is_no_share() -> None:
    assert changed_flags({"both": 3, "theirs_only": 1, "ours_only": 0}) == "4: 25 % lost; 3: 0 % new"
    assert changed_flags({"both": 0, "theirs_only": 2, "ours_only": 0}) == "2: 100 % lost; 0: – new"


def test_the_card_counts_a_hundred_errors(scorer: Scorer) -> None:
    evaluation = Evaluation("fast", scorer.manifest.version, "by hand", "2026-11-23T09:30:00+00:00", 10)
    table = model_card([(scorer.manifest, evaluation)]).split("## A hundred errors")[1]

    rows = [
        [cell.strip() for cell in line.split("|")] for line in table.splitlines() if line.startswith(("| m", "| f"))
    ]

    assert sum(int(row[3]) + int(row[4]) for row in rows) == 100
    assert sum(int(row[3]) + int(row[4]) for row in rows if row[1] == "missed") == 50
