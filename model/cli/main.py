"""The commands of `python -m model`."""

import click

from model.commands import LazyGroup


@click.group(
    cls=LazyGroup,
    lazy={
        "score": (
            "model.cli.score:score",
            "Score comments: one row each, in their order, a number from 0 to 1 per attribute.",
        ),
        "info": (
            "model.cli.bundle:info",
            "Print a bundle's manifest as JSON: version, thresholds, how it was made.",
        ),
        "verify": (
            "model.cli.bundle:verify",
            "Check that no file of a bundle was altered, without opening any.",
        ),
        "bench": (
            "model.cli.bench:bench",
            "Time bundles: comments per second, latency, load time, memory.",
        ),
    },
)
def main() -> None:
    """Score reader comments for abuse and for relevance to their article."""
