"""`python -m training evaluate`: how good bundles are, or whether what comes in has changed."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from training.cli.labels import CAPACITY, DATA, LABELS_HELP, out_folder, own_labels, say, writable

if TYPE_CHECKING:
    from model.scorer import Scorer
    from training.corpus.corpus import Corpus
    from training.evaluation.result import Evaluation


@click.command()
@click.option(
    "--bundle",
    "bundles",
    multiple=True,
    default=["accurate"],
    show_default=True,
    metavar="fast|accurate|PATH",
    help="What is measured; give it twice to set two side by side.",
)
@DATA
@click.option("--labels", metavar="FILE", help=f"Measure on your own {LABELS_HELP}, instead of --data.")
@click.option(
    "--drift",
    metavar="FILE",
    help="Earlier labels, like --labels: tell whether scores, words, removals and agreement have changed since.",
)
@CAPACITY
@click.option(
    "--n", type=click.IntRange(min=1), default=2000, show_default=True, help="At most so many comments of each set."
)
@click.option("--out", metavar="FILE", help="Write all figures as JSON: an object, bundle by bundle.")
@click.option("--report", metavar="FOLDER", help="Write report.html, with plots, into it.")
@click.option("--card", metavar="FILE", help="Write a model card (Markdown with the hub's front matter).")
def evaluate(
    bundles: tuple[str, ...],
    data: str | None,
    labels: str | None,
    drift: str | None,
    capacity: float,
    n: int,
    out: str | None,
    report: str | None,
    card: str | None,
) -> None:
    """Measure bundles on labelled comments, and print the figures.

    Precision, recall and calibration are rescaled to how rare abuse is below
    a newspaper's articles; a labelled set holds many times more of it.
    """
    if data and labels:
        raise click.UsageError("Give --data or --labels, not both.")
    if drift and not labels:
        raise click.UsageError("--drift FILE is what --labels FILE is compared with: give both.")
    if drift and (report or card):
        raise click.UsageError("--drift writes no report and no card.")
    from model.bundling.bundle import load_bundle  # noqa: PLC0415
    from model.bundling.manifest import bundle_path  # noqa: PLC0415

    # Every mistake in the call is told before the first minute is spent.
    for bundle in bundles:
        bundle_path(bundle)
    writable(out, card)
    own = own_labels((labels,)) if labels else None
    if drift and own:
        _print_drift(bundles, own_labels((drift,)), own, n, out)
        return
    folder = dev_data(data) if own is None else None
    found: dict[str, tuple[Scorer, Evaluation]] = {}
    for bundle in bundles:
        scorer = load_bundle(bundle)
        measured = _measure(scorer, folder, own, labels or "", n, capacity)
        found[bundle] = scorer, measured
        click.echo(_as_text(bundle, measured))
    if out:
        _write_json(out, {name: measured.to_dict() for name, (_, measured) in found.items()})
    if report:
        from training.report.html import html_report  # noqa: PLC0415

        out_folder(report)
        Path(report, "report.html").write_text(html_report([measured for _, measured in found.values()]))
    if card:
        from training.report.card import model_card  # noqa: PLC0415

        Path(card).write_text(model_card([(scorer.manifest, measured) for scorer, measured in found.values()]))


def dev_data(data: str | None) -> Path:
    """Find the labelled sets: as given, `BELOWLINE_DATA`, or `../shared/data`."""
    import os  # noqa: PLC0415

    from training.corpus.dev_sets import dev_folder  # noqa: PLC0415

    return dev_folder(Path(data or os.environ.get("BELOWLINE_DATA") or "../shared/data"))


def _measure(
    scorer: "Scorer", folder: Path | None, own: "Corpus | None", name: str, n: int, capacity: float
) -> "Evaluation":
    from training.evaluation.bundle import evaluate_bundle  # noqa: PLC0415
    from training.evaluation.labels import evaluate_labels  # noqa: PLC0415

    if folder is not None:
        return evaluate_bundle(scorer, folder, n, say, capacity=capacity)
    if own is None:
        raise RuntimeError("neither data nor labels")
    return evaluate_labels(scorer, own, Path(name).name, n, say, capacity=capacity)


def _as_text(bundle: str, measured: "Evaluation") -> str:
    from training.report.tables import tables  # noqa: PLC0415

    heading = f"# {bundle}, version {measured.version}, on {measured.data}"
    return "\n\n".join([heading, *(table.markdown(2) for table in tables(measured))]) + "\n"


def _print_drift(bundles: tuple[str, ...], reference: "Corpus", current: "Corpus", n: int, out: str | None) -> None:
    from dataclasses import asdict  # noqa: PLC0415

    from model.bundling.manifest import bundle_path  # noqa: PLC0415
    from training.evaluation.drift import drift  # noqa: PLC0415
    from training.report.drift import drift_table  # noqa: PLC0415

    found = {bundle: drift(bundle_path(bundle), reference, current, n, say) for bundle in bundles}
    for bundle, signals in found.items():
        click.echo(f"# {bundle}\n\n{drift_table(signals).markdown(2)}\n")
        for signal in signals:
            if signal.advice:
                click.echo(f"{signal.level}: {signal.attribute or signal.subject}. {signal.advice}")
    if out:
        plain = {b: [asdict(signal) | {"advice": signal.advice} for signal in signals] for b, signals in found.items()}
        _write_json(out, plain)


def _write_json(file: str, figures: object) -> None:
    Path(file).write_text(json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
