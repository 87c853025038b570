"""The commands of `python -m service`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from model.errors import BelowlineError

if TYPE_CHECKING:
    from service.database import Database

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """Commands that tell a user's mistake in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; its exit code is 2 for a wrong call and 1 for what went wrong then."""
        try:
            return super().invoke(ctx)
        except BelowlineError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Score readers' comments over HTTP, and let moderators decide.

    \b
    Settings come from the environment:
      BELOWLINE_DATABASE    where to store, as a SQLAlchemy URL
                            (default: sqlite:///var/belowline.db)
      BELOWLINE_BUNDLE      what scores: accurate, fast, or the folder of a
                            bundle of your own (default: accurate)
      BELOWLINE_SECRET_KEY  signs moderators' sessions
                            (default: made once, kept in var/secret-key)
    """  # noqa: D301 - click knows the character itself


def _serving(command: F) -> F:
    """Add the options of the commands that serve."""
    options = [
        click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            help="Address to listen on. The default can be reached from this machine alone and needs no key to "
            "score; on any other address every program needs a key (create-key).",
        ),
        click.option(
            "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on."
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 64),
            default=1,
            show_default=True,
            help="Processes. Each loads the bundle into its own memory.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1, 256),
            default=8,
            show_default=True,
            help="Requests that one process works on at a time.",
        ),
        click.option(
            "--require-keys",
            is_flag=True,
            help="Ask for keys on this machine's own address too: needed behind a proxy that makes it public.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@_serving
def serve(**options: Any) -> None:
    """Serve the API and the moderators' console until Ctrl-C."""
    from service.server import ServeOptions, run  # noqa: PLC0415 - Flask and gunicorn are slow to import

    run(ServeOptions(**options))


@main.command()
@_serving
@click.option("--load-only", is_flag=True, help="Load the demo and stop, without serving it.")
def demo(*, load_only: bool, **options: Any) -> None:
    """Load a demo article with comments and a moderator, then serve.

    The moderator's password is printed when it is made, that is the first
    time. Running it again adds nothing and loses nothing.
    """
    from service.server import ServeOptions, load_demo_only, run  # noqa: PLC0415 - as above

    if load_only:
        load_demo_only()
    else:
        run(ServeOptions(**options, demo=True))


@main.command("init-db")
def init_db() -> None:
    """Create the tables, or bring those of an older version up to date.

    The other commands do it too; running it twice does no harm.
    """
    store = _database()
    click.echo(f"The database is up to date: {store.engine.url.render_as_string(hide_password=True)}")


@main.command("create-user")
@click.argument("name")
def create_user(name: str) -> None:
    """Create the moderator NAME and print the password, once.

    Give it to them by a safe way: it cannot be looked up later.
    """
    from service import people  # noqa: PLC0415 - as above

    with _database().write() as session:
        password = people.create_user(session, _checked(name))
    click.echo(f"Moderator: {name}\nPassword:  {password}")
    click.echo("This password is not shown again.", err=True)


@main.command("create-key")
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
    from service import people  # noqa: PLC0415 - as above

    with _database().write() as session:
        key = people.create_key(session, _checked(name), scopes)
    click.echo(key)
    click.echo(f"This key of {name} ({', '.join(sorted(set(scopes)))}) is not shown again.", err=True)


def _database() -> "Database":
    from service.config import settings  # noqa: PLC0415 - as above
    from service.database import Database  # noqa: PLC0415

    # No secret is needed here, so none is made.
    store = Database(settings({"SECRET_KEY": "unused"})["DATABASE"])
    store.upgrade()
    return store


def _checked(name: str) -> str:
    most = 255
    if not name.strip() or len(name) > most or not name.isprintable():
        raise click.BadParameter(f"a name has 1 to {most} printable characters.", param_hint="NAME")
    return name.strip()
