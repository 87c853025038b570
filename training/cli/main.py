"""The commands of `python -m training`."""

import click

from model.commands import LazyGroup

_COMMANDS = {
    "ingest": ("ingest:ingest", "Read labels from any source, of any size, check them and write them to one file."),
    "fit": ("fit:fit", "Fit a bundle: from a newsroom's decisions, from the training data, or both."),
    "export": ("export:export", "Write a bundle's heads as scikit-learn estimators, for other programs."),
    "encoder": ("encoder:encoder", "Fine-tune the sentence encoder on abuse and relevance, and export it."),
    "evaluate": ("evaluate:evaluate", "Measure bundles on labelled comments, and print the figures."),
    "compare": ("compare:compare", "Compare two bundles on the same comments: fast, accurate or a folder."),
    "promote": ("promote:promote", "Put BUNDLE in charge of scoring, unless a gate refuses it."),
    "rollback": ("promote:rollback", "Go back to the bundle that scored before."),
    "dry-run": ("dry_run:dry_run", "Show what CHALLENGER would have flagged, had it scored what came in."),
    "second-look": ("second_look:second_look", "List the labels that are probably wrong, judged by the others."),
    "archive": ("archive:archive", "Score any number of comments, on this machine or on a Dask cluster."),
}


@click.group(
    cls=LazyGroup,
    lazy={name: (f"training.cli.{place}", line) for name, (place, line) in _COMMANDS.items()},
    renamed={"replay": "dry-run"},
)
def main() -> None:
    """Make bundles from labelled comments, and measure how good they are."""
