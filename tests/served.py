"""The service as it runs: a process of its own, spoken to over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

#: Seconds; it starts in a few, but a busy machine must not fail the test.
PATIENCE = 120


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so: for as long as that takes, unless it never will be."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be so"
        time.sleep(0.01)


@contextmanager
def free_port(host: str = "127.0.0.1") -> Iterator[int]:
    """Yield a port that is free, and that nobody is given by chance for the length of the block.

    A server may listen on it, as it may share a port with who only holds it.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as holds:
        holds.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holds.bind((host, 0))
        yield holds.getsockname()[1]


class Service:
    """A running service; what it prints goes to files, as a pipe that nobody reads would fill up."""

    def __init__(self, process: "subprocess.Popen[bytes]", host: str, port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self.address = f"http://{host}:{port}"
        self._folder = folder

    @property
    def stdout(self) -> str:
        return (self._folder / "stdout.txt").read_text()

    @property
    def stderr(self) -> str:
        return (self._folder / "stderr.txt").read_text()

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(child) for child in children.read_text().split()]

    def stop(self, by: signal.Signals = signal.SIGINT) -> str:
        """Stop it and return all that it printed."""
        self.process.send_signal(by)
        self.process.wait(PATIENCE)
        return self.stdout + self.stderr

    def wait_until_ready(self) -> None:
        """Wait until it answers, and says that it is well."""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.fail(f"It ended: {self.stdout + self.stderr}")
            with suppress(requests.ConnectionError, requests.Timeout):
                ready = requests.get(f"{self.address}/readyz", timeout=PATIENCE)
                # On a busy machine its database, too, may be late.
                if ready.status_code != 503:
                    ready.raise_for_status()
                    return
            time.sleep(0.1)
        pytest.fail("It did not start within three minutes.")


@contextmanager
def running(folder: Path, *arguments: str, bundle: str = "accurate", host: str = "127.0.0.1") -> Iterator[Service]:
    """Run `python -m service` in a folder of its own, on a free port."""
    with free_port(host.strip("[]")) as port:
        with (folder / "stdout.txt").open("wb") as stdout, (folder / "stderr.txt").open("wb") as stderr:
            process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "service", *arguments, "--port", str(port)],
                cwd=folder,
                env={**_environment(), "PYTHONUNBUFFERED": "1", "BELOWLINE_BUNDLE": bundle},
                stdout=stdout,
                stderr=stderr,
            )
        service = Service(process, host, port, folder)
        try:
            service.wait_until_ready()
            yield service
        finally:
            process.kill()
            process.wait()


def command(folder: Path, *arguments: str) -> str:
    """Run another command of `python -m service` in that folder, and return what it prints."""
    found = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "service", *arguments],
        cwd=folder,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return found.stdout.strip()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
