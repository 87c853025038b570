"""The commands that let another bundle score."""

import getpass
import os
from pathlib import Path

import click

from training.cli.labels import DATA_TOO, LABELS_TOO

#: Flips that are printed.
_SHOWN = 20
_BY = click.option(
    "--by", metavar="NAME", default=getpass.getuser, show_default="who runs it", help="Who is responsible for it."
)


@click.command()
@click.argument("bundle", metavar="BUNDLE")
@_BY
@DATA_TOO
@LABELS_TOO
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
    from model.bundling.shelf import Shelf  # noqa: PLC0415 - the libraries are slow to import
    from training.corpus.dev_sets import dev_folder  # noqa: PLC0415
    from training.corpus.newsroom_labels import read_labels  # noqa: PLC0415
    from training.promotion import promote as promoting  # noqa: PLC0415

    shelf, pinned = Shelf(), os.environ.get("BELOWLINE_BUNDLE", "")
    found = promoting.challenge(bundle, pinned, shelf)
    for line in found.changes():
        click.echo(line)
    folder = data or os.environ.get("BELOWLINE_DATA")
    move = promoting.promote(
        found,
        shelf,
        by=by,
        despite=despite,
        data=dev_folder(Path(folder)) if folder else None,
        labels=read_labels(*labels) if labels else None,
        say=click.echo,
        progress=lambda message: click.echo(message, err=True),
    )
    back = f"`python -m training rollback` goes back to {move.before}." if move.before else ""
    click.echo(f"Promoted: {move.after} scores from now on. {back}".rstrip())
    _remind(pinned)


@click.command()
@click.option("--to", "version", metavar="VERSION", help="Another version that scored before, not the last.")
@_BY
@click.option("--why", metavar="REASON", default="", help="Goes into the history.")
def rollback(version: str | None, by: str, why: str) -> None:
    """Let the bundle score again that scored before.

    It is on the shelf already, so this takes a moment: running services take
    it over within seconds, without dropping a request.
    """
    from model.bundling.shelf import Shelf  # noqa: PLC0415 - as above
    from training.promotion.promote import roll_back  # noqa: PLC0415

    move = roll_back(Shelf(), version, by=by, why=why)
    click.echo(f"Rolled back: {move.after} scores from now on, not {move.before}.")
    _remind(os.environ.get("BELOWLINE_BUNDLE", ""))


@click.command()
@click.argument("bundle", metavar="CHALLENGER")
@click.option(
    "--queue",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What came in: the answer of GET /v1/labels?unreviewed=true.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="What an item takes a moderator. The console's Numbers tell what yours take.",
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write each flip, as JSON Lines."
)
def replay(bundle: str, queue: Path, minutes: float, out: Path | None) -> None:
    """Tell what would have been flagged, had CHALLENGER scored what came in.

    A dry run: both bundles score the queue anew, and nothing is promoted.
    Tells which flags flip, the minutes that moderators would have been spared,
    the breaches that would have been missed, and those newly found.
    """
    import json  # noqa: PLC0415 - as above

    from model.bundling.manifest import bundle_path  # noqa: PLC0415
    from model.bundling.shelf import Shelf, champion  # noqa: PLC0415
    from training.promotion.dry_run import read_queue  # noqa: PLC0415
    from training.promotion.dry_run import replay as run  # noqa: PLC0415

    challenger, scores = bundle_path(bundle), champion(os.environ.get("BELOWLINE_BUNDLE", ""), Shelf())
    found = run(scores, challenger, read_queue(queue), lambda message: click.echo(message, err=True), minutes)
    for line in found.lines():
        click.echo(line)
    for flip in found.flips[:_SHOWN]:
        reasons = ", ".join(f"{name} {score:.2f}" for name, score in flip.reasons.items())
        click.echo(f"  {flip.change}\t{flip.label or 'not seen'}\t{flip.comment_id}\t{reasons}")
    if len(found.flips) > _SHOWN:
        click.echo(f"  and {len(found.flips) - _SHOWN} more: --out FILE writes them all.")
    if out is not None:
        out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found.rows()))


def _remind(pinned: str) -> None:
    if pinned:
        click.echo(f"A service with BELOWLINE_BUNDLE={pinned} scores with that all the same.", err=True)
