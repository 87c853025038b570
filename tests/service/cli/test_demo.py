"""The demo: complete, in our own words, and loaded without loss."""

import json
from collections import Counter
from typing import Any

import pytest

from model.records import Comment
from service.accounts.users import check_password
from service.cli.demo import DEMO, load_demo
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.ingest import ingest
from service.moderation.judge import Judge
from service.storage.database import Database

KINDS = {
    "on topic",
    "grave words",
    "generic praise",
    "insult",
    "threat",
    "identity attack",
    "profanity",
    "obfuscated",
    "quoted insult",
    "sarcasm",
    "scots",
}


@pytest.fixture(scope="module")
def demo() -> dict[str, Any]:
    """Read the demo's file."""
    found: dict[str, Any] = json.loads(DEMO.read_text(encoding="utf-8"))
    return found


def test_the_demo_has_comments_of_every_kind(demo: dict[str, Any]) -> None:
    kinds = Counter(comment["kind"].partition(":")[0] for comment in demo["comments"])
    assert set(kinds) == KINDS | {"off topic"}
    assert kinds["off topic"] >= 5
    assert kinds["on topic"] == max(kinds.values())


def test_answers_come_after_what_they_answer(demo: dict[str, Any]) -> None:
    ids = [comment["id"] for comment in demo["comments"]]
    assert len(set(ids)) == len(ids)
    for place, comment in enumerate(demo["comments"]):
        assert comment.get("parent_id", ids[0]) in ids[: max(place, 1)]


def test_the_password_is_given_once_and_works(db: Database, scorer: Any) -> None:
    loaded = load_demo(db, scorer)
    assert loaded.password is not None
    with db.read() as session:
        user = check_password(session, loaded.moderator, loaded.password)
    assert user is not None
    assert load_demo(db, scorer).password is None


def test_a_second_run_adds_nothing_and_loses_nothing(db: Database, scorer: Any) -> None:
    first = load_demo(db, scorer)
    with db.write() as session:
        add_decision(session, "demo-17", NewDecision(verdict="remove", moderator="demo"))
    edited = Comment(id="demo-02", article_id="demo-bridge", text="Has anyone seen the figures?")
    ingest(db, Judge(scorer), edited)
    second = load_demo(db, scorer)
    assert (first.comments, second.comments) == (42, 0)
    with db.read() as session:
        threat, changed = get_item(session, "demo-17"), get_item(session, "demo-02")
    assert (threat.state, len(threat.reports), len(threat.decisions)) == ("decided", 2, 1)
    assert changed.comment.text == "Has anyone seen the figures?"
