"""The service with several processes, to be killed."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import requests

#: Seconds; a busy machine must not fail the test.
PATIENCE = 180


class Service:
    """`serve` with two workers, which is killed and started again.

    Parameters
    ----------
    database_url, folder
        What it works on, and where it may write.
    settings
        Of the environment, besides those that every such service has.
    """

    def __init__(self, database_url: str, folder: Path, **settings: str) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self._settings = {
            "BELOWLINE_DATABASE": database_url,
            "BELOWLINE_BUNDLE": "fast",
            "BELOWLINE_SECRET_KEY": "only for tests",
            "BELOWLINE_RATE_LIMIT": "off",
            "BELOWLINE_RATE_LIMIT_ADDRESS": "off",
            **settings,
        }
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        deadline = time.monotonic() + PATIENCE
        self._launch()
        # A worker of a killed master may still answer: this one's are meant.
        while not (self.workers() and self._answers()):
            assert time.monotonic() < deadline, self.log.read_text()
            if self.master.poll() is not None:
                # The former master's worker holds the port while it loads: systemd too would try again.
                self._launch()
            time.sleep(0.1)

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        try:
            return [*map(int, Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split())]
        except OSError:
            return []

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/v1/flags", timeout=10).ok
        except requests.RequestException:
            return False

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self.master = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "service", "serve", "--workers", "2", "--port", str(self.port)],
                env={**os.environ, **self._settings},
                stdout=log,
                stderr=log,
            )

    def kill_worker(self) -> None:
        """Kill one of those that answer."""
        if workers := self.workers():
            os.kill(random.choice(workers), signal.SIGKILL)

    def kill_master(self) -> None:
        """Kill the one that starts them, and start it again as systemd would."""
        self.master.kill()
        self.master.wait()
        self.start()

    def stop(self) -> None:
        """Let it finish."""
        self.master.terminate()
        self.master.wait(PATIENCE)
