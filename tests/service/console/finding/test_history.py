"""What was decided: mine and everyone's, by moderator, verdict, rule and day, and what was overruled."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from service.finding.history import DecisionFilter, decisions
from service.moderation.decisions import NewDecision, add_decision
from service.storage.database import Database
from service.storage.tables.comments import DecisionRow


@pytest.fixture
def decided(flag: Callable[..., None], db: Database) -> Database:
    """Let isla and rory have decided on five comments, on the first to the eighth of November."""
    for number in range(1, 6):
        flag(f"c{number}")
    with db.write() as session:
        for comment_id, given in (
            ("c1", NewDecision("remove", "isla", rule="2", note="Third time.")),
            ("c2", NewDecision("keep", "isla")),
            ("c3", NewDecision("remove", "rory", rule="5")),
            ("c1", NewDecision("keep", "rory", note="Satire.")),
            ("c2", NewDecision("undo", "isla")),
            ("c3", NewDecision("undo", "isla")),
            ("c4", NewDecision("escalate", "isla")),
            ("c4", NewDecision("keep", "rory")),
        ):
            add_decision(session, comment_id, given)
        for day, row in enumerate(session.scalars(select(DecisionRow).order_by(DecisionRow.id)), start=1):
            row.decided_at = datetime(2026, 11, day, 12, tzinfo=UTC)
    return db


@pytest.mark.parametrize(
    ("wanted", "days"),
    [
        (DecisionFilter(), [8, 7, 6, 5, 4, 3, 2, 1]),
        (DecisionFilter(moderator="rory"), [8, 4, 3]),
        (DecisionFilter(verdict="remove"), [3, 1]),
        (DecisionFilter(rule="5"), [3]),
        (DecisionFilter(since=datetime(2026, 11, 3, tzinfo=UTC), until=datetime(2026, 11, 4, 23, tzinfo=UTC)), [4, 3]),
        (DecisionFilter(overruled=True), [3, 1]),
        (DecisionFilter(overruled=True, moderator="isla"), [1]),
        (DecisionFilter(author="by c2"), [5, 2]),
        (DecisionFilter(moderator="nobody"), []),
    ],
)
def test_decisions_are_found_by_who_what_why_and_when(
    decided: Database, wanted: DecisionFilter, days: list[int]
) -> None:
    with decided.read() as session:
        found = decisions(session, wanted)
        paged = decisions(session, wanted, limit=1)
        rest = decisions(session, wanted, before=paged.following, limit=50).entries if paged.following else ()
    assert [entry.decision.decided_at.day for entry in found.entries] == days
    assert (*paged.entries, *rest) == found.entries


def test_each_says_what_took_its_place(decided: Database) -> None:
    with decided.read() as session:
        entries = decisions(session, DecisionFilter()).entries
    after = {
        entry.decision.decided_at.day: (entry.replaced_by.decided_at.day, entry.overruled)
        for entry in entries
        if entry.replaced_by
    }
    assert after == {1: (4, True), 2: (5, False), 3: (6, True)}


@pytest.mark.usefixtures("decided")
def test_the_page_begins_with_ones_own(person: Callable[..., Any]) -> None:
    isla = person("isla")
    page = isla.reads("/review/history").text
    assert "<h1>My decisions</h1>" in page
    assert "<strong>Removed</strong> under rule 2" in page
    assert "<q><bdi>Third time.</bdi></q>" in page
    assert "Overruled by <bdi>rory</bdi>" in page
    assert "kept, <q><bdi>Satire.</bdi></q>" in page
    assert "under rule 5" not in page
    assert "under rule 5" in isla.reads("/review/history?who=*").text
    overruled = isla.reads("/review/history?who=*&overruled=yes").text
    assert (overruled.count("Overruled by"), overruled.count("<summary>The comment")) == (2, 2)
    assert "9 Nov" not in isla.reads("/review/history?who=*&from=2026-11-08").text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=soon", "“soon” is not a day"),
        ("verdict=maybe", "There is no verdict “maybe”"),
        ("who=nobody", "No decision here yet."),
        ("before=x", "No decision here yet."),
    ],
)
def test_what_makes_no_sense_is_told(person: Callable[..., Any], query: str, sentence: str) -> None:
    page = person("isla").reads(f"/review/history?{query}")
    assert page.status_code == 200
    assert sentence in page.text
