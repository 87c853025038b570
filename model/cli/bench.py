"""`python -m model bench`: how fast bundles are, beside other programs."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from model.bench import measure
from model.bench.table import as_text
from model.bundling.manifest import SHIPPED
from model.errors import InvalidInput
from model.tables.table import read_rows


@click.command()
@click.option(
    "--bundle",
    "bundles",
    multiple=True,
    metavar="fast|accurate|PATH",
    help="Bundle to time; repeatable. Both shipped bundles if left out.",
)
@click.option(
    "--comments",
    metavar="FILE",
    help="Table to take the comments' words from, with `text` and, where known, `toxicity`, to which the peers "
    "that learn are fitted. Made up if left out.",
)
@click.option(
    "--batch",
    "batches",
    multiple=True,
    type=click.IntRange(min=1),
    default=(1, 16, 256, 2048),
    show_default=True,
    help="Comments per call.",
)
@click.option(
    "--length",
    "lengths",
    multiple=True,
    type=click.IntRange(min=10),
    default=(110, 300),
    show_default=True,
    help="Characters per comment, roughly.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    help="Time for each cell of the table, roughly.",
)
@click.option("--peers/--no-peers", default=True, show_default=True, help="Time other programs too, if installed.")
@click.option("--out", metavar="FILE", help="Write the figures as JSON too.")
def bench(
    bundles: tuple[str, ...],
    comments: str | None,
    batches: tuple[int, ...],
    lengths: tuple[int, ...],
    seconds: float,
    out: str | None,
    *,
    peers: bool,
) -> None:
    """Time bundles: comments per second, latency, load time, memory.

    Other programs are timed too, in the same process and on the same comments,
    if they are installed: alt-profanity-check, fasttext, a tf-idf pipeline of
    scikit-learn, and a BERT-base with random weights (needs `onnx`).
    """
    names = bundles or tuple(name for name in ("fast", "accurate") if (SHIPPED / name / "manifest.json").is_file())
    rows = [row for _, row in read_rows(comments) if isinstance(row.get("text"), str)] if comments else []
    if comments and not any(row["text"].strip() for row in rows):
        raise InvalidInput(f"{comments!r} has no comment with a `text`.")
    labelled = bool(rows) and all("toxicity" in row for row in rows)
    found = measure.bench(
        names or ("fast",),
        measure.Cells(batches, lengths, seconds),
        texts=[row["text"] for row in rows],
        abusive=[_label(row["toxicity"], comments) for row in rows] if labelled else (),
        with_peers=peers,
        progress=lambda message: click.echo(message, err=True),
    )
    click.echo(as_text(found))
    if out:
        Path(out).write_text(json.dumps(asdict(found), indent=1) + "\n")


def _label(value: Any, source: str | None) -> bool:
    """Read a toxicity label as yes or no."""
    try:
        return float(value or 0) >= 0.5
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{source!r}: toxicity is {value!r}, not a number from 0 to 1.") from error
