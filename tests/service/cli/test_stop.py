"""A service that is told to stop finishes what it accepted."""

import json
import signal
import socket
import time
from pathlib import Path

import pytest
import requests

from tests.served import PATIENCE, Service, running


def begin(service: Service, comment: dict[str, str]) -> tuple[socket.socket, bytes]:
    """Send the head of a request, wait until the service asks for the rest, and return that."""
    body = json.dumps(comment).encode()
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)
    connection.sendall(
        b"POST /v1/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    return connection, body


def finish(connection: socket.socket, body: bytes) -> bytes:
    """Send the rest of a request and return the first line of the answer."""
    with connection:
        connection.sendall(body)
        return connection.makefile("rb").readline().strip()


def wait_until_closed(service: Service) -> None:
    """Wait until nobody is let in any more."""
    deadline = time.monotonic() + PATIENCE / 4
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE).close()
        except ConnectionError:
            return
        # Who knocks without a pause fills the queue at the door, and then waits for seconds.
        time.sleep(0.05)
    pytest.fail("It still accepts connections.")


@pytest.mark.parametrize("workers", [1, 2])
def test_every_accepted_request_is_answered_and_kept(tmp_path: Path, workers: int) -> None:
    comments = [{"id": f"c{i}", "article_id": "a", "text": f"The bridge is {i} years old."} for i in range(10)]
    with running(tmp_path, "serve", "--workers", str(workers), bundle="fast") as service:
        requests.put(f"{service.address}/v1/articles/a", json={"title": "Bridge"}, timeout=PATIENCE)
        begun = [begin(service, comment) for comment in comments]
        service.process.send_signal(signal.SIGTERM)
        wait_until_closed(service)
        assert service.process.poll() is None
        answers = [finish(connection, body) for connection, body in begun]
        service.process.wait(PATIENCE)

    assert answers == [b"HTTP/1.1 201 CREATED"] * 10
    assert service.process.returncode == 0
    with running(tmp_path, "serve", bundle="fast") as service:
        kept = [
            requests.get(f"{service.address}/v1/comments/{comment['id']}", timeout=PATIENCE).status_code
            for comment in comments
        ]
    assert kept == [200] * 10


def test_new_workers_take_over_without_a_request_refused(tmp_path: Path) -> None:
    with running(tmp_path, "serve", bundle="fast") as service:
        before = set(service.workers())
        service.process.send_signal(signal.SIGHUP)
        statuses = []
        while before & set(service.workers()):
            statuses.append(requests.get(f"{service.address}/healthz", timeout=PATIENCE).status_code)
        statuses += [requests.get(f"{service.address}/healthz", timeout=PATIENCE).status_code for _ in range(5)]

    assert set(statuses) == {200}
