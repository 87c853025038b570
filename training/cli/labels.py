"""What the commands that read labels share; nothing here waits for the libraries."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.errors import InvalidInput

if TYPE_CHECKING:
    from training.corpus.corpus import Corpus

DATA = click.option(
    "--data",
    metavar="FOLDER",
    help="The training data: a folder with abuse/ and relevance/. Left out: BELOWLINE_DATA, or ../shared/data.",
)
LABELS_HELP = (
    "labelled comments: what GET /v1/labels exports, or a .csv, .xlsx, .jsonl or .parquet file with `text` and `label` "
    "(removed, kept) or attributes from 0 to 1, or the id of a data set of the Hugging Face hub"
)

#: Of the commands that set two bundles side by side.
DATA_TOO = click.option(
    "--data",
    metavar="FOLDER",
    help="Compare on these labelled sets too: a folder with abuse/dev and relevance/. Left out: BELOWLINE_DATA.",
)
LABELS_TOO = click.option(
    "--labels",
    multiple=True,
    metavar="FILE",
    help=f"Compare on your own {LABELS_HELP}; best such as neither bundle has learnt from. May be given several times.",
)
SCHEDULER = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on the Dask cluster at tcp://HOST:PORT; see docs/archives.md. Left out: on this machine.",
)
CAPACITY = click.option(
    "--capacity",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.05,
    show_default=True,
    help="Share of the comments that come in that one shift can read.",
)


def own_labels(sources: tuple[str, ...]) -> "Corpus":
    """Read a newsroom's labels; there must be some."""
    from training.corpus.newsroom_labels import read_labels  # noqa: PLC0415

    corpus = read_labels(*sources, say=say)
    if not len(corpus):
        raise InvalidInput(f"{', '.join(map(repr, sources))}: there is no comment that anybody labelled.")
    return corpus


def out_folder(folder: str) -> Path:
    """Make a folder to write into."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder!r} cannot be written into: {error.strerror}.") from error
    return path


def writable(*files: str | None) -> None:
    """Tell of a missing folder before the first minute is spent."""
    for file in files:
        if file and not Path(file).absolute().parent.is_dir():
            raise InvalidInput(f"There is no folder {str(Path(file).parent)!r} to write {file!r} into.")


def say(message: str) -> None:
    """Tell how far it is."""
    click.echo(message, err=True)
