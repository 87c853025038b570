"""What is logged, by a service as it runs: everything that is needed, and nothing that is a reader's."""

import json
import logging
import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from model import load_bundle
from service.accounts.api_keys import create_key
from service.storage.database import Database
from service.web.access_log import JsonLines
from tests.served import PATIENCE, Service, running

TEXT = "Marrowfat Quillfeather"  # words that are in no other place
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logged")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    db = Database(f"sqlite:///{folder / 'var/belowline.db'}")
    db.upgrade()
    with db.write() as session:
        found = create_key(session, "my cms", ["score", "ingest"])
    db.close()
    return found


@pytest.fixture(scope="module")
def service(folder: Path, key: str) -> Iterator[Service]:
    """Yield a service that has been spoken to in every way that might end up in a log."""
    # One process: what two of them log stands in the order in which they wrote it.
    with running(folder, "serve", "--require-keys", "--workers", "1", bundle="fast") as service:
        scores = f"{service.address}/v1/scores"
        body = {"comments": [{"text": f"You are {TEXT}."}]}
        named = {"Authorization": f"Bearer {key}"}
        first = {**named, "X-Request-Id": "the-first"}
        requests.post(scores, json=body, headers=first, timeout=PATIENCE).raise_for_status()
        requests.post(f"{scores}?key={key}", json=body, timeout=PATIENCE).raise_for_status()
        requests.post(f"{scores}?key={TEXT}", json=body, timeout=PATIENCE)
        requests.post(scores, json={"comments": [{"txt": TEXT}]}, headers=named, timeout=PATIENCE)
        requests.post(
            scores, data=f'{{"{TEXT}', headers={**named, "Content-Type": "application/json"}, timeout=PATIENCE
        )
        requests.get(f"{service.address}/{TEXT}?key={key}", timeout=PATIENCE)
        requests.put(f"{service.address}/v1/articles/a", json={"title": TEXT}, headers=named, timeout=PATIENCE)
        comment = {"id": TEXT, "article_id": "a", "text": TEXT}
        requests.post(f"{service.address}/v1/comments", json=comment, headers=named, timeout=PATIENCE)
        for raw in (
            f"POST /v1/scores?key={key} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nYou {TEXT}\r\n\r\n",
            f"{TEXT}\r\n\r\n",
            f"GET /?key={key} HTTP/9.9\r\n\r\n",
            f"GET / HTTP/1.1\r\nBad Header {key}: {TEXT}\r\n\r\n",
            f"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: {TEXT}\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as connection:
                connection.sendall(raw.encode())
                while connection.recv(4096):
                    pass
        service.stop()
        yield service


@pytest.fixture(scope="module")
def lines(service: Service) -> list[dict[str, object]]:
    return [json.loads(line) for line in service.stdout.splitlines()]


def test_neither_a_comment_s_text_nor_a_key_is_logged(service: Service, key: str) -> None:
    assert TEXT.split(maxsplit=1)[0] not in service.stdout + service.stderr
    assert TEXT.split()[1] not in service.stdout + service.stderr
    assert key not in service.stdout + service.stderr
    assert key.removeprefix("bl_")[:8] not in service.stdout + service.stderr


def test_each_request_is_a_line_of_json(lines: list[dict[str, object]]) -> None:
    first = next(line for line in lines if line["request_id"] == "the-first")

    assert re.fullmatch(MOMENT, str(first.pop("time")))
    assert isinstance(first.pop("process"), int)
    assert 0 < float(str(first.pop("duration_ms"))) < PATIENCE * 1000
    assert first == {
        "level": "info",
        "logger": "belowline.access",
        "method": "POST",
        "route": "/v1/scores",
        "status": 200,
        "request_id": "the-first",
        "caller": "my cms",
        "bundle": load_bundle("fast").manifest.version,
    }


def test_all_that_was_answered_is_logged(lines: list[dict[str, object]]) -> None:
    answered = Counter((line["route"], line["status"]) for line in lines if line["route"] != "/readyz")

    # In any order: a line is written once its answer has gone, and the next call may be quicker.
    assert answered == Counter(
        [
            ("/v1/scores", 200),
            ("/v1/scores", 200),
            ("/v1/scores", 401),
            ("/v1/scores", 422),
            ("/v1/scores", 400),
            ("unknown", 404),
            ("/v1/articles/<id:article_id>", 201),
            ("/v1/comments", 201),
            ("/v1/scores", 415),
        ]
    )


def test_what_is_not_http_is_logged_without_what_it_was(service: Service) -> None:
    warnings = [json.loads(line) for line in service.stderr.splitlines() if line.startswith("{")]

    assert {line["logger"] for line in warnings} == {"gunicorn.error"}
    assert {line["message"] for line in warnings} == {
        "Invalid request from ip=127.0.0.1: it is not HTTP as it should be"
    }


@pytest.mark.parametrize("where", ["stderr", "off"])
def test_requests_are_logged_where_it_is_wanted(tmp_path: Path, where: str) -> None:
    with running(tmp_path, "serve", "--access-log", where, "--workers", "1", bundle="fast") as service:
        requests.get(f"{service.address}/healthz", timeout=PATIENCE)
        service.stop()

    assert '"/healthz"' not in service.stdout
    assert ('"/healthz"' in service.stderr) == (where == "stderr")


@pytest.mark.parametrize(
    ("message", "logged"),
    [
        (
            "Error handling request POST /v1alpha1/comments:analyze?key=bl_abc",
            "Error handling request POST /v1alpha1/comments:analyze?[hidden]",
        ),
        ("Authorization: Bearer bl_abc was sent", "Authorization: [hidden] was sent"),
        ("connect with password=abc, please", "connect with password=[hidden], please"),
        ("The database cannot be written: disk full.", "The database cannot be written: disk full."),
    ],
)
def test_secrets_are_cut_from_whatever_is_logged(message: str, logged: str) -> None:
    record = logging.LogRecord("gunicorn.error", logging.ERROR, "", 1, message, (), None)

    assert json.loads(JsonLines().format(record))["message"] == logged


def test_of_an_error_its_kind_and_place_are_logged_and_not_its_words() -> None:
    try:
        TEXT.encode("ascii") + "ü".encode("ascii")
    except UnicodeEncodeError as error:
        record = logging.LogRecord(
            "service.app", logging.ERROR, "", 1, "It broke", (), (type(error), error, error.__traceback__)
        )

    line = JsonLines().format(record)

    assert json.loads(line)["error"] == "UnicodeEncodeError"
    assert "test_access_log.py" in json.loads(line)["frames"]
    assert "xfc" not in line
