"""`python -m service create-key` and its like: which programs may call."""

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
    help="What the key is good for; may be given several times. score: score comments and keep nothing. ingest: send "
    "articles, comments and reports. review: read flags and labels, send decisions. admin: all of it.",
)
def create_key(name: str, scopes: tuple[str, ...]) -> None:
    """Create a key for the program NAME and print it, once.

    The program sends it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'.
    Only a hash of it is stored: it cannot be looked up later.
    """
    with open_database().write() as session:
        key = api_keys.create_key(session, checked(name), scopes)
    click.echo(key)
    click.echo(f"This key of {name} ({', '.join(sorted(set(scopes)))}) is not shown again.", err=True)


@click.command("rotate-key")
@click.argument("name")
@click.option(
    "--grace",
    type=click.FloatRange(0, 24 * 90),
    default=24.0,
    show_default=True,
    help="Hours for which the former key still works. 0 ends it at once.",
)
def rotate_key(name: str, grace: float) -> None:
    """Replace the key of the program NAME and print the new one, once.

    The new key works at once and has the same scopes. The former one works
    until the grace is over, so that the program can be changed without haste.
    """
    with open_database().write() as session:
        key = api_keys.rotate_key(session, name, timedelta(hours=grace))
    click.echo(key)
    click.echo(f"This key of {name} is not shown again; the former one works for another {grace:g} hours.", err=True)


@click.command("list-keys")
def list_keys() -> None:
    """List programs' keys: scopes, when made, last used, and a former key's end.

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
    """Delete the key of the program NAME: from now on it is refused.

    A former key that is still in its grace ends too. What the program sent
    before stays as it is.
    """
    with open_database().write() as session:
        api_keys.revoke_key(session, name)
    click.echo(f"The key of {name} is revoked.")


def _minute(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%dT%H:%MZ}"
