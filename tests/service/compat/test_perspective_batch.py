"""Many calls in one, by Google's own client and by hand."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from service.accounts.api_keys import create_key
from service.storage.database import Database
from service.web.rates import Rates

INSULT, PRAISE = "You are a stupid, worthless idiot.", "What a lovely bridge."
FAR = {"X-Forwarded-For": "192.0.2.1"}


def request(text: str, attribute: str = "TOXICITY") -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {attribute: {}}}


def packed(*targets: str, boundary: str = "b1", end: str = "--b1--", content_id: str = "<id + 1>") -> bytes:
    body = '{"comment": {"text": "What a lovely bridge."}, "requestedAttributes": {"TOXICITY": {}}}'
    part = "Content-Type: application/http\r\nContent-ID: {id}\r\n\r\n{call} HTTP/1.1\r\nHost: x\r\n\r\n{body}\r\n"
    parts = [f"--{boundary}\r\n" + part.format(id=content_id, call=call, body=body) for call in targets]
    return ("".join(parts) + end).encode()


def post(client: FlaskClient, body: bytes, kind: str = "multipart/mixed; boundary=b1", **headers: str) -> Any:
    return client.post("/batch", data=body, content_type=kind, headers=headers)


ANALYZE = "POST /v1alpha1/comments:analyze?key=any&alt=json"


def test_google_s_client_gets_each_answer_or_error_by_itself(app: Flask, serve: Callable[[Flask], str]) -> None:
    url = f"{serve(app)}/discovery/v1/apis/commentanalyzer/v1alpha1/rest"
    found: dict[str, Any] = {}
    failed: dict[str, Any] = {}

    def note(name: str, answer: Any, error: HttpError | None) -> None:
        (found if error is None else failed)[name] = answer if error is None else error

    with discovery.build(
        "commentanalyzer", "v1alpha1", developerKey="any", static_discovery=False, discoveryServiceUrl=url
    ) as built:
        batch = built.new_batch_http_request(callback=note)
        for name, body in {
            "an insult": request(INSULT),
            "praise": request(f"{PRAISE} \U0001f642"),
            "odd": request(PRAISE, "RUDENESS"),
        }.items():
            batch.add(built.comments().analyze(body=body), request_id=name)
        batch.execute()

    values = {name: one["attributeScores"]["TOXICITY"]["summaryScore"]["value"] for name, one in found.items()}
    assert values["an insult"] > 0.9
    assert values["praise"] < 0.5
    assert failed["odd"].status_code == 400
    assert failed["odd"].reason == "Unknown requested attribute: RUDENESS"


def test_each_call_shows_its_own_key(client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        key = create_key(session, "cms", ["score"])
    calls = [f"POST /v1alpha1/comments:analyze?key={key}", "POST /v1alpha1/comments:analyze?key=guess"]

    answer = post(client, packed(*calls, "POST /v1alpha1/comments:analyze"), **FAR)

    assert [line for line in answer.text.splitlines() if line.startswith("HTTP/1.1")] == [
        "HTTP/1.1 200 OK",
        "HTTP/1.1 400 BAD REQUEST",
        "HTTP/1.1 403 FORBIDDEN",
    ]
    by_header = post(client, packed("POST /v1alpha1/comments%3Aanalyze"), **FAR, Authorization=f"Bearer {key}")
    assert "HTTP/1.1 200 OK" in by_header.text


def test_a_batch_is_no_way_around_the_limit(app: Flask, client: FlaskClient) -> None:
    app.config["KEYS_REQUIRED"] = True
    app.extensions["belowline.rates"] = Rates("off", "2/hour")

    answer = post(client, packed(*["POST /v1alpha1/comments:analyze"] * 5))

    assert [answer.text.count(f"HTTP/1.1 {code}") for code in (403, 429)] == [2, 3]
    assert "Retry-After" in answer.text


@pytest.mark.parametrize(
    "call",
    ["GET /healthz", "POST /batch", "POST /v1/comments", "POST /review/decisions", "DELETE /v1alpha1/comments:analyze"],
)
def test_other_addresses_are_not_to_be_had_this_way(client: FlaskClient, call: str) -> None:
    answer = post(client, packed(call, ANALYZE))

    assert [answer.text.count(f"HTTP/1.1 {code}") for code in (404, 200)] == [1, 1]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/mixed; boundary=b1"),
        (packed(ANALYZE), "multipart/mixed"),
        (packed(ANALYZE), "application/json"),
        (packed(ANALYZE, end=""), "multipart/mixed; boundary=b1"),
        (packed("P\xd6ST /"), "multipart/mixed; boundary=b1"),
        (packed(*["POST /"] * 1001), "multipart/mixed; boundary=b1"),
        (b"--b1\n" + b"x: y\n" * 500 + b"\n--b1--", "multipart/mixed; boundary=b1"),
    ],
    ids=["empty", "no boundary", "JSON", "cut", "no ASCII", "too many", "many headers"],
)
def test_what_is_no_batch_is_refused_in_google_s_shape(client: FlaskClient, body: bytes, kind: str) -> None:
    answer = post(client, body, kind)

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("content_id", ["<a>\r\nSet-Cookie: x=y\r\nContent-ID: <a\x00>", "no brackets", "<a<b>"])
def test_an_id_that_could_be_a_header_is_not_sent_back(client: FlaskClient, content_id: str) -> None:
    answer = post(client, packed(ANALYZE, content_id=content_id))

    assert "HTTP/1.1 200 OK" in answer.text
    assert "Content-ID" not in answer.text
    assert "Set-Cookie" not in answer.text


_CALL = b"--b1\n%s\nGET / HTTP/1.1\n%s\n"


@pytest.mark.parametrize(
    "body",
    [
        b"\n" * 16_000_000,
        _CALL % (b"", b"") * 1000,
        _CALL % (b"a: b\n" * 49, b"a: b\n" * 49) * 1000,
        _CALL % (b"a: " + b"x" * 8_000 + b"\n", b"a: " + b"x" * 8_000 + b"\n") * 1000,
        _CALL % (b"Content-Type: multipart/mixed; boundary=b2\n", b"\n--b2\n" * 1000) * 1000,
    ],
    ids=["blank lines", "short calls", "headers", "long headers", "parts in parts"],
)
def test_a_hostile_batch_costs_little(client: FlaskClient, body: bytes) -> None:
    began = time.process_time()
    answer = post(client, body + b"--b1--")

    assert answer.text.count("HTTP/1.1 404 NOT FOUND") == body.count(b"--b1")
    assert time.process_time() - began < 2
