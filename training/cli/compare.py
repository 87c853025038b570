"""`python -m training compare`: a champion and a challenger on the same comments, and what the gates say."""

import json
import os
from pathlib import Path

import click

from training.cli.labels import CAPACITY, DATA_TOO, LABELS_TOO, SCHEDULER, out_folder, own_labels, say, writable


@click.command()
@click.argument("champion", metavar="CHAMPION")
@click.argument("challenger", metavar="CHALLENGER")
@DATA_TOO
@LABELS_TOO
@CAPACITY
@SCHEDULER
@click.option("--out", metavar="FILE", help="Write all figures and the gates' verdicts as JSON.")
@click.option("--report", metavar="FOLDER", help="Write compare.html, with plots, into it.")
def compare(
    champion: str,
    challenger: str,
    data: str | None,
    labels: tuple[str, ...],
    capacity: float,
    scheduler: str | None,
    out: str | None,
    report: str | None,
) -> None:
    """Compare two bundles on the same comments: fast, accurate or a folder.

    Both score sentences of our own, and the labelled sets and labels that
    are given. Differences come with 95 % intervals by paired bootstrap. The
    gates say whether the challenger may take the champion's place.
    """
    from model.bundling.manifest import open_bundle  # noqa: PLC0415

    bundles = open_bundle(champion), open_bundle(challenger)
    writable(out)
    own = own_labels(labels) if labels else None
    from training.cluster import joblib_on  # noqa: PLC0415
    from training.corpus.dev_sets import dev_folder  # noqa: PLC0415
    from training.promotion.gates import judge  # noqa: PLC0415
    from training.report.comparison import comparison_html, comparison_text  # noqa: PLC0415

    folder = data or os.environ.get("BELOWLINE_DATA")
    with joblib_on(scheduler):
        judgement = judge(
            *bundles, data=dev_folder(Path(folder)) if folder else None, labels=own, capacity=capacity, progress=say
        )
    click.echo(comparison_text(judgement))
    if out:
        Path(out).write_text(json.dumps(judgement.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    if report:
        (out_folder(report) / "compare.html").write_text(comparison_html(judgement))
