"""`python -m training promote` and `rollback`: let another bundle score, or the one before again."""

from pathlib import Path

import click

from model.bundling.shelf import Shelf
from training.cli.options import (
    BY,
    DATA_TOO,
    LABELS_TOO,
    own_labels,
    pinned_bundle,
    remind_of_pinned_bundle,
    say,
    value_hints,
)
from training.corpus.dev_sets import dev_folder
from training.promotion import promote as promoting
from training.promotion.samples import Evidence


@click.command()
@click.argument("bundle", metavar="BUNDLE")
@BY
@DATA_TOO
@LABELS_TOO
@value_hints
@click.option("--despite", metavar="REASON", default="", help="Promote it even if a gate refuses, for this reason.")
def promote(bundle: str, by: str, data: str | None, labels: tuple[str, ...], despite: str) -> None:
    """Put BUNDLE in charge of scoring, unless a gate refuses it.

    BUNDLE is fast, accurate or a folder. It is verified and compared with the
    bundle in charge, and what would change is printed. Unless a gate refuses
    it, it is copied to the shelf (BELOWLINE_BUNDLES, or else var/bundles), and
    running services switch to it within seconds, without dropping a request.
    The history records who, when, why and what the gates said.
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
            own_labels(labels) if labels else None,
        ),
        by=by,
        despite=despite,
        say=click.echo,
        progress=say,
    )
    back = f"`python -m training rollback` goes back to {move.before}." if move.before else ""
    click.echo(f"Promoted: {move.after} now scores. {back}".rstrip())
    remind_of_pinned_bundle()


@click.command()
@click.option("--to", "version", metavar="VERSION", help="Go back to this version instead of the last one.")
@BY
@click.option("--why", metavar="REASON", default="", help="Reason, for the history.")
def rollback(version: str | None, by: str, why: str) -> None:
    """Go back to the bundle that scored before.

    It is still on the shelf: running services switch to it within seconds,
    without dropping a request.
    """
    move = promoting.roll_back(Shelf(), version, by=by, why=why)
    click.echo(f"Rolled back: {move.after} now scores instead of {move.before}.")
    remind_of_pinned_bundle()
