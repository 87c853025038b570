"""A worker that dies while what it needs is away does not end the service."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import requests

from model.bundling.manifest import bundle_path
from tests.served import PATIENCE, Service, running


def wait_until(is_so: Callable[[], bool], service: Service) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert service.process.poll() is None, service.stderr
        assert time.monotonic() < deadline, service.stderr
        time.sleep(0.1)


def answers(service: Service) -> bool:
    try:
        return requests.get(f"{service.address}/healthz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def wait_until_it_alone_answers(worker: int, service: Service) -> None:
    """Stop the other workers until this one has answered: it has loaded what it needs."""
    others = [other for other in service.workers() if other != worker]
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        wait_until(lambda: answers(service), service)
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def test_workers_that_die_while_the_bundle_is_away_come_back_with_it(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(bundle_path("fast"), tmp_path / "bundle"))
    with running(tmp_path, "serve", "--workers", "2", bundle=str(bundle)) as service:
        wait_until(lambda: len(service.workers()) == 2, service)
        first, second = service.workers()
        wait_until_it_alone_answers(second, service)
        bundle.rename(tmp_path / "away")
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: "tries again in 2 s" in service.stderr, service)
        # The other one answers, and the master has not given up.
        wait_until(lambda: answers(service), service)
        os.kill(second, signal.SIGKILL)
        (tmp_path / "away").rename(bundle)
        wait_until(lambda: answers(service), service)
        scored = requests.post(
            f"{service.address}/v1/scores", json={"comments": [{"text": "Well said."}]}, timeout=PATIENCE
        )
        assert {first, second}.isdisjoint(service.workers())
        output = service.stop(signal.SIGTERM)

    assert scored.status_code == 200
    assert "Traceback" not in output
    assert service.process.returncode == 0
