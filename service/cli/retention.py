"""`python -m service purge`, `erase-author`: forgetting what readers wrote."""

import re
from datetime import UTC, datetime, timedelta

import click

from model.wording import counted
from service.cli.database import open_database
from service.moderation import retention

#: Seconds in which those who read the database are waited for.
_PATIENCE = 30.0


@click.command()
@click.option(
    "--older-than",
    envvar="BELOWLINE_RETENTION",
    required=True,
    show_envvar=True,
    metavar="DAYS",
    help="How long a comment is kept, such as 365d.",
)
def purge(older_than: str) -> None:
    """Erase the comments that came in more than a number of days ago.

    Their texts, earlier texts, authors and marked words, and the notes on them,
    are gone for good. Scores, decisions and the audit stay, without the text;
    labels are withdrawn. Comments waiting for a person are left alone. Run it
    once a day (cron, a systemd timer).
    """
    days = re.fullmatch(r"([1-9][0-9]{0,4})d", older_than)
    if days is None:
        raise click.BadParameter(f"{older_than!r} is not a number of days such as 365d.", param_hint="--older-than")
    before = datetime.now(UTC) - timedelta(days=int(days[1]))
    db = open_database()
    total, last = 0, retention.AT_ONCE
    while last == retention.AT_ONCE:
        with db.write() as session:
            last = retention.purge(session, before)
        total += last
    is_gone = db.scrub(_PATIENCE)
    click.echo(f"Erased: {counted(total, 'comment')} that came in before {before:%Y-%m-%d %H:%M} UTC.")
    _warn(is_gone=is_gone)


@click.command("erase-author")
@click.argument("author")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase_author(author: str, *, yes: bool) -> None:
    """Erase everything AUTHOR wrote.

    AUTHOR is the pseudonym the newspaper sends with their comments.
    Texts, earlier texts, marked words and notes on them are gone for good,
    and so is the pseudonym, even on reports. Decisions and the audit stay,
    without it; labels are withdrawn.
    """
    db = open_database()
    if not yes:
        with db.read() as session:
            found = retention.traces_of(session, author)
        click.confirm(f"Erase everything {author!r} wrote, {found}? This cannot be undone", abort=True)
    with db.write() as session:
        comments, reports = retention.erase_author(session, author)
    is_gone = db.scrub(_PATIENCE)
    click.echo(f"Erased: {counted(comments, 'comment')} and {counted(reports, 'report')}.")
    _warn(is_gone=is_gone)


def _warn(*, is_gone: bool) -> None:
    """Warn that a deleted text may remain in the database's file."""
    if not is_gone:
        raise click.ClickException(retention.COPY_REMAINS)
