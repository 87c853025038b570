"""`python -m service replay`: recorded scores of the Perspective API beside ours."""

import click

from model.bundling.bundle import load_bundle
from model.commands import BUNDLE
from model.tables.table import read_rows
from service.compat.perspective import replay as recorded


@click.command()
@click.option(
    "--comments",
    required=True,
    metavar="FILE",
    help="Comments with a `text` and the scores that the Perspective API gave them: .csv, .xlsx, .jsonl, .parquet, "
    "or - for JSON Lines. A column for each attribute (TOXICITY), or the API's answer in `attributeScores`.",
)
@BUNDLE
def replay(comments: str, bundle: str) -> None:
    """Score recorded comments anew, and tell how far both agree.

    For each usual threshold: how many comments lie above it on both sides, on
    one side only, and which threshold on our scores flags as many as theirs.
    Nothing is stored.
    """
    click.echo(recorded.as_text(*recorded.replay(load_bundle(bundle), [row for _, row in read_rows(comments)])))
