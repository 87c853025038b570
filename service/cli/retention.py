"""`python -m service purge`, `erase-author`: forgetting what readers wrote."""

import re
from datetime import UTC, datetime, timedelta

import click

from service.cli.database import open_database
from service.moderation import retention


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
    """Forget the comments that came in longer ago than this.

    Their texts, earlier texts, authors and marked words, and the notes on
    them, are gone for good. Scores, decisions and the audit stay, without the
    text; labels are withdrawn. What waits for a person is left alone.
    Run it once a day (cron, a systemd timer).
    """
    days = re.fullmatch(r"([1-9][0-9]{0,4})d", older_than)
    if days is None:
        raise click.BadParameter(f"{older_than!r} is no number of days such as 365d.", param_hint="--older-than")
    before = datetime.now(UTC) - timedelta(days=int(days[1]))
    db = open_database()
    total, last = 0, retention.AT_ONCE
    while last == retention.AT_ONCE:
        with db.write() as session:
            last = retention.purge(session, before)
        total += last
    db.scrub()
    click.echo(f"{_count(total, 'comment')} that came in before {before:%Y-%m-%d %H:%M} UTC purged.")


@click.command("erase-author")
@click.argument("author")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
def erase_author(author: str, *, yes: bool) -> None:
    """Forget all that AUTHOR wrote.

    AUTHOR is the pseudonym that the newspaper sends with their comments.
    Texts, earlier texts, marked words and notes on them are gone for good,
    and so is the pseudonym, on reports too. Decisions and the audit stay,
    without it; labels are withdrawn.
    """
    if not yes:
        click.confirm(f"Erase all that {author!r} wrote? Nobody can take that back", abort=True)
    db = open_database()
    with db.write() as session:
        comments, reports = retention.erase_author(session, author)
    db.scrub()
    click.echo(f"Erased: {_count(comments, 'comment')} and {_count(reports, 'report')}.")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
