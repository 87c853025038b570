"""Evaluations for people to read."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from model.scorer import Scorer
from training.evaluation.agreement import Agreement, SpanAgreement
from training.evaluation.fairness import Bias, TermBias, bias
from training.evaluation.metrics import (
    LabelColumn,
    detection,
)
from training.evaluation.relevance import RelevanceMeasure
from training.evaluation.result import Evaluation
from training.evaluation.robustness import robustness
from training.report.card import model_card
from training.report.html import html_report
from training.report.plots import Line, bar_plot, line_plot
from training.report.tables import Table, tables

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
        agreement=(Agreement("other", "column", "toxicity", 5, 0.8642),),
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
    front = pytest.importorskip("yaml").safe_load(card.split("---")[1])
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
        line_plot("A & B", "x", "y", [Line("<one>", ((0.0, 0.0), (0.5, 1.5))), Line("empty", ())], diagonal=True),
        bar_plot("Bars", [("a < b", 0.5), ("long", 7.0)]),
    ],
    ids=["lines", "bars"],
)
def test_a_plot_is_an_image_that_can_be_read_out(plot: str) -> None:
    svg = ET.fromstring(plot)  # noqa: S314 - our own

    assert svg.get("role") == "img"
    assert svg.get("aria-label") in ("A & B", "Bars")
