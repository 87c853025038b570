"""`python -m service create-user`, `set-role`, `reset-password`: who may come in."""

import click

from service.accounts import users
from service.cli.database import open_database

_ROLES = ["moderator", "lead", "admin"]
_MOST = 255


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

    Give it to them by a safe way: it cannot be looked up later.
    """
    with open_database().write() as session:
        password = users.create_user(session, checked(name), role)
    _print(name, password)


@click.command("set-role")
@click.argument("name")
@click.argument("role", type=click.Choice([*_ROLES, "none"]))
def set_role(name: str, role: str) -> None:
    """Give the moderator NAME another ROLE.

    With the role none they cannot log in any more, and their sessions end;
    what they decided stays.
    """
    with open_database().write() as session:
        users.set_role(session, name, role)
    click.echo(f"{name} has the role {role}.")


@click.command("reset-password")
@click.argument("name")
def reset_password(name: str) -> None:
    """Make a new password for the moderator NAME and print it, once.

    The former one is of no use any more, and their sessions end.
    """
    with open_database().write() as session:
        password = users.reset_password(session, name)
    _print(name, password)


def checked(name: str) -> str:
    """Return a name without the space around it; raise BadParameter if it is none."""
    if not name.strip() or len(name) > _MOST or not name.isprintable():
        raise click.BadParameter(f"a name has 1 to {_MOST} printable characters.", param_hint="NAME")
    return name.strip()


def _print(name: str, password: str) -> None:
    click.echo(f"Moderator: {name}\nPassword:  {password}")
    click.echo("This password is not shown again.", err=True)
