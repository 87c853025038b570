"""The service as it runs: a process of its own, spoken to over HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from gunicorn.config import Config

from model.cores import cores
from service.web.worker import Worker
from tests.served import PATIENCE, Service, running, wait_until

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Yield one running service to the tests that need no other start."""
    with running(tmp_path_factory.mktemp("service"), "serve") as service:
        yield service


def test_the_demo_serves_and_a_second_start_loses_nothing(tmp_path: Path) -> None:
    with running(tmp_path, "demo") as service:
        flags = requests.get(f"{service.address}/v1/flags", timeout=PATIENCE).json()
        assert flags["total"] > 0
        report = {"comment_id": flags["items"][0]["id"], "reporter": "r-1", "reason": "insult"}
        assert requests.post(f"{service.address}/v1/reports", json=report, timeout=PATIENCE).status_code == 201
        output = service.stop()
        assert service.process.returncode == 0
    assert re.search(r"Moderator: demo\nPassword:  \S{12,}", output)
    assert f"{service.address}/review" in output

    with running(tmp_path, "demo") as service:
        again = requests.get(f"{service.address}/v1/flags", timeout=PATIENCE).json()
        output = service.stop()
    assert again["total"] == flags["total"]
    assert "r-1" in [report["reporter"] for item in again["items"] for report in item["reports"]]
    assert "Password" not in output


def test_a_killed_worker_is_replaced_and_what_was_acknowledged_is_there(service: Service) -> None:
    requests.put(f"{service.address}/v1/articles/a1", json={"title": "T"}, timeout=PATIENCE).raise_for_status()
    comment = {"id": "c1", "article_id": "a1", "text": ABUSE}
    requests.post(f"{service.address}/v1/comments", json=comment, timeout=PATIENCE).raise_for_status()
    for worker in service.workers():
        os.kill(worker, signal.SIGKILL)
    service.wait_until_ready()
    assert requests.get(f"{service.address}/v1/comments/c1", timeout=PATIENCE).json()["flagged"]


@pytest.mark.parametrize(("bundle", "workers"), [("accurate", 1), ("fast", cores())])
def test_as_many_processes_serve_as_suit_the_bundle(tmp_path: Path, bundle: str, workers: int) -> None:
    with running(tmp_path, "serve", bundle=bundle) as service:
        # Another one may have been ready before the first, and before the last was begun.
        wait_until(lambda: len(service.workers()) == workers and "Belowline serves" in service.stderr)
        output = service.stop()
    assert output.count("Belowline serves") == 1


def test_a_demo_of_several_processes_is_loaded_once(tmp_path: Path) -> None:
    with running(tmp_path, "demo", "--workers", "2", bundle="fast") as service:
        output = service.stop()
    assert output.count("comments added") == output.count("Password:") == 1


def test_ctrl_c_does_not_wait_for_a_lock_that_the_interrupted_thread_holds() -> None:
    worker = Worker(1, os.getppid(), [], None, 1, Config(), None)
    worker.tpool = worker.get_thread_pool()

    def interrupted_as_it_hands_a_request_on() -> None:
        with worker.tpool._shutdown_lock, suppress(SystemExit):  # noqa: SLF001 - what `submit` holds
            worker.handle_quit(signal.SIGQUIT, None)

    thread = threading.Thread(target=interrupted_as_it_hands_a_request_on, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    worker.tmp.close()
    assert not thread.is_alive()


def test_a_taken_port_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "service", "serve", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            capture_output=True,
            text=True,
            check=False,
        )

    assert found.returncode == 1
    assert found.stderr == (
        f"Error: Cannot listen on 127.0.0.1:{port} (Address already in use): choose another with --host and --port.\n"
    )


def test_another_name_for_this_machine_is_refused(service: Service) -> None:
    answer = requests.get(f"{service.address}/v1/flags", headers={"Host": "evil.example"}, timeout=PATIENCE)

    assert answer.status_code == 400


def test_nobody_who_connects_says_where_the_service_is_mounted_or_that_it_was_https(service: Service) -> None:
    moved = {"SCRIPT_NAME": "/healthz", "X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"}
    plain, answer = (
        requests.get(f"{service.address}/review/login", headers=headers, timeout=PATIENCE) for headers in ({}, moved)
    )

    assert (plain.status_code, answer.status_code) == (200, 200)
    assert "Secure" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("size", [100, 300_000])
def test_a_refusal_of_what_was_not_read_closes_the_connection_and_says_so(service: Service, size: int) -> None:
    head = f"POST /v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as connection:
        connection.sendall(head.encode() + b"a" * size)
        answer = connection.makefile("rb").read().decode()

    assert answer.startswith("HTTP/1.1 404 ")
    assert "\r\nConnection: close\r\n" in answer


def test_a_refusal_of_what_was_read_keeps_the_connection(service: Service) -> None:
    with requests.Session() as session:
        answers = [
            session.post(f"{service.address}/v1/scores", json={"comments": "a" * 300_000}, timeout=PATIENCE)
            for _ in range(2)
        ]

    assert [(answer.status_code, answer.headers["Connection"]) for answer in answers] == [(422, "keep-alive")] * 2


def test_a_body_that_does_not_tell_its_length_has_the_same_limit(service: Service) -> None:
    answer = requests.post(
        f"{service.address}/v1/scores",
        data=(b" " * 2**20 for _ in range(17)),
        headers={"Content-Type": "application/json"},
        timeout=PATIENCE,
    )

    assert answer.status_code == 413
