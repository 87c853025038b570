"""`python -m training archive`: score an archive of any size."""

import sys
import time
from pathlib import Path
from typing import Any

import click
from dask.system import CPU_COUNT
from tqdm import tqdm

from model.commands import BUNDLE
from training.archive.run import ArchiveOptions, score_archive

#: Seconds between two lines of progress in a log.
_PAUSE = 10.0


@click.command()
@click.option(
    "--in",
    "source",
    required=True,
    metavar="FILES",
    help="Comments with `text`; `id`, `article_id` and `parent_text` are used if present. A Parquet file, a "
    "folder of them or a quoted pattern, as a path or a URL that fsspec knows.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the scores.")
@click.option(
    "--articles",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Articles with `article_id`, as `python -m model score` takes them.",
)
@BUNDLE
@click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Dask cluster to run on; its workers must see the same files under the same names.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes on this machine; one per core if left out.",
)
def archive(
    source: str, out: Path, articles: Path | None, bundle: str, scheduler: str | None, workers: int | None
) -> None:
    """Score any number of comments, on this machine or on a Dask cluster.

    Writes a Parquet file for every 20,000 comments, in order, to OUT. If it is
    stopped or killed, run the same command again: it resumes where it left off.
    See docs/archives.md.
    """
    if scheduler and workers:
        raise click.UsageError("Use --workers or --scheduler, not both.")

    options = ArchiveOptions(source, out, articles, bundle, scheduler, workers or CPU_COUNT)
    progress = _Progress()
    try:
        summary = score_archive(options, progress)
    except KeyboardInterrupt:
        progress.close()
        click.echo(f"\nStopped. Run the same command again to resume; what is finished is in {str(out)!r}.", err=True)
        raise SystemExit(130) from None
    finally:
        progress.close()
    click.echo(summary.sentences())


class _Progress:
    """A bar where somebody looks on; otherwise a line now and then."""

    def __init__(self) -> None:
        self._since: list[tuple[float, int]] = []
        self._told = 0.0
        self._bar: Any = None

    def __call__(self, done: int, rows: int) -> None:
        """Show that `done` of `rows` comments are scored."""
        if sys.stderr.isatty():
            self._bar = self._bar or tqdm(total=rows, initial=done, unit=" comments", unit_scale=True)
            self._bar.update(done - self._bar.n)
            return
        now = time.monotonic()
        if len(self._since) < 2 or now - self._told >= _PAUSE or done == rows:
            click.echo(f"{done:,} of {rows:,} comments{self._left(now, done, rows)}", err=True)
            self._told = now
        if len(self._since) < 2:
            self._since.append((now, done))

    def _left(self, now: float, done: int, rows: int) -> str:
        """Reckon from the first part on: before that, the workers start."""
        if len(self._since) < 2 or done == self._since[1][1]:
            return ""
        speed = (done - self._since[1][1]) / (now - self._since[1][0])
        return f", {speed:,.0f} a second, {(rows - done) / speed / 60:,.0f} minutes left"

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
