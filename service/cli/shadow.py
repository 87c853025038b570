"""`python -m service shadow`: a challenger scores along and flags nothing."""

import signal
import threading

import click
from sqlalchemy.exc import SQLAlchemyError

from model.scoring.loading import load_bundle
from model.wording import counted
from service.cli.database import open_database, stored_choices
from service.learning.shadow import Shadow
from service.moderation.judge import Judge
from service.moderation.recent_articles import RecentArticles

_PAUSE = 1.0


@click.command()
@click.argument("bundle", metavar="CHALLENGER")
def shadow(bundle: str) -> None:
    """Score new comments with CHALLENGER too, beside the bundle in charge.

    Its scores flag nothing, and moderators do not see them; /review/shadow
    shows leads what would have been different. It runs beside the service, on
    the same database. Stop it with Ctrl-C; the same command resumes.
    """
    db = open_database()
    scorer = load_bundle(bundle, operating_point=stored_choices(db).operating_point)
    recent = RecentArticles(db)
    recent.refresh(scorer)
    looking = Shadow(db, Judge(scorer, recent))
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    click.echo(f"{looking.version} now scores new comments too, and flags nothing. Ctrl-C stops it.")
    count = 0
    while not stopped.is_set():
        try:
            scored = looking.step()
        except SQLAlchemyError as error:
            click.echo(f"The database cannot be used ({type(error).__name__}): trying again.", err=True)
            scored = 0
        count += scored
        if not scored:
            stopped.wait(_PAUSE)
    click.echo(f"{counted(count, 'comment')} scored.")
