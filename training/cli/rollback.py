"""`python -m training rollback`: let the bundle before score again."""

import click

from model.bundling.shelf import Shelf
from training.cli.options import BY, remind_of_pinned_bundle
from training.promotion.promote import roll_back


@click.command()
@click.option("--to", "version", metavar="VERSION", help="Another version that scored before, not the last.")
@BY
@click.option("--why", metavar="REASON", default="", help="Goes into the history.")
def rollback(version: str | None, by: str, why: str) -> None:
    """Go back to the bundle that scored before.

    It is on the shelf already, so this takes a moment: running services take
    it over within seconds, without dropping a request.
    """
    move = roll_back(Shelf(), version, by=by, why=why)
    click.echo(f"Rolled back: {move.after} scores from now on, not {move.before}.")
    remind_of_pinned_bundle()
