"""Requests that no program would send: made from the OpenAPI document, and malformed ones."""

import json
import os
import random
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from service.api.requests import ArticleIn, CommentIn, CommentToScore, DecisionIn, ReportIn, ScoresIn
from tests.served import PATIENCE

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
JSON, LINES = "application/json", "application/x-ndjson"


FORMS = (ScoresIn, CommentToScore, ArticleIn, CommentIn, DecisionIn, ReportIn)
NAMES = [*sorted({name for form in FORMS for name in form.model_fields}), "x"]
STRANGE_TEXTS = ["", "\0", "%00", "%ff", "../..", "a1", "c1", "\U0001f600", "\u200b", "x" * 300, "a/b", "'; DROP x;"]
STRANGE_VALUES = [None, True, 0, -1, 2**70, 1e308, "", " ", "\0", "keep", "undo", "a1", "c1", "Well said."]
STRANGE_VALUES += ["9999-12-31", "0001-01-01T00:00:00+14:00", "\ud800", "\u202e", "x" * 70_000]
STRANGE_BODIES = [b"[" * 5000, b'{"a":' * 5000, b"9" * 5000, b"\xff\xfe{}", b"NaN", b""]


def _strange_value(draw: random.Random, depth: int = 0) -> Any:
    if depth < 3 and draw.random() < 0.4:
        return {name: _strange_value(draw, depth + 1) for name in draw.sample(NAMES, draw.randint(0, 8))}
    if depth < 3 and draw.random() < 0.2:
        return [_strange_value(draw, depth + 1) for _ in range(draw.randint(0, 4))]
    return draw.choice(STRANGE_VALUES)


def _strange_body(draw: random.Random) -> bytes:
    body = json.dumps(_strange_value(draw)).encode()
    place = draw.randint(0, len(body))
    return draw.choice(
        [
            body,
            body[:place],
            body[:place] + draw.choice(string.punctuation).encode() + body[place:],
            draw.randbytes(draw.randint(0, 200)),
            draw.choice(STRANGE_BODIES),
        ]
    )


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Serve the application over HTTP and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def test_schemathesis_finds_nothing(served: str, tmp_path: Path) -> None:
    found = subprocess.run(  # noqa: S603 - our own arguments
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{served}/openapi.json",
            "--phases=examples,coverage,fuzzing",
            "--max-examples=20",
            "--seed=1",
            # A slow machine is no fault of ours.
            f"--request-timeout={PATIENCE}",
            "--suppress-health-check=too_slow",
        ],
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("moments.py"))},
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0, found.stdout[-8000:]


@pytest.mark.usefixtures("article")
def test_ten_thousand_malformed_requests_break_nothing(app: Flask, client: FlaskClient) -> None:
    draw = random.Random(1)
    paths = [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")]
    # What is broken here is ours to report: a test client would raise it.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    statuses: dict[int, int] = {}
    for _ in range(10_000):
        path = "".join(
            draw.choice(STRANGE_TEXTS) if part.startswith("<") else part
            for part in draw.choice(paths).replace("<", "\n<").replace(">", ">\n").split("\n")
        )
        answer = client.open(
            path,
            method=draw.choice(METHODS),
            data=_strange_body(draw),
            content_type=draw.choice([JSON, JSON, JSON, LINES, "text/plain", "application/json; charset=utf-16", ""]),
            query_string=draw.choice(["", "limit=-1", "cursor=%00", "limit=1e9", "state=%ff", "unreviewed=maybe"]),
            headers={"Idempotency-Key": draw.choice(["k", "", " ", "x" * 300])} if draw.random() < 0.2 else {},
        )
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        answer.close()

    assert not [status for status in statuses if status >= 500], statuses
    assert {400, 404, 405, 415, 422} <= statuses.keys(), statuses
