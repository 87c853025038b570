"""Decisions that contradict the others come before a person once more."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from model.labels import LabelRow
from service.insights.queries import Period, read_strata
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.programs import EventRow
from service.webhooks.endpoints import add_endpoint

Flag = Callable[..., None]
Ask = Callable[..., Any]
ALWAYS = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture
def ask(client: FlaskClient, reviewer: dict[str, str]) -> Ask:
    """Send what `training second-look` sends."""

    def send(*looks: tuple[str, str], probability: float = 0.93, **headers: str) -> Any:
        body = {"looks": [{"comment_id": name, "label": label, "probability": probability} for name, label in looks]}
        return client.post("/v1/second-looks", json=body, headers={**reviewer, **headers})

    return send


@pytest.fixture
def decide(db: Database) -> Callable[[str, Any], None]:
    """Decide on a comment, as anna."""

    def add(comment_id: str, verdict: Any) -> None:
        with db.write() as session:
            add_decision(session, comment_id, NewDecision(verdict=verdict, moderator="anna", rule="1"))

    return add


def test_a_doubted_decision_waits_in_the_stream_of_doubt(
    db: Database, flag: Flag, decide: Callable[..., None], ask: Ask
) -> None:
    flag("c1")
    decide("c1", "keep")
    assert ask(("c1", "kept")).get_json() == {"waiting": 1, "left": []}
    with db.read() as session:
        item = get_item(session, "c1")
    assert (item.state, item.stream) == ("open", "doubt")
    assert item.decision_in_force
    assert item.decision_in_force.verdict == "keep"  # until somebody says otherwise


def test_the_likeliest_mistake_comes_first(
    person: Callable[..., Any], flag: Flag, decide: Callable[..., None], ask: Ask
) -> None:
    for name in ("c1", "c2"):
        flag(name)
        decide(name, "keep")
    ask(("c1", "kept"), probability=0.6)
    ask(("c2", "kept"), probability=0.99)
    assert person("isla").is_shown_next() == "c2"


def test_its_page_tells_why(person: Callable[..., Any], flag: Flag, decide: Callable[..., None], ask: Ask) -> None:
    flag("c1")
    decide("c1", "remove")
    ask(("c1", "removed"), probability=0.93)
    page = person("isla").reads("/review/comments/c1").text
    assert "Second look: it was removed" in page
    assert "it would have been kept (93%)" in page
    assert '<span class="kind">Second look</span>' in page


@pytest.mark.parametrize("verdict", ["keep", "remove"])
def test_whoever_confirmed_it_is_not_asked_again(
    flag: Flag, decide: Callable[..., None], ask: Ask, verdict: str
) -> None:
    label = {"keep": "kept", "remove": "removed"}[verdict]
    flag("c1")
    decide("c1", verdict)
    ask(("c1", label))
    decide("c1", verdict)
    (left,) = ask(("c1", label)).get_json()["left"]
    assert left == {"comment_id": "c1", "why": "It has already had a second look."}


@pytest.mark.parametrize(
    ("verdict", "label", "why"),
    [
        (None, "kept", "It is already waiting for a person."),
        ("remove", "kept", "No decision in force says kept."),
        ("escalate", "removed", "No decision in force says removed."),
        ("undo", "kept", "It is already waiting for a person."),
    ],
)
def test_what_was_decided_otherwise_is_left(
    flag: Flag, decide: Callable[..., None], ask: Ask, verdict: str | None, label: str, why: str
) -> None:
    flag("c1")
    if verdict == "undo":
        decide("c1", "keep")
    if verdict is not None:
        decide("c1", verdict)
    assert ask(("c1", label)).get_json() == {"waiting": 0, "left": [{"comment_id": "c1", "why": why}]}


def test_an_unknown_comment_fails_no_other(flag: Flag, decide: Callable[..., None], ask: Ask) -> None:
    flag("c1")
    decide("c1", "keep")
    answer = ask(("nowhere", "kept"), ("c1", "kept")).get_json()
    assert answer == {
        "waiting": 1,
        "left": [{"comment_id": "nowhere", "why": "There is no comment 'nowhere'."}],
    }


def test_the_same_call_again_asks_once(flag: Flag, decide: Callable[..., None], ask: Ask) -> None:
    flag("c1")
    decide("c1", "keep")
    first, second = (ask(("c1", "kept"), **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.get_json() == second.get_json() == {"waiting": 1, "left": []}


def test_a_key_of_scope_review_is_needed_on_loopback_too(client: FlaskClient) -> None:
    body = {"looks": [{"comment_id": "c1", "label": "kept", "probability": 0.9}]}
    assert client.post("/v1/second-looks", json=body).status_code == 401


def test_the_audit_tells_who_asked(db: Database, flag: Flag, decide: Callable[..., None], ask: Ask) -> None:
    flag("c1")
    decide("c1", "keep")
    ask(("c1", "kept"))
    with db.read() as session:
        entry = audit.latest(session, before=None, most=1)[0]
    assert (entry.what, entry.who, entry.about, entry.why) == ("second-look", "review tool", "c1", "kept?")


def test_it_is_no_doubt_of_the_machine_and_no_reason_why_it_was_seen(
    db: Database, client: FlaskClient, flag: Flag, decide: Callable[..., None], ask: Ask
) -> None:
    flag("c1", score=0.1, stream="random")
    decide("c1", "keep")
    with db.read() as session:
        before = read_strata(session, ALWAYS)
    ask(("c1", "kept"))
    decide("c1", "keep")
    with db.read() as session:
        assert read_strata(session, ALWAYS) == before
    (row,) = [LabelRow.from_json(line) for line in client.get("/v1/labels").text.splitlines()]
    assert row.seen_because == "random"


def test_a_text_that_was_edited_since_is_left(
    client: FlaskClient, flag: Flag, decide: Callable[..., None], ask: Ask
) -> None:
    flag("c1")
    decide("c1", "remove")
    edit = {"id": "c1", "article_id": "bridge", "text": "I would rather that it stayed open."}
    assert client.post("/v1/comments", json=edit).get_json()["revision"] == 2
    (left,) = ask(("c1", "removed")).get_json()["left"]
    assert left == {"comment_id": "c1", "why": "Its text was edited after that decision."}


def test_whoever_is_told_of_flags_is_told_of_it(
    db: Database, flag: Flag, decide: Callable[..., None], ask: Ask
) -> None:
    flag("c1")
    decide("c1", "keep")
    with db.write() as session:
        add_endpoint(session, "https://paper.example/hooks", ["comment.flagged"], internal=False)
    ask(("c1", "kept"))
    with db.read() as session:
        (event,) = session.scalars(select(EventRow)).all()
    told = json.loads(event.payload)
    assert told["data"] == {
        "comment_id": "c1",
        "article_id": "bridge",
        "revision": 1,
        "stream": "doubt",
        "reasons": [{"attribute": None, "score": None, "threshold": None}],
        "bundle_version": "b1",
    }
