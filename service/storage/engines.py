"""Engines: SQLAlchemy's connections to a file or a server, set up as the service needs them."""

import sqlite3
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Engine, NullPool, create_engine, event
from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from service.storage.postgresql import Pace

#: Milliseconds that a write waits for another one's end.
PATIENCE = 15_000


def of_file(url: URL, most: int) -> Engine:
    """Return the engine of a file, with so many connections."""
    # Parameters hold comments: an error that quotes them would put those into the log.
    engine = create_engine(url, hide_parameters=True, pool_size=most)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def of_server(url: URL, pace: "Pace", most: int) -> Engine:
    """Return the engine of a server, with so many connections, for those who have time or for those who have not."""
    # A file does not hang up, as a server may.
    pool: dict[str, Any] = {"poolclass": NullPool} if pace == "glance" else {"pool_pre_ping": True, "pool_size": most}
    engine = create_engine(url, hide_parameters=True, **pool)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, _arguments: object, given: dict[str, Any]) -> object:
        from service.storage import postgresql  # noqa: PLC0415 - its driver need not be there for a file

        return postgresql.connect(given, pace)

    event.listen(engine, "connect", _set_up_server)
    return engine


def _set_up_server(connection: Any, _record: object) -> None:
    """Set up a new connection to PostgreSQL."""
    # No page asks the same often enough for prepared statements to be worth their journeys.
    connection.prepare_threshold = None
    # As long as SQLite's busy_timeout. Who waits longer is told to come again.
    connection.execute(f"SET lock_timeout = {PATIENCE}")
    # Else a moment comes back in the server's zone, where the first and the last of the calendar do not exist.
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _set_pragmas(connection: Any, _record: object) -> None:
    """Set up a new connection to SQLite."""
    if not isinstance(connection, sqlite3.Connection):
        return
    # Its own knows capitals of a to z alone.
    connection.create_function("lower", 1, lambda given: given and given.lower(), deterministic=True)
    # SQLAlchemy's "begin" event starts transactions; the driver must not.
    connection.isolation_level = None
    # An acknowledged report must outlive a power cut: hence FULL, which WAL alone does not give.
    # What is erased must not stay in the file: hence secure_delete.
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE}").close()
    write_ahead(connection, PATIENCE / 1000)
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
    """Begin a transaction in SQLite: one that writes takes the lock at once."""
    # A transaction that reads first and writes later would fail instead of waiting for its turn.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
