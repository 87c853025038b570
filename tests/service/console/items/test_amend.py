"""A comment is amended: what the form says, and who is told of what."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from model.labels import LabelRow
from service.moderation.comments import get_item
from service.moderation.retention import erase_author
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.comments import DecisionRow
from service.storage.tables.programs import EventRow
from service.webhooks.endpoints import add_endpoint

Flag = Callable[..., None]
COMMENT = "You stupid wanker, the bridge is late and you know it."
AMENDED = "You […] the bridge is late and you know it."


@pytest.fixture
def told(db: Database, flag: Flag) -> Callable[[], list[dict[str, Any]]]:
    """Flag a comment, and give what a newspaper's own tool is told of decisions on it."""
    flag("c1", text=COMMENT, author="Tam", spans=())
    with db.write() as session:
        add_endpoint(session, "https://tool.example/hook", ["comment.decided"], internal=False)

    def events() -> list[dict[str, Any]]:
        with db.read() as session:
            return [json.loads(row.payload)["data"] for row in session.scalars(select(EventRow))]

    return events


def amends(person: Any, **fields: Any) -> Any:
    form = person.form_of(person.reads("/review/amend/c1"))
    return person.client.post("/review/decisions", data={**form, "verdict": "amend", "rule": "2", **fields})


def test_the_form_says_what_amending_means(isla: Any, told: Any) -> None:
    page = " ".join(isla.reads("/review/amend/c1").text.split())
    assert told() == []
    assert "Whoever edits a comment can more easily be held liable for it." in page
    assert "Defamation and Malicious Publication (Scotland) Act 2021, section 3" in page
    assert 'href="/review/amend/c1"' in isla.reads("/review/comments/c1").text


@pytest.mark.parametrize(
    "fields", [{"strike": ["4-10", "11-18"]}, {"amended_text": AMENDED}, {"amended_text": AMENDED, "strike": "0-3"}]
)
def test_the_amended_text_goes_to_the_tool_and_the_original_stays(
    isla: Any, told: Any, db: Database, fields: dict[str, Any]
) -> None:
    answer = amends(isla, note="The rest is fair.", **fields)
    assert (answer.status_code, answer.location) == (303, "/review/next")
    (event,) = told()
    assert (event["verdict"], event["rule"], event["amended_text"], event["author"]) == ("amend", "2", AMENDED, "Tam")
    assert event["notice"] == (
        "A moderator has amended your comment under rule 2 (Argue about the matter, not the person). "
        "What you wrote is kept on record."
    )
    with db.read() as session:
        item = get_item(session, "c1")
        entries = [(entry.who, entry.what, entry.about, entry.why) for entry in audit.entries(session)]
    assert (item.comment.text, item.state) == (COMMENT, "decided")
    assert ("isla", "decision.amend", "c1", "2") in entries
    page = isla.reads("/review/comments/c1").text
    assert "Amended by <bdi>isla</bdi>" in page
    assert AMENDED in page


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "as it stands"),
        ({"amended_text": COMMENT}, "as it stands"),
        ({"strike": "0-54"}, "remove it instead"),
        ({"amended_text": "x" * 70_000}, "The text has"),
    ],
)
def test_an_amendment_that_changes_nothing_or_leaves_nothing_is_refused(
    isla: Any, told: Any, fields: dict[str, Any], message: str
) -> None:
    answer = amends(isla, **fields)
    assert (answer.status_code, message in answer.text) == (400, True)
    assert told() == []


def test_an_amendment_without_a_rule_is_refused(isla: Any, told: Any) -> None:
    assert amends(isla, amended_text=AMENDED, rule="").status_code == 400
    assert told() == []


def test_an_amendment_can_be_undone_and_overruled(isla: Any, rory: Any, told: Any) -> None:
    amends(isla, amended_text=AMENDED)
    asked = amends(rory, amended_text="The bridge is late.")
    assert (asked.status_code, "Overrule <bdi>isla</bdi>?" in asked.text) == (409, True)
    form = rory.form_of(asked)
    assert rory.client.post("/review/decisions", data={**form, "verdict": "amend", "note": "Less."}).status_code == 303
    assert told()[-1]["amended_text"] == "The bridge is late."


def test_the_api_amends_too_and_the_label_names_what_was_struck(
    client: FlaskClient, reviewer: dict[str, str], told: Any
) -> None:
    body = {"verdict": "amend", "moderator": "anna", "rule": "2", "amended_text": AMENDED}
    answer = client.post("/v1/comments/c1/decisions", json=body, headers=reviewer)
    assert (answer.status_code, answer.get_json()["amended_text"]) == (201, AMENDED)
    assert told()[-1]["amended_text"] == AMENDED
    (row,) = [LabelRow.from_json(line) for line in client.get("/v1/labels", headers=reviewer).text.splitlines()]
    assert (row.text, row.label, row.struck) == (COMMENT, "removed", ((4, 18),))
    assert LabelRow.from_json(row.to_json()) == row


@pytest.mark.parametrize("body", [{"verdict": "amend"}, {"verdict": "keep", "amended_text": AMENDED}])
def test_the_api_takes_an_amended_text_with_that_verdict_alone(
    client: FlaskClient, reviewer: dict[str, str], told: Any, body: dict[str, str]
) -> None:
    answer = client.post("/v1/comments/c1/decisions", json={"moderator": "anna", **body}, headers=reviewer)
    assert answer.status_code == 422
    assert told() == []


def test_an_erasure_forgets_the_amended_text_too(isla: Any, told: Any, db: Database) -> None:
    amends(isla, amended_text=AMENDED)
    with db.write() as session:
        erase_author(session, "Tam")
    with db.read() as session:
        assert [row.amended_text for row in session.scalars(select(DecisionRow))] == [None]
    assert told() == []


def test_the_amended_text_that_comes_back_from_the_newspaper_is_not_flagged_anew(
    isla: Any, told: Any, client: FlaskClient, db: Database
) -> None:
    amends(isla, amended_text="You stupid fucking idiot, the bridge is late.")
    told()
    edited = {"id": "c1", "article_id": "bridge", "text": "You stupid fucking idiot, the bridge is late."}
    assert client.post("/v1/comments", json=edited).status_code == 200
    with db.read() as session:
        assert get_item(session, "c1").state == "decided"
