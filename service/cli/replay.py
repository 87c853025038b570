"""`python -m service replay`: recorded scores of the Perspective API beside ours."""

import click

from model.commands import BUNDLE
from model.scoring.loading import load_bundle
from model.tables.table import read_rows
from model.tables.writing import check_ending, write_rows
from service.compat.perspective import replay as recorded


@click.command()
@click.option(
    "--comments",
    required=True,
    metavar="FILE",
    help="Comments with a `text` and the scores that the Perspective API gave them: .csv, .xlsx, .jsonl, .parquet, "
    "or - for JSON Lines. A column for each attribute (TOXICITY), the API's answer in `attributeScores`, lines of "
    "{request, response}, or Coral's own export of comments.",
)
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    type=click.FloatRange(0, 1),
    default=recorded.THRESHOLDS,
    show_default=True,
    help="A threshold that your program uses; may be given several times.",
)
@click.option(
    "--out",
    metavar="FILE",
    help="Where the comments go that only one side flags: .jsonl, .csv or .parquet. They hold readers' texts.",
)
@BUNDLE
def replay(comments: str, thresholds: tuple[float, ...], out: str | None, bundle: str) -> None:
    """Score recorded comments again, and say how far both scores agree.

    For each threshold: how many comments lie above it on both sides, on one
    side only, what share of the flags is lost and won, and which threshold on
    our scores flags as many as theirs. Nothing is stored.
    """
    check_ending(out)
    rows = [row for _, row in read_rows(comments)]
    found = recorded.replay(load_bundle(bundle), rows, thresholds)
    if out is not None:
        write_rows(found.crossed, recorded.COLUMNS, out)
    click.echo(recorded.as_text(found))
