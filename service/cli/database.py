"""`python -m service init-db` and `backup`, and the database as every command opens it."""

from pathlib import Path

import click

from service.settings import Settings
from service.storage.backup import back_up
from service.storage.database import Database


def open_database() -> Database:
    """Open the database of the settings, brought up to date."""
    found = Settings.read()
    db = Database(found.database, reporter_half_life=found.reporter_half_life)
    click.get_current_context().call_on_close(db.close)
    db.upgrade()
    return db


@click.command("init-db")
def init_db() -> None:
    """Create the tables, or bring those of an older version up to date.

    The other commands do it too; running it twice does no harm.
    """
    db = open_database()
    click.echo(f"The database is up to date: {db.engine.url.render_as_string(hide_password=True)}")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False))
def backup(file: str) -> None:
    """Copy the SQLite database into the new file FILE, also while it is in use.

    The copy is one state of the database. PostgreSQL has pg_dump for that.
    """
    size = back_up(open_database(), Path(file))
    click.echo(f"{file}: {size:,} bytes, checked.")
