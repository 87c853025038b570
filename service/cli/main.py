"""The commands of `python -m service`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from model.errors import BelowlineError
from service.cli import audit, retention, shadow, users, webhooks
from service.cli.users import checked
from service.settings import Settings

if TYPE_CHECKING:
    from service.storage.database import Database

F = TypeVar("F", bound=Callable[..., Any])


class Commands(click.Group):
    """Commands that tell a user's mistake in one line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; its exit code is 2 for a wrong call and 1 for what went wrong then."""
        try:
            return super().invoke(ctx)
        except BelowlineError as error:
            raise click.ClickException(str(error)) from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the settings."""
        super().format_epilog(ctx, formatter)
        with formatter.section("Settings, from the environment"):
            formatter.write_dl([(one.name, one.sentence()) for one in Settings.describe()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Score readers' comments over HTTP, and let moderators decide."""


for _command in (
    audit.audit,
    users.create_user,
    users.set_role,
    users.reset_password,
    retention.purge,
    retention.erase_author,
    shadow.shadow,
    webhooks.add_webhook,
    webhooks.rotate_webhook,
    webhooks.list_webhooks,
    webhooks.remove_webhook,
):
    main.add_command(_command)


def _serving(access_log: str) -> Callable[[F], F]:
    """Add the options of the commands that serve; they differ in where requests are logged."""
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
            help="Processes. Each loads the bundle into its own memory. If left out, one for the accurate tier, which "
            "keeps all cores busy from one, and one for each core for the fast tier.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1, 256),
            default=32,
            show_default=True,
            help="Requests that one process works on at a time. Most of them may wait for their turn to be scored; "
            "what comes beyond is refused at once.",
        ),
        click.option(
            "--require-keys",
            is_flag=True,
            help="Ask for keys on this machine's own address too: needed behind a proxy that makes it public.",
        ),
        click.option(
            "--access-log",
            type=click.Choice(["stdout", "stderr", "off"]),
            default=access_log,
            show_default=True,
            help="Where to write a line of JSON for each request: what was asked, what came of it and how long it "
            "took, without a comment's text. Errors go to stderr.",
        ),
    ]

    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@main.command()
@_serving(access_log="stdout")
def serve(**options: Any) -> None:
    """Serve the API and the moderators' console until Ctrl-C."""
    from service.cli.serve import ServeOptions, run  # noqa: PLC0415 - Flask and gunicorn are slow to import

    run(ServeOptions(**options))


@main.command()
@_serving(access_log="off")
@click.option("--load-only", is_flag=True, help="Load the demo and stop, without serving it.")
def demo(*, load_only: bool, **options: Any) -> None:
    """Load a demo article with comments and a moderator, then serve.

    The moderator's password is printed when it is made, that is the first
    time. Running it again adds nothing and loses nothing.
    """
    from service.cli.serve import ServeOptions, load_demo_only, run  # noqa: PLC0415 - as above

    if load_only:
        load_demo_only()
    else:
        run(ServeOptions(**options, demo=True))


@main.command("replay")
@click.option(
    "--comments",
    required=True,
    metavar="FILE",
    help="Comments with a `text` and the scores that the Perspective API gave them: .csv, .xlsx, .jsonl, .parquet, "
    "or - for JSON Lines. A column for each attribute (TOXICITY), or the API's answer in `attributeScores`.",
)
@click.option(
    "--bundle", default="accurate", show_default=True, metavar="fast|accurate|PATH", help="Which bundle scores."
)
def replay_command(comments: str, bundle: str) -> None:
    """Score recorded comments anew, and tell how far both agree.

    For each usual threshold: how many comments lie above it on both sides, on
    one side only, and which threshold on our scores flags as many as theirs.
    Nothing is stored.
    """
    from model import load_bundle  # noqa: PLC0415 - as above
    from model.tables.table import read_rows  # noqa: PLC0415
    from service.compat.perspective.replay import as_text, replay  # noqa: PLC0415

    click.echo(as_text(*replay(load_bundle(bundle), [row for _, row in read_rows(comments)])))


@main.command("init-db")
def init_db() -> None:
    """Create the tables, or bring those of an older version up to date.

    The other commands do it too; running it twice does no harm.
    """
    db = open_database()
    click.echo(f"The database is up to date: {db.engine.url.render_as_string(hide_password=True)}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False))
def backup(file: str) -> None:
    """Copy the SQLite database into the new file FILE, also while it is in use.

    The copy is one state of the database. PostgreSQL has pg_dump for that.
    """
    from service.storage.backup import back_up  # noqa: PLC0415 - as above

    size = back_up(open_database(), Path(file))
    click.echo(f"{file}: {size:,} bytes, checked.")


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
    from service.accounts import api_keys  # noqa: PLC0415 - as above

    with open_database().write() as session:
        key = api_keys.create_key(session, checked(name), scopes)
    click.echo(key)
    click.echo(f"This key of {name} ({', '.join(sorted(set(scopes)))}) is not shown again.", err=True)


@main.command("rotate-key")
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
    from service.accounts import api_keys  # noqa: PLC0415 - as above

    with open_database().write() as session:
        key = api_keys.rotate_key(session, name, timedelta(hours=grace))
    click.echo(key)
    click.echo(f"This key of {name} is not shown again; the former one works for another {grace:g} hours.", err=True)


@main.command("list-keys")
def list_keys() -> None:
    """List programs' keys: name, scopes, when made, last used, and a former key's end.

    The columns are separated by tabs. The keys themselves are not stored.
    """
    from service.accounts import api_keys  # noqa: PLC0415 - as above

    with open_database().read() as session:
        keys = api_keys.list_keys(session)
    click.echo("name\tscopes\tmade\tlast used\tformer key until")
    for key in keys:
        moments = (key.created_at, key.last_used_at, key.former_until)
        columns = [key.name, ",".join(sorted(key.scopes)), *(_minute(moment) for moment in moments)]
        click.echo("\t".join(columns))


@main.command("revoke-key")
@click.argument("name")
def revoke_key(name: str) -> None:
    """Delete the key of the program NAME: from now on it is refused.

    A former key that is still in its grace ends too. What the program sent
    before stays as it is.
    """
    from service.accounts import api_keys  # noqa: PLC0415 - as above

    with open_database().write() as session:
        api_keys.revoke_key(session, name)
    click.echo(f"The key of {name} is revoked.")


def _minute(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%dT%H:%MZ}"


def open_database() -> "Database":
    """Open the database of the settings, brought up to date."""
    from service.storage.database import Database  # noqa: PLC0415 - as above

    found = Settings.read()
    db = Database(found.database, reporter_half_life=found.reporter_half_life)
    click.get_current_context().call_on_close(db.close)
    db.upgrade()
    return db
