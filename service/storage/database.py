"""The database: an engine, read and write transactions, and migrations."""

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from model.errors import BelowlineError
from service.storage import audit, engines
from service.storage.gate import DatabaseGate

MIGRATIONS = Path(__file__).parent / "migrations"
#: Where a write session's `info` holds this setting.
REPORTER_HALF_LIFE = "belowline.reporter_half_life"
#: Seconds between two attempts to scrub.
_BETWEEN = 0.2
#: Bytes of the disk below which a file is not written for much longer, and seconds for which a
#: server counts as full after it was: nothing tells how much room it has.
_LEAST_ROOM = 32 * 1024 * 1024
_STAYS_FULL = 30.0
_DISK_FULL = "53100"


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
    threads
        Requests that this process works on at a time: it bounds how many use
        the database, and how long a statement may take. A command, which is
        alone and may take its time, has none.
    """

    def __init__(
        self,
        url: str,
        *,
        random_rate: float = 0.0,
        reporter_half_life: timedelta = timedelta(days=90),
        via: Callable[[], str] = lambda: audit.COMMAND_LINE,
        threads: int | None = None,
    ) -> None:
        self.url = url
        self.random_rate = random_rate
        self.reporter_half_life = reporter_half_life
        self._via = via
        self.gate = None if threads is None else DatabaseGate(threads)
        self._full_until = 0.0
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                _keep_private(Path(parsed.database))
            most = 5 if self.gate is None else self.gate.most
            if parsed.get_backend_name() == "sqlite":
                self.engine = self._unhurried = self._glancing = engines.of_file(parsed, most)
            else:
                self._unhurried, self._glancing = (
                    engines.of_server(parsed, "command", 5),
                    engines.of_server(parsed, "glance", 1),
                )
                self.engine = self._unhurried if self.gate is None else engines.of_server(parsed, "request", most)
        except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
            raise DatabaseError(f"BELOWLINE_DATABASE cannot be used: {error}.{_missing_driver(error)}") from error
        event.listen(self.engine, "handle_error", self._note_full)
        self._writing = self.engine.execution_options(writes=True)
        # On a server each query of a session would else see what others have stored meanwhile.
        is_file = self.engine.dialect.name == "sqlite"
        self._reading = self.engine if is_file else self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that sees one state of the database."""
        with self._let_in(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session that commits at the end, or leaves nothing behind.

        Never score inside: on SQLite everybody else's writes wait for it.
        """
        known = {audit.VIA: self._via(), REPORTER_HALF_LIFE: self.reporter_half_life}
        with (
            self._let_in(),
            Session(self._writing, expire_on_commit=False, info=known) as session,
            session.begin(),
        ):
            yield session
            audit.seal(session)

    def upgrade(self, language: str = "en") -> None:
        """Create the tables, with the first rules in the newsroom's language, or bring older ones up to date."""
        from alembic import command  # noqa: PLC0415 - only migrations need it
        from alembic.config import Config  # noqa: PLC0415
        from alembic.util import CommandError  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with self._unhurried.execution_options(writes=True).begin() as connection:
                if connection.dialect.name == "postgresql":
                    # Several processes may start at once; SQLite's write lock does this by itself.
                    connection.execute(text("SELECT pg_advisory_xact_lock(20261123)"))
                config.attributes |= {"connection": connection, "language": language}
                command.upgrade(config, "head")
        except (SQLAlchemyError, CommandError) as error:
            raise DatabaseError(f"The database cannot be brought up to date: {_first_line(error)}.") from error

    def scrub(self, patience: float = 0.0) -> bool:
        """Take what was erased out of the database's files too, and return whether it is gone from there.

        Whoever still reads an older state of the database keeps a copy of it
        there: they are waited for, for some seconds.
        """
        if self.engine.dialect.name == "sqlite":
            with self._writing.begin() as connection:
                # The index of words keeps what was taken out of it until its parts are merged.
                connection.exec_driver_sql("INSERT INTO comment_words (comment_words) VALUES ('optimize')")
            attempt = _empty_log
        else:
            attempt = _vacuum
        deadline = time.monotonic() + patience
        with self._unhurried.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not (is_gone := attempt(connection)) and time.monotonic() < deadline:
                time.sleep(_BETWEEN)
        return is_gone

    def close(self) -> None:
        """Close all connections: none may go through a fork."""
        self.engine.dispose()
        self._unhurried.dispose()

    def problem(self) -> str | None:
        """Return why nothing can be stored now, in a sentence, or None."""
        try:
            with self._glancing.execution_options(writes=True).connect() as connection:
                # An update that matches nothing still needs the right to write.
                connection.execute(text("UPDATE alembic_version SET version_num = version_num WHERE 1 = 0"))
                connection.rollback()
        except SQLAlchemyError as error:
            return f"The database cannot be written: {_first_line(error)}."
        if self._is_full():
            return "The database cannot be written: its disk is full."
        return None

    def _let_in(self) -> AbstractContextManager[None]:
        """Wait for one of the connections; without a bound on them, for none."""
        return nullcontext() if self.gate is None else self.gate.enter()

    def _is_full(self) -> bool:
        """Return whether the disk is full, or was a moment ago."""
        file = self.engine.url.database
        if self.engine.dialect.name == "sqlite" and file and shutil.disk_usage(Path(file).parent).free < _LEAST_ROOM:
            return True
        return time.monotonic() < self._full_until

    def _note_full(self, context: ExceptionContext) -> None:
        """Note that the disk is full when the database says so."""
        found = context.original_exception
        is_full = getattr(found, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        if is_full or getattr(found, "sqlstate", None) == _DISK_FULL:
            self._full_until = time.monotonic() + _STAYS_FULL


def _keep_private(file: Path) -> None:
    """Make a database's file for this account alone, in a folder that nobody else may open.

    Readers' comments are not for everybody who has an account on this machine.
    """
    if ":" in file.name:
        return  # SQLite's own names, for what is in memory
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if file.parent.stat().st_mode & 0o077:
        raise DatabaseError(
            f"Other accounts of this machine may open {file.parent}, where the database and readers' comments are: "
            f"`chmod 700 {file.parent}`, or name a folder of its own in BELOWLINE_DATABASE."
        )
    with suppress(FileExistsError):
        # SQLite gives its log the rights that it finds here.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for end in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{file}{end}").chmod(0o600)


def _missing_driver(error: Exception) -> str:
    """Say how to install PostgreSQL's driver, if that is what is missing."""
    if isinstance(error, ModuleNotFoundError) and error.name == "psycopg":
        return " PostgreSQL needs it: `pip install 'psycopg[binary]'`."
    return ""


def _empty_log(connection: Connection) -> bool:
    """Empty SQLite's write-ahead log; return whether nobody was in the way."""
    # `scrub` is patient; in here, nobody who writes waits for somebody who reads.
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        is_busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {engines.PATIENCE}")
    return not is_busy


def _vacuum(connection: Connection) -> bool:
    """Have PostgreSQL free what was deleted; return whether nothing of it is left."""
    began = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    connection.execute(text("VACUUM"))
    # What somebody else's transaction might still see is left where it is.
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL AND xact_start < :began"
    )
    return bool(connection.execute(older, {"began": began}).scalar_one() == 0)


def _first_line(error: Exception) -> str:
    """Return an error's first line."""
    return str(error).splitlines()[0].rstrip(".")
