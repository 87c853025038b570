"""The database: an engine, read and write transactions, and migrations."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from model.errors import BelowlineError
from service.storage import audit

MIGRATIONS = Path(__file__).parent / "migrations"
#: Where a write session's `info` holds this setting.
REPORTER_HALF_LIFE = "belowline.reporter_half_life"
#: Milliseconds that a write waits for another one's end.
_PATIENCE = 15_000


class DatabaseError(BelowlineError):
    """A database that cannot be opened, read or brought up to date."""


class Database:
    """One database; the functions of the rooms take a session of it.

    Parameters
    ----------
    url
        SQLAlchemy URL, such as `sqlite:///var/belowline.db`.
    random_rate
        How likely a comment that comes in is to be drawn for the random stream.
    reporter_half_life
        The time after which what is known of a reporter counts half.
    via
        Tells by which way something is written, as the audit has it.
    """

    def __init__(
        self,
        url: str,
        *,
        random_rate: float = 0.0,
        reporter_half_life: timedelta = timedelta(days=90),
        via: Callable[[], str] = lambda: audit.COMMAND_LINE,
    ) -> None:
        self.url = url
        self.random_rate = random_rate
        self._reporter_half_life = reporter_half_life
        self._via = via
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                # Readers' comments are not for everybody who has an account on this machine.
                Path(parsed.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Parameters hold comments: an error that quotes them would put those into the log.
            # A file does not hang up, as a server may.
            is_server = parsed.get_backend_name() != "sqlite"
            self.engine = create_engine(parsed, pool_pre_ping=is_server, hide_parameters=True)
        except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
            raise DatabaseError(f"BELOWLINE_DATABASE is not usable: {error}.{_missing_driver(error)}") from error
        self._writing = self.engine.execution_options(writes=True)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _set_pragmas)
            event.listen(self.engine, "begin", _begin)
            self._reading = self.engine
        else:
            event.listen(self.engine, "connect", _set_up_server)
            # Else each query of a session would see what others have stored meanwhile.
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one state of the database."""
        with Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that commits at the end, or leaves nothing behind.

        Never score inside: on SQLite everybody else's writes wait for it.
        """
        known = {audit.VIA: self._via(), REPORTER_HALF_LIFE: self._reporter_half_life}
        with Session(self._writing, expire_on_commit=False, info=known) as session, session.begin():
            yield session
            audit.seal(session)

    def upgrade(self) -> None:
        """Create the tables, or bring those of an older version up to date."""
        from alembic import command  # noqa: PLC0415 - only migrations need it
        from alembic.config import Config  # noqa: PLC0415
        from alembic.util import CommandError  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with self._writing.begin() as connection:
                if connection.dialect.name == "postgresql":
                    # Several processes may start at once; SQLite's write lock does this by itself.
                    connection.execute(text("SELECT pg_advisory_xact_lock(20261123)"))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except (SQLAlchemyError, CommandError) as error:
            raise DatabaseError(f"The database cannot be brought up to date: {_first_line(error)}.") from error

    def scrub(self) -> None:
        """Take what was erased out of the file too, as far as the database lets us."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))

    def close(self) -> None:
        """Close all connections: none may go through a fork."""
        self.engine.dispose()

    def problem(self) -> str | None:
        """Return a sentence that says why nothing can be stored now, or None."""
        try:
            with self._writing.connect() as connection:
                # An update that matches nothing still needs the right and the room to write.
                connection.execute(text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0"))
                connection.rollback()
        except SQLAlchemyError as error:
            return f"The database cannot be written: {_first_line(error)}."
        return None


def _missing_driver(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return " PostgreSQL needs it: `pip install 'psycopg[binary]'`."
    return ""


def _set_up_server(connection: Any, _record: object) -> None:
    # No page asks the same often enough for prepared statements to be worth their journeys.
    connection.prepare_threshold = None
    # As long as SQLite's busy_timeout. Who waits longer is told to come again.
    connection.execute(f"SET lock_timeout = {_PATIENCE}")
    # Else a moment comes back in the server's zone, where the first and the last of the calendar do not exist.
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _set_pragmas(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # SQLAlchemy's "begin" event starts transactions; the driver must not.
    connection.isolation_level = None
    # An acknowledged report must outlive a power cut: hence FULL, which WAL alone does not give.
    # What is erased must not stay in the file: hence secure_delete.
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}").close()
    write_ahead(connection, _PATIENCE / 1000)
    for pragma in (
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Switch a file to write-ahead logging; wait for others for some seconds."""
    # The first change to WAL fails at once where another process writes, whatever the busy_timeout:
    # processes that start together would fail.
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail instead of waiting for its turn.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
