"""`python -m service create-user`, `set-role`, `reset-password`: who may come in."""

import click

from model.errors import InvalidInput
from service.accounts import users
from service.cli.database import open_database

_ROLES = ["moderator", "lead", "admin"]


@click.command("create-user")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(_ROLES),
    default="moderator",
    show_default=True,
    help="moderator: decide. lead: also change the rules, see reporters and the audit. admin: also erase an author.",
)
def create_user(name: str, role: str) -> None:
    """Create the moderator NAME and print the password, once.

    Hand it over safely: it cannot be looked up later.
    """
    with open_database().write() as session:
        password = users.create_user(session, checked(name), role)
    _print(name, password)


@click.command("set-role")
@click.argument("name")
@click.argument("role", type=click.Choice([*_ROLES, "none"]))
def set_role(name: str, role: str) -> None:
    """Change the role of the moderator NAME.

    With the role none they can no longer log in, and their sessions end; their
    decisions stay.
    """
    with open_database().write() as session:
        users.set_role(session, name, role)
    click.echo(f"{name} now has the role {role}.")


@click.command("reset-password")
@click.argument("name")
def reset_password(name: str) -> None:
    """Set a new password for the moderator NAME and print it, once.

    The old one stops working, and their sessions end.
    """
    with open_database().write() as session:
        password = users.reset_password(session, name)
    _print(name, password)


def checked(name: str) -> str:
    """Return a name without the space around it; raise BadParameter if it is none."""
    try:
        return users.checked_name(name)
    except InvalidInput as error:
        raise click.BadParameter(str(error), param_hint="NAME") from error


def _print(name: str, password: str) -> None:
    """Print a moderator's new password, which is shown once."""
    click.echo(f"Moderator: {name}\nPassword:  {password}")
    click.echo("This password will not be shown again.", err=True)
