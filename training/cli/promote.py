"""`python -m training promote`: let another bundle score."""

from pathlib import Path

import click

from model.bundling.shelf import Shelf
from training.cli.options import (
    BY,
    DATA_TOO,
    LABELS_TOO,
    hints,
    pinned_bundle,
    remind_of_pinned_bundle,
    say,
    value_hints,
)
from training.corpus.dev_sets import dev_folder
from training.corpus.newsroom_labels import read_labels
from training.promotion import promote as promoting
from training.promotion.samples import Evidence


@click.command()
@click.argument("bundle", metavar="BUNDLE")
@BY
@DATA_TOO
@LABELS_TOO
@value_hints
@click.option("--despite", metavar="REASON", default="", help="Promote it though a gate refuses, for this reason.")
def promote(bundle: str, by: str, data: str | None, labels: tuple[str, ...], despite: str) -> None:
    """Let BUNDLE score from now on, if no gate refuses it.

    BUNDLE is a folder, fast or accurate. Its files are verified, it is
    compared with the bundle that scores now, and what would change is
    printed. If no gate refuses, it is copied onto the shelf (BELOWLINE_BUNDLES,
    else var/bundles), and running services take it over within seconds,
    without dropping a request. The history keeps who, when, why and what the
    gates said.
    """
    shelf = Shelf()
    found = promoting.challenge(bundle, pinned_bundle(), shelf)
    for line in found.changes():
        click.echo(line)
    move = promoting.promote(
        found,
        shelf,
        Evidence(
            dev_folder(Path(data)) if data else None,
            read_labels(*labels, hints=hints()) if labels else None,
        ),
        by=by,
        despite=despite,
        say=click.echo,
        progress=say,
    )
    back = f"`python -m training rollback` goes back to {move.before}." if move.before else ""
    click.echo(f"Promoted: {move.after} scores from now on. {back}".rstrip())
    remind_of_pinned_bundle()
