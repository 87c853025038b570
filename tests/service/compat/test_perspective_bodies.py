"""What clients of the Perspective API really send: relaxed JSON, other names, strings for values, packed bodies."""

import gzip
import json
import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from model.labels import LabelRow

ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"
INSULT = "You are a stupid, worthless idiot."
SPANISH = "No estoy de acuerdo con esta decisión del ayuntamiento, que es un desastre."
REQUEST: dict[str, Any] = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}
FEEDBACK: dict[str, Any] = {
    "comment": {"text": INSULT},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
    "clientToken": "comment:c-1",
}


def labels(client: FlaskClient) -> list[LabelRow]:
    return [LabelRow.from_json(line) for line in client.get("/v1/labels").text.splitlines()]


@pytest.mark.parametrize(
    "body",
    [
        '{comment: {text: "You are a worthless idiot."}, requestedAttributes: {TOXICITY: {}}, languages: ["en"]}',
        "{'comment': {'text': 'You are a stupid, worthless idiot.'}, 'requestedAttributes': {'TOXICITY': {}}}",
        '{"comment": {"text": "You are a stupid, worthless idiot.",}, "requestedAttributes": {"TOXICITY": {},},}',
        '{comment: {text: "You are a \\\nworthless idiot."}, // as in a script\n requestedAttributes: {TOXICITY: {}}}',
        '{comment: {text: "Councillor,\nyou are an idiot."}, // from a shell\r\n requestedAttributes: {TOXICITY: {}}}',
        '{"comment": {"text": "You\tare\r\na worthless idiot."}, "requestedAttributes": {"TOXICITY": {}}}',
    ],
    ids=["the quickstart's", "single quotes", "trailing commas", "a script's", "two lines", "a form's lines"],
)
def test_relaxed_json_is_read_here_and_nowhere_else(client: FlaskClient, body: str) -> None:
    answer = client.post(ANALYZE, data=body)

    assert answer.status_code == 200, answer.text
    assert answer.get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.9
    assert client.post("/v1/scores", data=body, content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "{comment: {text: 'You are an idiot'",
        "{comment: {text: You are an idiot}}",
        "comment=You+are+an+idiot",
        "{a: NaN}",
        '{comment: {text: "an idiot"}, requestedAttributes: {TOXICITY: {scoreThreshold: Infinity}}}',
    ],
)
def test_what_is_no_relaxed_json_either_is_refused_without_its_text(client: FlaskClient, body: str) -> None:
    answer = client.post(ANALYZE, data=body)

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert "idiot" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        "{a:" * 40_000,
        "[" * 131_072,
        "{" + "a:1," * 32_000 + "}",
        "{" + ",".join(f"k{n}:1" for n in range(14_000)) + "}",
        "{a:0x" + "f" * 131_000 + "}",
        "{a:" + "9" * 131_000 + "}",
        "'" + "\\" * 131_000,
        "/**/" * 32_000,
        "{a:[" + "[]," * 40_000 + "]}",
        "{a:'" + "x" * 2_000_000 + "'}",
    ],
    ids=["deep", "lists", "one key", "keys", "hex", "digits", "backslashes", "comments", "empty lists", "long"],
)
def test_hostile_relaxed_json_costs_little(client: FlaskClient, body: str) -> None:
    began = time.process_time()
    answer = client.post(ANALYZE, data=body)

    assert answer.status_code == 400
    # Half a second on a quiet machine; json5 took six over a fiftieth of this.
    assert time.process_time() - began < 3


def test_names_may_be_those_of_the_protocol_buffers(client: FlaskClient) -> None:
    answer = client.post(
        ANALYZE,
        json={
            "comment": {"text": "Cars out of the high street, at last."},
            "context": {"article_and_parent_comment": {"article": {"text": "The high street closes to cars."}}},
            "requested_attributes": {
                "TOXICITY": {"score_threshold": "0.99"},
                "OFF_TOPIC": {"score_type": "PROBABILITY"},
            },
            "span_annotations": "true",
            "client_token": "t-1",
        },
    )

    assert answer.status_code == 200, answer.text
    assert (list(answer.get_json()["attributeScores"]), answer.get_json()["clientToken"]) == (["OFF_TOPIC"], "t-1")


@pytest.mark.parametrize("more", [{"doNotStore": "true"}, {"do_not_store": True}, {"do_not_store": "true"}])
def test_what_must_not_be_stored_is_not_however_that_is_written(client: FlaskClient, more: dict[str, Any]) -> None:
    assert client.post(SUGGEST, json={**FEEDBACK, **more}).status_code == 200
    assert labels(client) == []


@pytest.mark.parametrize(
    "more", [{"doNotStore": "yes"}, {"doNotStore": 1}, {"doNotStore": False, "do_not_store": True}]
)
def test_what_may_mean_either_is_refused(client: FlaskClient, more: dict[str, Any]) -> None:
    assert client.post(SUGGEST, json={**FEEDBACK, **more}).status_code == 400
    assert labels(client) == []


@pytest.mark.parametrize(
    ("languages", "text", "status"),
    [
        ("en", INSULT, 200),
        ("", INSULT, 200),
        (["en", "es"], INSULT, 200),
        ([""], INSULT, 200),
        (["es", "en-GB"], INSULT, 200),
        (["en", "es"], SPANISH, 400),
        ("es", INSULT, 400),
        (["es", "fr"], INSULT, 400),
    ],
)
def test_only_a_comment_in_another_language_is_refused(
    client: FlaskClient, languages: Any, text: str, status: int
) -> None:
    answer = client.post(ANALYZE, json={**REQUEST, "comment": {"text": text}, "languages": languages})

    assert answer.status_code == status, answer.text


def test_a_verdict_on_an_english_comment_among_two_languages_is_a_label(client: FlaskClient) -> None:
    for languages, text in ((["en", "es"], INSULT), (["en", "es"], SPANISH)):
        client.post(SUGGEST, json={**FEEDBACK, "comment": {"text": text}, "languages": languages, "clientToken": text})

    assert [row.text for row in labels(client)] == [INSULT]


def test_a_packed_body_is_unpacked(client: FlaskClient) -> None:
    packed = gzip.compress(json.dumps(REQUEST).encode())

    assert client.post(ANALYZE, data=packed, headers={"Content-Encoding": "gzip"}).status_code == 200
    assert client.post(ANALYZE, data=json.dumps(REQUEST), headers={"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b" " * (16 * 1024 * 1024 + 1)), "gzip", 413),
        (gzip.compress(json.dumps(REQUEST).encode())[:-9], "gzip", 400),
        (gzip.compress(b"{}") * 2, "gzip", 400),
        (json.dumps(REQUEST).encode(), "gzip", 400),
        (gzip.compress(json.dumps(REQUEST).encode()), "br", 415),
        (gzip.compress(json.dumps(REQUEST).encode()), "gzip, gzip", 415),
    ],
    ids=["a bomb", "cut", "two", "not packed", "brotli", "twice"],
)
def test_a_packed_body_that_cannot_be_read_is_refused(
    client: FlaskClient, body: bytes, encoding: str, status: int
) -> None:
    answer = client.post(ANALYZE, data=body, headers={"Content-Encoding": encoding})

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (status, status)
