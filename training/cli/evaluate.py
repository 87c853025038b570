"""`python -m training evaluate`: how good bundles are, or whether what comes in has changed."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from model.bundling.manifest import bundle_path
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from training.cli.options import (
    CAPACITY,
    DATA,
    LABELS_HELP,
    out_folder,
    own_labels,
    say,
    value_hints,
    writable,
    write_json,
)
from training.corpus.corpus import Corpus
from training.corpus.data_folder import named_folder
from training.corpus.dev_sets import dev_folder
from training.evaluation.bundle import evaluate_bundle
from training.evaluation.drift import drift
from training.evaluation.labels import evaluate_labels
from training.evaluation.result import Evaluation
from training.report.card import model_card
from training.report.drift import drift_table
from training.report.html import html_report
from training.report.tables import tables


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the options of `evaluate` ask for."""

    bundles: tuple[str, ...]
    data: str | None
    labels: tuple[str, ...]
    drift: tuple[str, ...]
    capacity: float
    n: int
    out: str | None
    report: str | None
    card: str | None

    def check(self) -> None:
        """Refuse a call that is wrong before the first minute is spent."""
        if self.data and self.labels:
            raise click.UsageError("Use --data or --labels, not both.")
        if self.drift and not self.labels:
            raise click.UsageError("--drift needs --labels to compare with.")
        if self.drift and (self.report or self.card):
            raise click.UsageError("--drift writes no report and no card.")
        for bundle in self.bundles:
            bundle_path(bundle)
        writable(self.out, self.card)


@click.command()
@click.option(
    "--bundle",
    "bundles",
    multiple=True,
    default=["accurate"],
    show_default=True,
    metavar="fast|accurate|PATH",
    help="Bundle to measure; give it twice to see two side by side.",
)
@DATA
@click.option(
    "--labels",
    multiple=True,
    metavar="FILE",
    help=f"Measure on your own {LABELS_HELP}, instead of --data. May be given several times.",
)
@click.option(
    "--drift",
    multiple=True,
    metavar="FILE",
    help="Earlier labels, in the form of --labels: show whether scores, words, removals and agreement have "
    "changed since. May be given several times.",
)
@value_hints
@CAPACITY
@click.option(
    "--n",
    type=click.IntRange(min=1),
    default=2000,
    show_default=True,
    help="Use at most this many comments from each set.",
)
@click.option("--out", metavar="FILE", help="Write all figures as JSON, bundle by bundle.")
@click.option("--report", metavar="FOLDER", help="Write report.html, with plots, to this folder.")
@click.option("--card", metavar="FILE", help="Write a model card (Markdown with the hub's front matter).")
def evaluate(**options: Any) -> None:
    """Measure bundles on labelled comments, and print the figures.

    Precision, recall and calibration are rescaled to how rare abuse is below
    a newspaper's articles; a labelled set holds many times more of it.
    """
    asked = _Asked(**options)
    asked.check()
    own = own_labels(asked.labels) if asked.labels else None
    if asked.drift and own:
        _print_drift(asked, own_labels(asked.drift), own)
        return
    folder = dev_folder(named_folder(asked.data)) if own is None else None
    found: dict[str, tuple[Scorer, Evaluation]] = {}
    for bundle in asked.bundles:
        scorer = load_bundle(bundle)
        measured = _measure(scorer, folder, own, asked)
        found[bundle] = scorer, measured
        click.echo(_as_text(bundle, measured))
    if asked.out:
        write_json(asked.out, {name: measured.to_dict() for name, (_, measured) in found.items()})
    if asked.report:
        (out_folder(asked.report) / "report.html").write_text(html_report([measured for _, measured in found.values()]))
    if asked.card:
        Path(asked.card).write_text(model_card([(scorer.manifest, measured) for scorer, measured in found.values()]))


def _measure(scorer: Scorer, folder: Path | None, own: Corpus | None, asked: _Asked) -> Evaluation:
    """Evaluate a bundle on the dev sets, or on one's own labels."""
    if folder is not None:
        return evaluate_bundle(scorer, folder, asked.n, say, capacity=asked.capacity)
    if own is None:
        raise RuntimeError("neither data nor labels")
    name = ", ".join(Path(file).name for file in asked.labels)
    return evaluate_labels(scorer, own, name, asked.n, say, capacity=asked.capacity)


def _as_text(bundle: str, measured: Evaluation) -> str:
    """Return an evaluation's tables as Markdown."""
    heading = f"# {bundle}, version {measured.version}, on {measured.data}"
    return "\n\n".join([heading, *(table.markdown(2) for table in tables(measured))]) + "\n"


def _print_drift(asked: _Asked, reference: Corpus, current: Corpus) -> None:
    """Print what drifted between two files of labels, for each bundle."""
    found = {bundle: drift(bundle_path(bundle), reference, current, asked.n, say) for bundle in asked.bundles}
    for bundle, signals in found.items():
        click.echo(f"# {bundle}\n\n{drift_table(signals).markdown(2)}\n")
        for signal in signals:
            if signal.advice:
                click.echo(f"{signal.level}: {signal.attribute or signal.subject}. {signal.advice}")
    if asked.out:
        plain = {b: [asdict(signal) | {"advice": signal.advice} for signal in signals] for b, signals in found.items()}
        write_json(asked.out, plain)
