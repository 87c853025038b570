"""Clients that say nothing, or half of a request, hold up nobody."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import requests

from service.web.worker import missing
from tests.served import PATIENCE, Service, running

HEAD = b"POST /v1/scores HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HALF = {
    "silent": b"",
    "half a head": HEAD[:40],
    "a head without its end": HEAD,
    "half a body": HEAD + b'Content-Length: 100\r\n\r\n{"comments": [',
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder: Path = tmp_path_factory.mktemp("service")
    with running(folder, "serve", "--workers", "1", "--threads", "4", bundle="fast") as service:
        yield service


def connect(service: Service, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)
    connection.sendall(sent)
    return connection


@pytest.mark.parametrize("sent", HALF.values(), ids=HALF)
def test_five_hundred_slow_clients_hold_up_nobody(service: Service, sent: bytes) -> None:
    with ExitStack() as connections:
        for _ in range(500):
            connections.enter_context(connect(service, sent))
        for _ in range(10):
            # If each of those held one of the four threads until it is closed, it would take twenty minutes.
            scored = requests.post(
                f"{service.address}/v1/scores", json={"comments": [{"text": "Well said."}]}, timeout=PATIENCE
            )
            assert scored.status_code == 200


@pytest.mark.parametrize("sent", HALF.values(), ids=HALF)
def test_whoever_does_not_go_on_is_closed(service: Service, sent: bytes) -> None:
    began = time.monotonic()
    # What it sent was not read, which the kernel may tell by a reset.
    with connect(service, sent) as connection, suppress(ConnectionResetError):
        assert connection.recv(100) == b""

    assert time.monotonic() - began > 5


def test_a_request_that_comes_byte_by_byte_is_answered(service: Service) -> None:
    body = b'{"comments": [{"text": "Well said."}]}'
    whole = HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body
    with connect(service) as connection:
        for place in range(len(whole)):
            connection.sendall(whole[place : place + 1])
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 ")


def test_two_requests_sent_at_once_are_answered_one_after_the_other(service: Service) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(service, ask + ask.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as connection:
        answer = connection.makefile("rb").read()

    assert answer.count(b"HTTP/1.1 200 ") == 2


def test_whoever_hangs_up_half_way_costs_nothing(service: Service) -> None:
    for sent in HALF.values():
        with connect(service, sent) as connection:
            connection.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                assert b"200" not in connection.makefile("rb").read()
    assert requests.get(f"{service.address}/healthz", timeout=PATIENCE).status_code == 200


def test_a_large_body_is_read_whole(service: Service) -> None:
    comments = [{"text": "Well said. " * 40} for _ in range(900)]
    answer = requests.post(f"{service.address}/v1/scores", json={"comments": comments}, timeout=PATIENCE)

    assert len(answer.json()["results"]) == 900


@pytest.mark.parametrize(
    ("seen", "least"),
    [
        (b"", 0),
        (b"GET", 4),
        (b"GET / HTTP/1.1\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 43),
        (b"POST / HTTP/1.1\r\ncontent-length:5\r\n\r\n1234", 42),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 44 + 262_144),
        (b"x" * 65_536, 0),
    ],
)
def test_what_is_missing_of_a_request(seen: bytes, least: int) -> None:
    assert missing(seen) == least
