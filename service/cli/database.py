"""`python -m service init-db` and `backup`, and the database as every command opens it."""

from pathlib import Path

import click

from service.settings import Settings
from service.staffing.choices import Choices
from service.staffing.choices_store import load_choices
from service.storage.backup import back_up
from service.storage.database import Database


def open_database() -> Database:
    """Open the database of the settings, brought up to date."""
    found = Settings.read()
    db = Database(found.database, reporter_half_life=found.reporter_half_life)
    click.get_current_context().call_on_close(db.close)
    db.upgrade(found.language)
    return db


def stored_choices(db: Database) -> Choices:
    """Return the settings that admins change on a page, as they are now."""
    found = Settings.read()
    with db.read() as session:
        return load_choices(session, found.choices, found.model_fields_set)


@click.command("init-db")
def init_db() -> None:
    """Create the tables, or upgrade those of an older version.

    The other commands do this too; running it twice does no harm.
    """
    db = open_database()
    click.echo(f"The database is up to date: {db.engine.url.render_as_string(hide_password=True)}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
def backup(file: str) -> None:
    """Copy the SQLite database to the new file FILE, even while it is in use.

    The copy is a consistent snapshot. For PostgreSQL, use pg_dump.
    """
    size = back_up(open_database(), Path(file))
    click.echo(f"{file}: {size:,} bytes, checked.")
