"""Errors of the Perspective API, entry by entry: clients read the message and the details."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from service import create_app
from service.accounts.api_keys import create_key
from service.storage.database import Database
from service.web.rates import Rates

ANALYZE = "/v1alpha1/comments:analyze"
TOXICITY: dict[str, Any] = {"TOXICITY": {}}
FRENCH = "Je ne suis pas du tout d'accord avec cette décision du conseil municipal."


def request(text: object = "Well said.", attributes: object = TOXICITY, **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": attributes, **more}


def text_type(kind: str) -> dict[str, Any]:
    return {"comment": {"text": "Well said.", "type": kind}, "requestedAttributes": TOXICITY}


@pytest.mark.parametrize(
    ("body", "message", "error_type"),
    [
        ({"requestedAttributes": TOXICITY}, "Comment must be non-empty.", "COMMENT_EMPTY"),
        (request(""), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (request(" \n"), "Comment must be non-empty.", "COMMENT_EMPTY"),
        (
            request("é" * 11_684),
            "Comment text was too many bytes. Value (23368) exceeded limit (20480).",
            "COMMENT_TOO_LONG",
        ),
        ({"comment": {"text": "Well said."}}, "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (request(attributes={}), "Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES"),
        (request(attributes={"RUDENESS": {}}), "Unknown requested attribute: RUDENESS", "INVALID_REQUEST"),
        (request(attributes={"FLIRTATION": {}}), "Unknown requested attribute: FLIRTATION", "INVALID_REQUEST"),
        (
            request(languages=["it"]),
            "Attribute TOXICITY does not support request languages: it",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ),
        (
            request(FRENCH),
            "Attribute TOXICITY does not support request languages: fr",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        ),
        (request("\u200b\u200b"), "Unable to detect language", "LANGUAGE_DETECTION_FAILED"),
        (
            request(attributes={"INSULT": {"scoreType": "PERCENTILE"}}),
            "Requested score type PERCENTILE is not supported by attribute INSULT",
            "INVALID_REQUEST",
        ),
        (text_type("HTML"), "Currently, only 'PLAIN_TEXT' comments are supported", "INVALID_REQUEST"),
        (text_type("MARKDOWN"), "Unknown text type", "INVALID_REQUEST"),
        (
            request(context={"entries": [{"text": "a"}], "articleAndParentComment": {"article": {"text": "b"}}}),
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
            "INVALID_REQUEST",
        ),
        (
            request(attributes={"OFF_TOPIC": {}}),
            "Attribute OFF_TOPIC needs the article's text: context.articleAndParentComment or entries[0]",
            "INVALID_REQUEST",
        ),
        (
            request(attributes={"OFF_TOPIC": {}}, context={"entries": [{"text": "\u200b\ud83d"}]}),
            "Attribute OFF_TOPIC needs the article's text: context.articleAndParentComment or entries[0]",
            "INVALID_REQUEST",
        ),
        (request(12), "Invalid value at 'comment.text': should be a string.", "INVALID_REQUEST"),
        (request(spanAnnotations=1), "Invalid value at 'spanAnnotations': should be true or false.", "INVALID_REQUEST"),
        (request(languages=7), "Invalid value at 'languages': should be a list.", "INVALID_REQUEST"),
        (
            request(attributes={f"TOXICITY@{number}": {} for number in range(101)}),
            "Invalid value at 'requestedAttributes': it has 101 attributes; the limit is 100.",
            "INVALID_REQUEST",
        ),
        (
            request(attributes={"TOXICITY": {"scoreThreshold": "high"}}),
            "Invalid value at 'requestedAttributes.TOXICITY.scoreThreshold': should be a number.",
            "INVALID_REQUEST",
        ),
    ],
)
def test_a_refused_request_has_google_s_message_and_type(
    client: FlaskClient, body: dict[str, Any], message: str, error_type: str
) -> None:
    answer = client.post(ANALYZE, json=body)

    error = answer.get_json()["error"]
    assert (answer.status_code, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert error["message"] == message
    assert error["details"][0]["@type"] == "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
    assert error["details"][0]["errorType"] == error_type


def test_a_language_that_is_not_scored_is_named(client: FlaskClient) -> None:
    error = client.post(ANALYZE, json=request(FRENCH)).get_json()["error"]

    assert error["details"][0]["languageNotSupportedByAttributeError"] == {
        "detectedLanguages": ["fr"],
        "attribute": "TOXICITY",
    }


@pytest.mark.parametrize(("path", "method"), [(ANALYZE, "POST"), ("/$discovery/rest?version=v1alpha1", "GET")])
@pytest.mark.parametrize("header", [{"X-Goog-Api-Key": "wrong"}, {"Authorization": "Bearer wrong"}])
def test_a_wrong_key_behind_a_proxy_is_a_400(
    client: FlaskClient, path: str, method: str, header: dict[str, str]
) -> None:
    answer = client.open(path, method=method, json=request(), headers={"X-Forwarded-For": "192.0.2.1", **header})

    error = answer.get_json()["error"]
    assert (answer.status_code, error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == "API key not valid. Please pass a valid API key."


@pytest.mark.parametrize("path", [ANALYZE, "/v1alpha1/comments:suggestscore"])
def test_a_missing_key_has_google_s_message_of_its_own(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json=request(), headers={"X-Forwarded-For": "192.0.2.1"})

    assert answer.status_code == 403
    assert answer.get_json()["error"] == {
        "code": 403,
        "message": "Method doesn't allow unregistered callers (callers without established identity). Please use API "
        "Key or other form of API consumer identity to call this API.",
        "status": "PERMISSION_DENIED",
    }


@pytest.mark.parametrize("key", ["", "?key=any"])
def test_a_foreign_page_is_told_that_it_is_one(client: FlaskClient, key: str) -> None:
    answer = client.post(ANALYZE + key, json=request(), headers={"Origin": "https://paper.example"})

    error = answer.get_json()["error"]
    assert (answer.status_code, error["status"]) == (403, "PERMISSION_DENIED")
    assert "'https://paper.example'" in error["message"]
    assert "BELOWLINE_CORS_ORIGINS" in error["message"]


@pytest.mark.parametrize("path", ["/$discovery/rest", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest"])
def test_the_discovery_document_costs_no_quota(app: Flask, client: FlaskClient, db: Database, path: str) -> None:
    app.config["KEYS_REQUIRED"] = True
    app.extensions["belowline.rates"] = Rates("2/hour", "2/hour")
    with db.write() as session:
        key = create_key(session, "osmod", ["score"])

    answers = [client.get(path, query_string=query) for query in ({}, {"key": key}) for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.get_json()["id"] for answer in answers} == {"commentanalyzer:v1alpha1"}
    guesses = [client.get(path, query_string={"key": "guess"}).status_code for _ in range(3)]
    assert guesses == [400, 400, 429]


def test_a_named_origin_s_page_may_send_google_s_headers(tmp_path: Path, app: Flask) -> None:
    config = {"DATABASE": f"sqlite:///{tmp_path / 'named.db'}", "SCORER": app.config["SCORER"], "SECRET_KEY": "x"}
    named = create_app({**config, "CORS_ORIGINS": ["https://paper.example"]})
    client = named.test_client()

    for path in (ANALYZE, "/batch", "/$discovery/rest"):
        allowed = client.options(path, headers={"Origin": "https://paper.example"}).headers
        assert "X-Goog-Api-Key" in allowed["Access-Control-Allow-Headers"]
        assert allowed["Access-Control-Allow-Origin"] == "https://paper.example"
    named.extensions["belowline.database"].close()


def test_a_key_that_may_not_score_is_told_so(client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        key = create_key(session, "review tool", ["review"])

    answer = client.post(f"{ANALYZE}?key={key}", json=request(), headers={"X-Forwarded-For": "192.0.2.1"})

    assert answer.get_json()["error"] == {
        "code": 403,
        "message": "The key 'review tool' lacks the scope 'score'.",
        "status": "PERMISSION_DENIED",
    }


@pytest.mark.parametrize("where", ["key", "X-Goog-Api-Key", "Authorization"])
def test_a_key_is_taken_wherever_google_s_clients_put_it(client: FlaskClient, db: Database, where: str) -> None:
    with db.write() as session:
        key = create_key(session, "Coral", ["score"])
    headers = {"X-Forwarded-For": "192.0.2.1"} | ({} if where == "key" else {where: key})
    if where == "Authorization":
        headers[where] = f"Bearer {key}"

    answer = client.post(ANALYZE, query_string={"key": key} if where == "key" else {}, json=request(), headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "code", "status"),
    [
        ("GET", ANALYZE, 405, "UNIMPLEMENTED"),
        ("POST", "/v1alpha1/comments:rewrite", 404, "NOT_FOUND"),
        ("POST", "/$discovery/rest", 405, "UNIMPLEMENTED"),
        ("GET", "/$discovery/apis", 404, "NOT_FOUND"),
    ],
)
def test_an_address_that_is_not_served_has_google_s_shape(
    client: FlaskClient, method: str, path: str, code: int, status: str
) -> None:
    answer = client.open(path, method=method)

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (code, status)


def test_a_body_beyond_the_limit_has_google_s_shape(client: FlaskClient) -> None:
    answer = client.post(ANALYZE, data=b" " * (16 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, 413)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b"[]", b"null", b'"text"'])
def test_what_is_not_a_json_object_is_a_400(client: FlaskClient, body: bytes) -> None:
    answer = client.post(ANALYZE, data=body)

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_too_many_calls_are_a_quota_error(app: Flask, client: FlaskClient) -> None:
    app.before_request(_refuse)

    answer = client.post(ANALYZE, json=request())

    error = answer.get_json()["error"]
    assert (answer.status_code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"].startswith("Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)'")
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    assert error["details"][1]["@type"] == "type.googleapis.com/google.rpc.Help"
    assert answer.headers["Retry-After"] == "7"


def test_a_service_that_is_too_busy_says_so_in_google_s_shape(app: Flask, client: FlaskClient) -> None:
    app.before_request(_busy)

    answer = client.post(ANALYZE, json=request())

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (503, "UNAVAILABLE")


def test_a_mistake_of_ours_has_google_s_shape_and_shows_no_text(app: Flask, client: FlaskClient) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.extensions["belowline.scorer"] = None

    answer = client.post(ANALYZE, json=request("a secret"))

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (500, "INTERNAL")
    assert "secret" not in answer.text


def _refuse() -> None:
    raise TooManyRequests(retry_after=7)


def _busy() -> None:
    raise ServiceUnavailable
