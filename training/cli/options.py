"""Options that several commands have, and how what they name is read."""

import getpass
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from model.errors import InvalidInput
from training.corpus.corpus import Corpus
from training.corpus.newsroom_labels import read_labels
from training.labels.columns import Hints

DATA = click.option(
    "--data",
    metavar="FOLDER",
    help="Training data: a folder with abuse/ and relevance/. BELOWLINE_DATA, or else ../shared/data, if left out.",
)
LABELS_HELP = (
    "labelled comments: an export from GET /v1/labels, a .csv, .xlsx, .jsonl or .parquet file with `text` and `label` "
    "(removed, kept) or attributes from 0 to 1, or the id of a Hugging Face data set"
)

#: Of the commands that set two bundles side by side.
DATA_TOO = click.option(
    "--data",
    metavar="FOLDER",
    envvar="BELOWLINE_DATA",
    show_envvar=True,
    help="Also compare on these labelled sets: a folder with abuse/dev and relevance/.",
)
LABELS_TOO = click.option(
    "--labels",
    multiple=True,
    metavar="FILE",
    help=f"Compare on your own {LABELS_HELP}; ideally labels that neither bundle has learnt from. May be given "
    f"several times.",
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on the Dask cluster at tcp://HOST:PORT; see docs/archives.md. This machine if left out.",
)
CAPACITY = click.option(
    "--capacity",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.05,
    show_default=True,
    help="Share of incoming comments that one shift can read.",
)
#: Of the commands that move what scores.
BY = click.option(
    "--by", metavar="NAME", default=getpass.getuser, show_default="who runs it", help="Who is responsible."
)


def _remember(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> None:
    """Keep which values of a repeatable option were typed in."""
    context.meta[f"belowline.{option.name}"] = frozenset(values)


def value_hints(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which values mean removed and kept; see `hints`."""
    removed = click.option(
        "--removed-value",
        multiple=True,
        expose_value=False,
        callback=_remember,
        metavar="VALUE",
        help="Value in the label column that means removed, such as 1 or deleted; repeatable.",
    )
    kept = click.option(
        "--kept-value",
        multiple=True,
        expose_value=False,
        callback=_remember,
        metavar="VALUE",
        help="Value that means kept; repeatable.",
    )
    return removed(kept(command))


def hints() -> Hints:
    """Return which values mean removed and kept, as the command that runs was told."""
    told = click.get_current_context().meta
    nothing: frozenset[str] = frozenset()
    return Hints(removed=told.get("belowline.removed_value", nothing), kept=told.get("belowline.kept_value", nothing))


def own_labels(sources: tuple[str, ...]) -> Corpus:
    """Read a newsroom's labels; there must be some."""
    corpus = read_labels(*sources, hints=hints(), say=say)
    if not len(corpus):
        raise InvalidInput(f"{', '.join(map(repr, sources))}: no comment here is labelled.")
    return corpus


def out_folder(folder: str) -> Path:
    """Make a folder to write into."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder!r} cannot be written to: {error.strerror}.") from error
    return path


def writable(*files: str | Path | None) -> None:
    """Refuse a file in a missing folder before the first minute is spent."""
    for file in files:
        if file and not Path(file).absolute().parent.is_dir():
            raise InvalidInput(f"There is no folder {str(Path(file).parent)!r} to write {str(file)!r} into.")


def write_json(file: str, figures: object) -> None:
    """Write figures for programs to read."""
    Path(file).write_text(json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_lines(file: str, rows: Iterable[object]) -> None:
    """Write rows as JSON Lines."""
    Path(file).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def say(message: str) -> None:
    """Print progress to standard error."""
    click.echo(message, err=True)


def pinned_bundle() -> str:
    """Return the bundle that services score with whatever is promoted; empty if there is none."""
    return os.environ.get("BELOWLINE_BUNDLE", "")


def remind_of_pinned_bundle() -> None:
    """Say that a promotion changes nothing for a service whose bundle is pinned."""
    if pinned := pinned_bundle():
        click.echo(f"A service with BELOWLINE_BUNDLE={pinned} keeps scoring with that one.", err=True)
