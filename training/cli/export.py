"""`python -m training export`: a bundle's heads for programs that know scikit-learn."""

import click
import joblib

from model.bundling.manifest import open_bundle
from model.heads import LinearHeads
from training.cli.options import writable
from training.fitting.heads import estimators


@click.command()
@click.option("--bundle", default="accurate", show_default=True, metavar="fast|accurate|PATH", help="Whose heads.")
@click.option("--out", required=True, metavar="FILE", help="Where they go, such as heads.joblib.")
def export(bundle: str, out: str) -> None:
    """Write a bundle's heads as scikit-learn estimators, for other programs.

    The file holds a dict: attribute to a fitted LogisticRegression, whose
    predict_proba gives the bundle's scores. Belowline itself never reads it.
    Load such a file only if you wrote it: joblib runs what is in it.
    """
    writable(out)
    heads = LinearHeads.load(open_bundle(bundle).file("heads.npz"))
    joblib.dump(estimators(heads), out)
    click.echo(f"{out}: {', '.join(heads.names)}, {len(heads.weights)} features each.")
