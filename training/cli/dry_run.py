"""`python -m training dry-run`: what another bundle would have flagged."""

from pathlib import Path

import click

from model.bundling.manifest import bundle_path
from model.bundling.shelf import Shelf, champion
from training.cli.options import pinned_bundle, say, write_lines
from training.promotion.dry_run import dry_run as run_dry
from training.promotion.dry_run import read_queue

#: Flips that are printed.
_SHOWN = 20


@click.command("dry-run")
@click.argument("bundle", metavar="CHALLENGER")
@click.option(
    "--queue",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What came in: an export from GET /v1/labels?unreviewed=true.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Minutes a moderator spends on an item; the console's Numbers page shows yours.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write every flip to this file, as JSON Lines."
)
def dry_run(bundle: str, queue: Path, minutes: float, out: str | None) -> None:
    """Show what CHALLENGER would have flagged, had it scored what came in.

    Both bundles score the queue again; nothing is promoted. You see which flags
    flip, the minutes moderators would have saved, the breaches they would have
    missed and the new ones found.
    """
    challenger, scores = bundle_path(bundle), champion(pinned_bundle(), Shelf())
    found = run_dry(scores, challenger, read_queue(queue), say, minutes)
    for line in found.lines():
        click.echo(line)
    for flip in found.flips[:_SHOWN]:
        reasons = ", ".join(f"{name} {score:.2f}" for name, score in flip.reasons.items())
        click.echo(f"  {flip.change}\t{flip.label or 'not seen'}\t{flip.comment_id}\t{reasons}")
    if len(found.flips) > _SHOWN:
        click.echo(f"  and {len(found.flips) - _SHOWN} more: --out FILE writes them all.")
    if out is not None:
        write_lines(out, found.rows())
