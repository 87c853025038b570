"""An evaluation as one HTML page with plots, which needs nothing from the network."""

from collections.abc import Sequence
from html import escape

from training.evaluation.metrics import Detection
from training.evaluation.result import Evaluation
from training.report.plots import Curve, bar_plot, line_plot
from training.report.table import Table
from training.report.tables import tables

#: More lines than this in one plot cannot be told apart.
_LINES = 6
#: A bin of fewer comments says more of chance than of the scores.
_FEWEST = 15
#: Made from templates: whatever its curve looks like, no comments look so.
_NOT_DRAWN = "identity_madlibs"
_STYLE = """
body { font: 15px/1.5 sans-serif; max-width: 74rem; margin: 2rem auto; padding: 0 1rem; color: #111; background: #fff }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; font-size: 13px }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #ddd; text-align: right }
th:first-child, td:first-child { text-align: left }
figure { display: inline-block; margin: 0 1.5rem 1rem 0; vertical-align: top }
figcaption { font-weight: bold }
section { overflow-x: auto }
"""


def html_report(evaluations: Sequence[Evaluation]) -> str:
    """Return the whole page, a section for each bundle."""
    return _html(
        "How good the bundles are",
        "\n".join(
            _section(
                f"{evaluation.tier}, version {evaluation.version}",
                f"Measured on {evaluation.data}, at most {evaluation.limit} comments of each set, "
                f"{evaluation.measured_at}.",
                _plots(evaluation),
                tables(evaluation),
            )
            for evaluation in evaluations
        ),
    )


def page(title: str, about: str, plots: Sequence[tuple[str, str]], shown: Sequence[Table]) -> str:
    """Return a page of one section: captions with their plots, then tables."""
    return _html(title, _section(about, "", plots, shown))


def _html(title: str, sections: str) -> str:
    """Write a whole page of HTML."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Belowline: {escape(title[0].lower() + title[1:])}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{sections}\n</body></html>\n"
    )


def _section(title: str, about: str, plots: Sequence[tuple[str, str]], shown: Sequence[Table]) -> str:
    """Write one bundle's section of the report: plots, then tables."""
    figures = "".join(f"<figure><figcaption>{escape(caption)}</figcaption>{svg}</figure>" for caption, svg in plots)
    text = f"<p>{escape(about)}</p>" if about else ""
    return "\n".join(
        ["<section>", f"<h2>{escape(title)}</h2>", text, figures, *(table.html() for table in shown), "</section>"]
    )


def _plots(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return captions and plots, of the sets that people wrote."""
    drawn = [d for d in evaluation.detections if d.dataset != _NOT_DRAWN]
    toxicity = [d for d in drawn if d.attribute == "toxicity"][:_LINES]
    off_topic = [d for d in drawn if d.attribute == "off_topic"][:_LINES]
    found = []
    for name, chosen in (("toxicity", toxicity), ("off_topic", off_topic)):
        if chosen:
            found.append((f"Reliability at natural prevalence: {name}", _reliability(chosen)))
            found.append((f"Precision and recall at natural prevalence: {name}", _precision_recall(chosen)))
    if evaluation.robustness:
        bars = [(r.attack.replace("_", " "), r.kept) for r in evaluation.robustness]
        found.append(("Share of the score that an attack leaves", bar_plot("Robustness by attack", bars, most=1.2)))
    return found


def _reliability(chosen: Sequence[Detection]) -> str:
    """Plot how often what scores so is so."""
    lines = [
        Curve(_name(d), tuple((b.score, b.truth) for b in d.calibration.bins if b.rows >= _FEWEST)) for d in chosen
    ]
    return line_plot("Reliability", "mean score", "share that is so", lines, diagonal=True)


def _precision_recall(chosen: Sequence[Detection]) -> str:
    """Plot precision against recall."""
    lines = [Curve(_name(d), tuple((p.recall, p.precision) for p in d.curve)) for d in chosen]
    return line_plot("Precision and recall", "recall", "precision", lines)


def _name(detection: Detection) -> str:
    """Name a curve after its set and label."""
    return f"{detection.dataset}, {detection.column}"
