"""Many comments in one call: a line in, a line out, and a bad one fails alone."""

import gzip
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.api import bulk
from service.storage.database import Database

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."


def send(client: FlaskClient, route: str, *lines: Any, **how: Any) -> list[dict[str, Any]]:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = client.post(route, data=body, content_type="application/x-ndjson", **how)
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson"), answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_each_line_has_its_scores_or_its_error_in_its_place(client: FlaskClient, article: str) -> None:
    found = send(
        client,
        "/v1/scores:batch",
        {"id": "c1", "text": ABUSE},
        "{broken",
        "",
        {"id": "c2", "text": "Well said.", "article_id": article},
        {"txt": "Well said."},
        {"text": "Well said.", "article_id": "a9"},
        {"text": "\u200b"},
        "NaN",
    )

    assert [(line["line"], line.get("id")) for line in found] == [
        (1, "c1"), (2, None), (4, "c2"), (5, None), (6, None), (7, None), (8, None),
    ]  # fmt: skip
    assert found[0]["scores"]["toxicity"] > 0.9
    assert "off_topic" not in found[0]["scores"]
    assert found[0]["reasons"][0]["spans"]
    assert "off_topic" in found[2]["scores"]
    errors = [line.get("error", "")[:45] for line in found]
    assert errors == [
        "",
        "The line is not JSON: Expecting property name",
        "",
        "/text: Field required (and 1 more)",
        "There is no article 'a9': store it first with",
        "The comment has no text to score.",
        "The line is not JSON: NaN is not JSON",
    ]


def test_a_comment_has_the_same_scores_in_a_batch_and_alone(client: FlaskClient) -> None:
    texts = [f"{ABUSE} {number}" for number in range(bulk._AT_ONCE + 3)]  # noqa: SLF001 - more than one step
    alone = client.post("/v1/scores", json={"comments": [{"text": text} for text in texts]}).get_json()["results"]
    found = send(client, "/v1/scores:batch", *({"text": text} for text in texts))

    assert [line["scores"] for line in found] == [result["scores"] for result in alone]


def test_comments_are_stored_in_order_and_a_bad_one_fails_alone(client: FlaskClient, article: str) -> None:
    found = send(
        client,
        "/v1/comments:batch",
        {"id": "c1", "article_id": article, "text": ABUSE},
        {"id": "c2", "article_id": "a9", "text": "Well said."},
        {"id": "c3", "article_id": article, "text": " "},
        {"id": "c4", "article_id": article, "text": "Well said.", "parent_id": "c1"},
        {"id": "c1", "article_id": article, "text": "I take that back."},
    )

    assert [(line["line"], line.get("id"), line.get("new"), "error" in line) for line in found] == [
        (1, "c1", True, False),
        (2, "c2", None, True),
        (3, None, None, True),
        (4, "c4", True, False),
        (5, "c1", False, False),
    ]
    assert client.get("/v1/comments/c1").get_json()["revision"] == 2
    assert client.get("/v1/flags").get_json()["items"][0]["id"] == "c1", "it was flagged before it was edited"
    assert client.get("/v1/comments/c2").status_code == 404


def test_a_batch_sent_again_changes_nothing(client: FlaskClient, article: str) -> None:
    lines = [{"id": f"c{number}", "article_id": article, "text": f"Point {number}."} for number in range(3)]
    first, again = (send(client, "/v1/comments:batch", *lines) for _ in range(2))

    assert [line.pop("new") for line in first] == [True] * 3
    assert [line.pop("new") for line in again] == [False] * 3
    assert again == first


def test_what_fails_in_the_middle_is_told_in_the_last_line(
    app: Flask, client: FlaskClient, article: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bulk, "_AT_ONCE", 1)
    db: Database = app.extensions["belowline.database"]
    lines = [{"id": f"c{number}", "article_id": article, "text": f"Point {number}."} for number in range(3)]
    answer = client.post(
        "/v1/comments:batch",
        data="\n".join(map(json.dumps, lines)),
        content_type="application/x-ndjson",
        buffered=False,
    )
    stream = answer.iter_encoded()
    assert json.loads(next(iter(stream)))["new"]
    monkeypatch.setattr(db, "read", None)
    last = [json.loads(line) for line in b"".join(stream).splitlines()]

    assert [line["line"] for line in last] == [2]
    assert "nothing from this line on was stored" in last[0]["error"]
    assert "Point" not in caplog.text


def test_a_line_that_is_too_long_fails_alone(client: FlaskClient) -> None:
    found = send(client, "/v1/scores:batch", "x" * 1_200_000, {"text": "Well said."})

    assert found[0] == {"line": 1, "error": "The line is longer than 1,048,576 bytes."}
    assert "scores" in found[1]


@pytest.mark.parametrize("route", ["/v1/scores:batch", "/v1/comments:batch"])
@pytest.mark.parametrize("kind", [None, "application/json", "text/plain"])
def test_a_batch_must_be_declared_as_lines(client: FlaskClient, route: str, kind: str | None) -> None:
    answer = client.post(route, data=b"{}", content_type=kind)

    assert (answer.status_code, "application/x-ndjson" in answer.get_json()["detail"]) == (415, True)


def test_a_batch_beyond_the_limit_is_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST_BYTES", 1000)
    answer = client.post("/v1/scores:batch", data=b" " * 1001, content_type="application/x-ndjson")

    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


def test_a_batch_s_answer_is_compressed_as_it_comes(client: FlaskClient) -> None:
    lines = "\n".join(json.dumps({"text": f"Point {number}."}) for number in range(3))
    answer = client.post(
        "/v1/scores:batch",
        data=lines,
        content_type="application/x-ndjson",
        headers={"Accept-Encoding": "gzip"},
    )

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(answer.data).splitlines()) == 3
