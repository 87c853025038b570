"""The command that lets a challenger look on."""

import signal
import threading

import click
from sqlalchemy.exc import SQLAlchemyError

from model.bundling.bundle import load_bundle
from service.cli.database import open_database
from service.learning.shadow import Shadow
from service.moderation.judge import Judge
from service.moderation.recent_articles import RecentArticles

_PAUSE = 1.0


@click.command()
@click.argument("bundle", metavar="CHALLENGER")
def shadow(bundle: str) -> None:
    """Let CHALLENGER score what comes in, beside the bundle that scores.

    Nothing that it says flags a comment or is shown to moderators deciding;
    /review/shadow shows leads what would have been otherwise. It is a process
    of its own, next to the service, on the same database. Ctrl-C ends it, and
    the same command goes on.
    """
    db, scorer = open_database(), load_bundle(bundle)
    recent = RecentArticles(db)
    recent.refresh(scorer)
    looking = Shadow(db, Judge(scorer, recent))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    click.echo(f"{looking.version} looks on: it scores what comes in from now on, and flags nothing. Ctrl-C ends it.")
    count = 0
    while not stopped.is_set():
        try:
            scored = looking.step()
        except SQLAlchemyError as error:
            click.echo(f"The database cannot be used ({type(error).__name__}): tried again.", err=True)
            scored = 0
        count += scored
        if not scored:
            stopped.wait(_PAUSE)
    click.echo(f"{count} comments scored.")
