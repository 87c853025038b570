"""`python -m training fit`: a bundle from labels."""

import tempfile
from pathlib import Path

import click

from model.bundling.manifest import bundle_path
from model.errors import InvalidInput
from training.cli.options import DATA, LABELS_HELP, SCHEDULER, out_folder, own_labels, say, value_hints
from training.cluster import joblib_on
from training.corpus.data_folder import data_folder, data_folder_if_any
from training.fitting.bundle import FitOptions
from training.fitting.bundle import fit as fit_bundle
from training.fitting.features import ENCODER
from training.teaching.refit import refit


@click.command()
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
    help=f"A newsroom's own {LABELS_HELP}. May be given several times. They are taught to the tier's shipped "
    f"bundle or, with --data, to one fitted from scratch.",
)
@value_hints
@click.option(
    "--encoder",
    metavar="FOLDER",
    help="Folder with encoder.onnx.gz, encoder.npz and tokenizer.json for a bundle fitted from scratch; the shipped "
    "accurate bundle's if left out.",
)
@click.option("--out", required=True, metavar="FOLDER", help="Folder for the bundle.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything drawn at random.")
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
    own = own_labels(labels) if labels else None
    known, base = data_folder_if_any(), bundle_path(tier)
    with joblib_on(scheduler), tempfile.TemporaryDirectory() as aside:
        if own is None or data is not None:
            known, source = data_folder(data), _encoder_folder(encoder)
            base = out_folder(out) if own is None else Path(aside)
            options = FitOptions(tier=tier, folder=known, encoder=source, out=base, seed=seed)
            manifest = fit_bundle(options, say)
        if own is not None:
            manifest = refit(base, own, out_folder(out), say, known)
    click.echo(f"{out}: version {manifest.version}, scores {', '.join(manifest.attributes)}.")


def _encoder_folder(given: str | None) -> Path:
    """Return the folder of the encoder to fit with; that of the accurate bundle if none is given."""
    if given is None:
        return bundle_path("accurate")
    missing = [name for name in ENCODER if not (Path(given) / name).is_file()]
    if missing:
        raise InvalidInput(f"There is no encoder in {given!r}: {', '.join(missing)} is missing.")
    return Path(given)
