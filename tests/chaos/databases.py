"""What the service keeps its data in, to be stopped, frozen, filled and taken away."""

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

from tests import postgresql
from tests.chaos.served import PATIENCE


@contextmanager
def disk(megabytes: int) -> Iterator[Path]:
    """Yield a folder on a file system of its own, so that it can be filled; one of the machine's if that is denied."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    subprocess.run(mount, check=False, stderr=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        yield folder
    finally:
        if folder.is_mount():
            # Whatever has it open is about to end.
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S603, S607 - our own command
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no room on a file system; only on one of its own."""
    filler = folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(65_536))
        yield
    finally:
        filler.unlink()


class Sqlite:
    """A file."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "belowline.db"
        self.url = f"sqlite:///{self._file}"

    @contextmanager
    def unwritable(self) -> Iterator[None]:
        """Let another program hold the file's lock, as a tool may that somebody opened it with."""
        with closing(sqlite3.connect(self._file, isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 60000")
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")

    def close(self) -> None:
        """Leave nothing running."""


class PostgreSql:
    """A server, with a standby that has all that was acknowledged."""

    name = "PostgreSQL"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._who: dict[str, Any] = {}
        self._home = Path(tempfile.mkdtemp(prefix="chaos-pg-"))
        self._programs = postgresql.find_programs()
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root.
            nobody = pwd.getpwnam("nobody")
            self._who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            folder.chmod(0o777)
            os.chown(self._home, nobody.pw_uid, nobody.pw_gid)
            self._programs = postgresql.for_all(self._programs, self._home, self._who)
        self._ports = [_free_port(), _free_port()]
        self._servers: dict[int, subprocess.Popen[bytes]] = {}
        self._program(
            "initdb", "-D", self._data(0), "--username=belowline", "--auth=trust", "--no-sync", "--wal-segsize=1"
        )
        self.start()
        with self._connect(0) as server:
            server.execute("CREATE DATABASE chaos")
        self._begin_standby()
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self._ports)
        self.url = f"postgresql+psycopg://belowline@/chaos?{hosts}&target_session_attrs=read-write"

    def start(self, which: int = 0) -> None:
        """Start a server: 0 is the one in use, 1 its standby."""
        settings = (
            "unix_socket_directories=",
            "fsync=off",
            "min_wal_size=2MB",
            "max_wal_size=24MB",
            "shared_buffers=16MB",
        )
        self._servers[which] = subprocess.Popen(  # noqa: S603 - our own command
            [
                str(self._programs / "postgres"), "-D", self._data(which), "-p", str(self._ports[which]),
                "-h", "127.0.0.1", *(f"--{setting}" for setting in settings),
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._who,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                self._connect(which).close()
                return
            time.sleep(0.1)
        raise RuntimeError("PostgreSQL did not start.")

    def revive(self) -> None:
        """Start the server in use again if it ended, as its keeper would."""
        if self._servers[0].poll() is not None:
            self.start()

    def stop(self, by: signal.Signals) -> None:
        """Stop the server in use: by SIGQUIT it writes nothing more, by SIGINT it closes what it does."""
        self._servers[0].send_signal(by)
        self._servers[0].wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop all its processes in their tracks: its connections are there, and nobody answers."""
        processes = _descendants(self._servers[0].pid)
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                os.kill(process, signal.SIGCONT)

    @contextmanager
    def unwritable(self) -> Iterator[None]:
        """Let the server refuse writes."""
        for on in ("on", "off"):
            with self._connect(0) as server:
                server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {on}".encode())
                server.execute("SELECT pg_reload_conf()")
            if on == "on":
                yield

    def fail_over(self) -> None:
        """Kill the server in use, and let the standby take its place."""
        for process in _descendants(self._servers[0].pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._servers.pop(0).wait()
        with self._connect(1) as standby:
            standby.execute("SELECT pg_promote(wait => true)")
            # There is no second standby to wait for.
            standby.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            standby.execute("SELECT pg_reload_conf()")
        self._servers[0] = self._servers.pop(1)
        self._ports.reverse()

    def close(self) -> None:
        """Leave nothing running."""
        for server in self._servers.values():
            server.send_signal(signal.SIGQUIT)
            server.wait()
        shutil.rmtree(self._home)

    def _begin_standby(self) -> None:
        source = f"host=127.0.0.1 port={self._ports[0]} user=belowline"
        self._program("pg_basebackup", "-d", source, "-D", self._data(1), "-R", "-X", "stream", "--no-sync")
        self.start(1)
        with self._connect(0) as server:
            # Nothing is acknowledged before the standby has it.
            server.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            server.execute("SELECT pg_reload_conf()")

    def _data(self, which: int) -> str:
        return str(self.folder / f"data-{self._ports[which]}")

    def _program(self, name: str, *arguments: str) -> None:
        subprocess.run([str(self._programs / name), *arguments], check=True, stdout=subprocess.DEVNULL, **self._who)  # noqa: S603 - our own command

    def _connect(self, which: int) -> "psycopg.Connection[Any]":
        server = f"host=127.0.0.1 port={self._ports[which]} user=belowline dbname=postgres connect_timeout=5"
        return psycopg.connect(server, autocommit=True, options="-c default_transaction_read_only=off")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def _descendants(process: int) -> list[int]:
    found = [process]
    with suppress(OSError):
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            found += _descendants(int(child))
    return found
