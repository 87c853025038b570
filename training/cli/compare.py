"""`python -m training compare`: a champion and a challenger on the same comments, and what the gates say."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from model.bundling.manifest import open_bundle
from training.cli.options import (
    CAPACITY,
    DATA_TOO,
    LABELS_TOO,
    SCHEDULER,
    out_folder,
    own_labels,
    say,
    value_hints,
    writable,
    write_json,
)
from training.cluster import joblib_on
from training.corpus.dev_sets import dev_folder
from training.promotion.gates import judge
from training.promotion.samples import Evidence
from training.report.comparison import comparison_html, comparison_text


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the options of `compare` ask for."""

    champion: str
    challenger: str
    data: str | None
    labels: tuple[str, ...]
    capacity: float
    scheduler: str | None
    out: str | None
    report: str | None


@click.command()
@click.argument("champion", metavar="CHAMPION")
@click.argument("challenger", metavar="CHALLENGER")
@DATA_TOO
@LABELS_TOO
@value_hints
@CAPACITY
@SCHEDULER
@click.option("--out", metavar="FILE", help="Write all figures and the gates' verdicts as JSON.")
@click.option("--report", metavar="FOLDER", help="Write compare.html, with plots, to this folder.")
def compare(**options: Any) -> None:
    """Compare two bundles on the same comments: fast, accurate or a folder.

    Both score our own test sentences, and any labelled sets and labels you
    name. Each difference has a 95 % interval by paired bootstrap. The gates say
    whether the challenger may take the champion's place.
    """
    asked = _Asked(**options)
    bundles = open_bundle(asked.champion), open_bundle(asked.challenger)
    writable(asked.out)
    own = own_labels(asked.labels) if asked.labels else None
    evidence = Evidence(dev_folder(Path(asked.data)) if asked.data else None, own)
    with joblib_on(asked.scheduler):
        judgement = judge(*bundles, evidence, capacity=asked.capacity, progress=say)
    click.echo(comparison_text(judgement))
    if asked.out:
        write_json(asked.out, judgement.to_dict())
    if asked.report:
        (out_folder(asked.report) / "compare.html").write_text(comparison_html(judgement))
