"""What scores are worth: figures that can be worked out by hand."""

import random
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from model.records import Article, Comment, Scores, Span
from model.scorer import Scorer
from training.evaluation.agreement import Agreement, SpanAgreement
from training.evaluation.benign import benign_flags, benign_sentences
from training.evaluation.fairness import Bias, TermBias, bias
from training.evaluation.metrics import (
    LabelColumn,
    calibration,
    character_f1,
    detection,
    operating_point,
    precision_recall,
    recall_reviewed,
)
from training.evaluation.relevance import RelevanceMeasure
from training.evaluation.result import Evaluation
from training.evaluation.robustness import faithfulness, robustness
from training.fitting.heads import natural_weights
from training.report.card import model_card
from training.report.html import html_report
from training.report.plots import Line, bar_plot, line_plot
from training.report.tables import Table, tables

TRUTH = np.array([True, True, False, False])
SCORES = np.array([0.9, 0.3, 0.6, 0.1])
EVEN = np.full(4, 0.25)


class Idiot:
    """Scores by one word, in whatever case: what comes of a measure can be worked out."""

    manifest = SimpleNamespace(
        tier="fast",
        version="v1",
        attributes=("toxicity",),
        thresholds={"toxicity": 0.5},
        operating_points={"toxicity": "by hand"},
        training={"rows": {"jigsaw_wiki": 2, "labels.csv": 3}},
    )

    def score_each(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        articles: Mapping[str, Article] | None = None,
        attributes: Collection[str] | None = None,
        spans: bool = False,
    ) -> list[Scores]:
        del article, articles, attributes
        return [self._score(comment.text, spans=spans) for comment in comments]

    score_many = score_each

    def _score(self, text: str, *, spans: bool) -> Scores:
        place = text.lower().find("idiot")
        found = (Span(place, place + 5, "toxicity", 1.0),) if spans and place >= 0 else ()
        return Scores({"toxicity": 0.1 if place < 0 else 0.8}, found)


@pytest.fixture
def idiot() -> Scorer:
    """Give the scorer of one word."""
    return cast(Scorer, Idiot())


@pytest.mark.parametrize(
    ("gold", "found", "f1"),
    [
        (set(), set(), 1.0),
        ({1}, set(), 0.0),
        (set(), {1}, 0.0),
        ({1, 2}, {1, 2}, 1.0),
        ({1, 2, 3}, {3}, 0.5),
        ({1, 2}, {3, 4}, 0.0),
        ([1, 1, 2], [2, 2, 1], 1.0),
    ],
    ids=["both empty", "nothing found", "nothing to find", "same", "one of three", "apart", "offsets count once"],
)
def test_character_f1_is_that_of_the_shared_task(gold: Collection[int], found: Collection[int], f1: float) -> None:
    assert character_f1(gold, found) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("prevalence", "precision", "flagged"), [(0.5, 0.5, 0.5), (0.05, 0.05, 0.5)], ids=["as labelled", "as in nature"]
)
def test_precision_is_rescaled_to_nature_and_recall_is_not(prevalence: float, precision: float, flagged: float) -> None:
    point = operating_point(TRUTH, SCORES, natural_weights(TRUTH, prevalence), 0.5)

    assert (point.precision, point.recall, point.flagged) == pytest.approx((precision, 0.5, flagged))


def test_where_nothing_is_flagged_there_is_no_precision() -> None:
    point = operating_point(TRUTH, SCORES, EVEN, 0.95)

    assert (point.precision, point.recall, point.flagged) == (None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("scores", "share", "recall"),
    [
        (SCORES, 0.25, 0.5),
        (SCORES, 0.5, 0.5),
        (SCORES, 0.75, 1.0),
        (SCORES, 0.125, 0.25),
        (np.full(4, 0.7), 0.1, 0.1),
    ],
    ids=["the best one", "two", "three", "half of the best one", "no order at all"],
)
def test_recall_of_what_people_have_time_for(scores: Any, share: float, recall: float) -> None:
    assert recall_reviewed(TRUTH, scores, EVEN, share) == pytest.approx(recall)


def test_calibration_compares_scores_to_frequencies() -> None:
    found = calibration(TRUTH, np.array([0.9, 0.9, 0.9, 0.1]), EVEN, bins=10)

    # Three quarters score .9 where two thirds are so, a quarter .1 where none is.
    assert found.error == pytest.approx(0.75 * abs(0.9 - 2 / 3) + 0.25 * 0.1)
    assert [(b.share, b.score, b.truth) for b in found.bins] == [
        pytest.approx((0.25, 0.1, 0.0)),
        pytest.approx((0.75, 0.9, 2 / 3)),
    ]


def test_a_score_of_one_has_a_bin() -> None:
    assert calibration(np.array([True]), np.array([1.0]), np.array([1.0])).error == 0.0


def test_the_curve_falls_with_the_threshold() -> None:
    curve = precision_recall(TRUTH, SCORES, EVEN)

    assert [(p.threshold, p.precision, p.recall) for p in curve] == [(0.9, 1.0, 0.5), (0.3, pytest.approx(2 / 3), 1.0)]


def test_detection_ignores_what_nobody_was_asked_or_could_be_scored() -> None:
    labels = np.array([1.0, 0.6, 0.4, 0.0, np.nan, 1.0])
    scores = np.array([0.9, 0.3, 0.6, 0.1, 1.0, np.nan])
    found = detection(LabelColumn("set", "column", "toxicity", labels, prevalence=0.5), scores, 0.5)

    assert found is not None
    assert (found.rows, found.positives, found.roc_auc) == (4, 2, 0.75)
    assert found.pr_auc == pytest.approx(0.5 * 1.0 + 0.5 * 2 / 3)
    assert found.recall_reviewed == {
        "0.05": pytest.approx(0.1),
        "0.1": pytest.approx(0.2),
        "0.2": pytest.approx(0.4),
    }


@pytest.mark.parametrize("labels", [[1.0, 1.0], [0.0, 0.2], [np.nan, np.nan]], ids=["all", "none", "nobody asked"])
def test_detection_says_nothing_where_labels_do_not_differ(labels: list[float]) -> None:
    assert detection(LabelColumn("set", "column", "toxicity", np.array(labels)), np.array([0.1, 0.9])) is None


def test_bias_by_hand() -> None:
    texts = ["Gay people are scum", "I am gay.", "You are scum", "A day in the park", "gayety and Gaylord"]
    labels = np.array([1.0, 0.0, 1.0, 0.0, 0.0])
    scores = np.array([0.9, 0.7, 0.6, 0.1, 0.2])
    found = bias("set", "toxicity", texts, labels, scores, terms=("gay", "old"), least=1)

    assert found is not None
    (gay,) = found.terms
    # "I am gay" (.7) scores above the abuse that names nobody (.6): BPSN 0.
    assert (gay.term, gay.rows, gay.subgroup_auc, gay.bpsn_auc, gay.bnsp_auc) == ("gay", 2, 1.0, 0.0, 1.0)
    assert found.worst == gay


def test_bias_of_few_comments_is_none() -> None:
    assert bias("set", "toxicity", ["I am gay."], np.array([0.0]), np.array([0.7])) is None


def test_an_attack_that_hides_the_word_costs_the_score(idiot: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def hide(text: str, rng: random.Random, *, share: float = 1.0) -> str:
        del rng, share
        return text.replace("idiot", "id iot")

    def shout(text: str, rng: random.Random, *, share: float = 1.0) -> str:
        del rng, share
        return text.upper()

    monkeypatch.setattr("training.evaluation.robustness.ATTACKS", {"hide": hide, "shout": shout})
    found = robustness(idiot, ["you idiot", "what an idiot he is"])

    assert [(r.attack, r.rows, r.kept, r.still_flagged) for r in found] == [
        ("hide", 2, pytest.approx(0.125), 0.0),
        ("shout", 2, 1.0, 1.0),
    ]


def test_faithful_spans_cost_the_score_and_other_words_do_not(idiot: Scorer) -> None:
    texts = ["what an idiot he is", "idiot", "Nothing is shown here"]
    spans = [scores.spans for scores in idiot.score_many([Comment(text) for text in texts], spans=True)]
    found = faithfulness(idiot, texts, spans)

    assert found is not None
    # A comment that is nothing but its span has no other words to compare with.
    assert (found.rows, found.score, found.drop, found.random_drop) == pytest.approx((1, 0.8, 0.7, 0.0))
    assert faithfulness(idiot, ["Nothing is shown here"], [()]) is None


def test_benign_sentences_are_flagged_by_kind(idiot: Scorer) -> None:
    found = {flags.kind: flags for flags in benign_flags(idiot)}

    assert found.keys() == benign_sentences().keys()
    assert found["news"].flagged == 0.0
    assert found["apologies and admissions"].flagged == pytest.approx(1 / 5)


def test_benign_sentences_are_not_what_is_fitted() -> None:
    from training.corpus.counterfactuals import counterfactuals, newspaper_sentences  # noqa: PLC0415

    fitted = {sentence.text.casefold() for sentence in (*counterfactuals(0), *newspaper_sentences())}

    assert not [s for kind in benign_sentences().values() for s in kind if s.casefold() in fitted]


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
