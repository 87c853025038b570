"""`python -m service create-key` and the like: which programs may call."""

from datetime import datetime, timedelta

import click

from service.accounts import api_keys
from service.cli.database import open_database
from service.cli.users import checked


@click.command("create-key")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("score", "ingest"),
    show_default="score and ingest",
    type=click.Choice(["score", "ingest", "review", "admin"]),
    help="What the key allows; repeatable. score: score comments, store nothing. ingest: send "
    "articles, comments and reports. review: read flags and labels, send decisions. admin: everything.",
)
def create_key(name: str, scopes: tuple[str, ...]) -> None:
    """Create a key for the program NAME and print it, once.

    The program sends it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.
    Only a hash of it is stored: it cannot be looked up later.
    """
    with open_database().write() as session:
        key = api_keys.create_key(session, checked(name), scopes)
    click.echo(key)
    click.echo(f"This key of {name} ({', '.join(sorted(set(scopes)))}) will not be shown again.", err=True)


@click.command("rotate-key")
@click.argument("name")
@click.option(
    "--grace",
    type=click.FloatRange(0, 24 * 90),
    default=24.0,
    show_default=True,
    help="Hours the old key keeps working; 0 ends it at once.",
)
def rotate_key(name: str, grace: float) -> None:
    """Replace the key of the program NAME and print the new one, once.

    The new key works at once and has the same scopes. The old one works until
    the grace period ends, so there is time to change the program.
    """
    with open_database().write() as session:
        key = api_keys.rotate_key(session, name, timedelta(hours=grace))
    click.echo(key)
    click.echo(f"This key of {name} will not be shown again; the old one works for another {grace:g} hours.", err=True)


@click.command("list-keys")
def list_keys() -> None:
    """List programs' keys: scopes, created, last used, and when a replaced key ends.

    The columns are separated by tabs. The keys themselves are not stored.
    """
    with open_database().read() as session:
        keys = api_keys.list_keys(session)
    click.echo("name\tscopes\tmade\tlast used\tformer key until")
    for key in keys:
        moments = (key.created_at, key.last_used_at, key.former_until)
        columns = [key.name, ",".join(sorted(key.scopes)), *(_minute(moment) for moment in moments)]
        click.echo("\t".join(columns))


@click.command("revoke-key")
@click.argument("name")
def revoke_key(name: str) -> None:
    """Delete the key of the program NAME, which is refused from now on.

    It may score comments for up to a minute more. A replaced key still in its
    grace period ends too. What the program has sent stays as it is.
    """
    with open_database().write() as session:
        api_keys.revoke_key(session, name)
    click.echo(f"The key of {name} is revoked.")


def _minute(moment: datetime | None) -> str:
    """Write a moment to the minute; a dash if it never was."""
    return "-" if moment is None else f"{moment:%Y-%m-%dT%H:%MZ}"
