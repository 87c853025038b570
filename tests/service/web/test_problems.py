"""Bad input gets a clear answer: a problem (RFC 9457), never a traceback."""

import logging

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.exceptions import TooManyRequests

from service.storage.database import Database
from service.web.problems import Problem, write_problems, write_rfc9457

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
ROUTES = [
    ("POST", "/v1/scores"),
    ("PUT", "/v1/articles/a1"),
    ("POST", "/v1/comments"),
    ("POST", "/v1/reports"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "Expecting value"),
        (b"{", "Expecting property name"),
        (b'{"text": "\xff\xfe"}', "byte 10 is not UTF-8"),
        (b'{"text": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"9" * 10_000, "Exceeds the limit"),
        ('{"text": "a"}'.encode("utf-16"), "is not UTF-8"),
    ],
    ids=["nothing", "cut off", "not UTF-8", "NaN", "deep list", "deep object", "huge number", "UTF-16"],
)
def test_what_is_not_json_is_told_so(client: FlaskClient, method: str, route: str, body: bytes, detail: str) -> None:
    answer = client.open(route, method=method, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert detail in answer.get_json()["detail"]


@pytest.mark.parametrize(("method", "route"), ROUTES)
@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_must_be_declared_as_json(client: FlaskClient, method: str, route: str, kind: str | None) -> None:
    answer = client.open(route, method=method, data=b"{}", content_type=kind)

    assert answer.status_code == 415
    assert "application/json" in answer.get_json()["detail"]


def test_a_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    answer = client.post("/v1/scores", data=b" " * (16 * 1024 * 1024 + 1), content_type="application/json")

    assert answer.status_code == 413
    assert "16,777,216 bytes" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("method", "route", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/scores", 405),
        ("DELETE", "/v1/articles/a1", 405),
        ("POST", "/healthz", 405),
    ],
)
def test_unknown_addresses_and_methods_are_problems_too(
    client: FlaskClient, method: str, route: str, status: int
) -> None:
    answer = client.open(route, method=method)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == status
    assert answer.get_json()["instance"] == route
    assert (status == 405) == ("Allow" in answer.headers)


def test_a_bug_shows_no_traceback_and_logs_no_text(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError(ABUSE)

    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().get("/broken?key=bl_secret", headers={"X-Request-Id": "r-1"})

    assert answer.status_code == 500
    assert answer.get_json()["title"] == "Internal error"
    assert "RuntimeError in request r-1" in caplog.text
    assert "Traceback" not in answer.text
    assert ABUSE not in caplog.text + answer.text
    assert "bl_secret" not in caplog.text + answer.text


def in_capitals(problem: Problem) -> Response:
    """Write problems as another API than ours might."""
    return Response(f"{problem.status} {problem.title}".upper(), problem.status, content_type="text/plain")


@pytest.mark.parametrize(
    ("method", "route", "body", "expected"),
    [
        ("GET", "/v1/flags/no/such", None, "404 NOT FOUND"),
        ("DELETE", "/v1/flags", None, "405 METHOD NOT ALLOWED"),
        ("GET", "/v1/flags?limit=0", None, "422 THE REQUEST IS NOT VALID"),
        ("POST", "/v1/flags/busy", {}, "429 TOO MANY REQUESTS"),
        ("POST", "/v1/flags/broken", {}, "500 INTERNAL ERROR"),
    ],
)
def test_an_api_with_errors_of_its_own_gets_them_by_its_address(
    app: Flask, client: FlaskClient, method: str, route: str, body: object, expected: str
) -> None:
    @app.post("/v1/flags/<what>")
    def flags(what: str) -> str:
        raise TooManyRequests(retry_after=7) if what == "busy" else RuntimeError

    write_problems(app, "/v1", write_rfc9457)
    write_problems(app, "/v1/flags", in_capitals)

    answer = client.open(route, method=method, json=body)
    assert (answer.text, answer.headers["X-Content-Type-Options"]) == (expected, "nosniff")
    assert answer.headers.get("Retry-After") == ("7" if answer.status_code == 429 else None)
    assert ("Allow" in answer.headers) == (answer.status_code == 405)
    assert client.get("/v1/flagsandmore").content_type == "application/problem+json"


def test_a_request_id_is_taken_over_or_given(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    given = client.get("/healthz", headers={"X-Request-Id": "no spaces, please"}).headers["X-Request-Id"]
    assert len(given) == 32
    problem = client.get("/nothing", headers={"X-Request-Id": "abc-2"})
    assert problem.get_json()["request_id"] == "abc-2" == problem.headers["X-Request-Id"]


@pytest.mark.parametrize("route", ["/healthz", "/v1/flags", "/review", "/nothing"])
def test_every_answer_has_the_security_headers(client: FlaskClient, route: str) -> None:
    headers = client.get(route).headers

    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_readiness_tells_which_bundle_scores(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["tier"]) == (200, "ready", "fast")


def test_readiness_fails_while_nothing_can_be_stored(client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        session.execute(text("DROP TABLE alembic_version"))

    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "not ready")


def test_the_openapi_document_describes_every_route(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()

    assert document["openapi"].startswith("3.1")
    assert {path for path in document["paths"] if path.startswith("/v1/")} == {
        "/v1/scores",
        "/v1/scores:batch",
        "/v1/articles/{article_id}",
        "/v1/comments",
        "/v1/comments:batch",
        "/v1/comments/{comment_id}",
        "/v1/comments/{comment_id}/decisions",
        "/v1/flags",
        "/v1/reports",
        "/v1/second-looks",
        "/v1/labels",
        "/v1/rules",
    }
    assert not [path for path in document["paths"] if path.startswith("/review")], "pages are no API"
    for operations in document["paths"].values():
        for method, operation in operations.items():
            assert operation["responses"], method
            assert operation.get("requestBody", {"required": True})["required"]
