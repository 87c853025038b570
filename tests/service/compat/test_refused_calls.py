"""A program that is set up wrongly: Coral publishes what it got no score for, so somebody must be told."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model import load_bundle
from service.accounts.api_keys import create_key
from service.compat.perspective.analysis import analyze
from service.compat.perspective.reading import read_analyze
from service.storage.database import Database

CORAL: dict[str, Any] = {
    "comment": {"text": "You are a stupid, worthless idiot."},
    "doNotStore": True,
    "requestedAttributes": {"TOXICITY": {}},
    "languages": ["en"],
}
FAR = {"X-Forwarded-For": "192.0.2.1"}


def counted(app: Flask) -> dict[tuple[str, str], int]:
    return {(one.api, one.reason): one.count for one in app.extensions["belowline.metrics"].refused_calls()}


@pytest.mark.parametrize("tier", ["fast", "accurate"])
def test_the_comment_that_the_docs_test_with_is_held_back(tier: str) -> None:
    docs = (Path(__file__).parents[3] / "docs/migrate-from-perspective.md").read_text()
    text = re.findall("^> (.+)$", docs, re.MULTILINE)[0]

    asked = read_analyze({**CORAL, "comment": {"text": text}})
    answer = analyze(load_bundle(tier), asked, drops_for_all=False)

    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8


def test_coral_s_endpoint_may_lack_its_last_part(client: FlaskClient) -> None:
    scored, suggested = client.post("/comments:analyze?key=any", json=CORAL), client.post("/comments:suggestscore")

    assert scored.get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.9
    assert (suggested.status_code, suggested.get_json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_coral_s_endpoint_may_end_in_a_slash(app: Flask, client: FlaskClient) -> None:
    scored = client.post("/v1alpha1//comments:analyze?key=any", json=CORAL)
    suggested = client.post("/v1alpha1//comments:suggestscore?key=any", json={})

    assert scored.get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.9
    assert (suggested.status_code, suggested.get_json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert ("perspective", "address") not in counted(app)


def test_refused_calls_are_counted_by_reason(app: Flask, client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        key = create_key(session, "cms", ["review"])
    analyze = "/v1alpha1/comments:analyze"
    for path, body, headers in [
        (f"{analyze}?key=wrong", CORAL, FAR),
        (analyze, CORAL, FAR),
        (f"{analyze}?key={key}", CORAL, FAR),
        (f"{analyze}/comments:analyze", CORAL, {}),
        ("/v1/comments:analyze", CORAL, {}),
        (analyze, {**CORAL, "requestedAttributes": {"TOXICITIY": {}}}, {}),
        (analyze, {**CORAL, "languages": ["fr"]}, {}),
        (analyze, {"comment": {}}, {}),
        ("/integrations/coral/moderate", {}, {}),
    ]:
        assert client.post(path, json=body, headers=headers).status_code >= 400
    app.config["CORAL_SECRETS"] = ["empsec_1"]
    client.post("/integrations/coral/moderate", json={})

    assert counted(app) == {
        ("perspective", "key"): 2,
        ("perspective", "scope"): 1,
        ("perspective", "address"): 2,
        ("perspective", "attribute"): 1,
        ("perspective", "language"): 1,
        ("perspective", "request"): 1,
        ("coral", "unconnected"): 1,
        ("coral", "signature"): 1,
    }
    assert 'belowline_calls_refused_total{api="perspective",reason="key"} 2.0' in client.get("/metrics").text


@pytest.mark.parametrize(("role", "is_told"), [("moderator", False), ("lead", True)])
def test_the_start_page_tells_a_lead(
    client: FlaskClient,
    person: Callable[..., Any],
    role: str,
    is_told: bool,  # noqa: FBT001
) -> None:
    somebody = person("anna", role)
    client.post("/v1alpha1/comments:analyze", json={**CORAL, "languages": ["fr"]})
    assert "are being refused" not in somebody.reads("/review").text

    client.post("/v1alpha1/comments:analyze?key=wrong", json=CORAL, headers=FAR)

    page = somebody.reads("/review").text
    assert ("are being refused" in page) is is_told
    assert ("sent no key, or one that is not known" in page) is is_told
