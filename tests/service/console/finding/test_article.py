"""An article's page: its marks, how warm it is, and all its comments in the order of their threads."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from service.finding.articles import get_commented, heat, threads_of
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.retention import erase_author
from service.storage.database import Database

#: Id: what it answers, and when, as hour and minute.
THREADS = {
    "a": (None, 8, 0),
    "b": (None, 8, 30),
    "a1": ("a", 9, 0),
    "a2": ("a", 9, 10),
    "a1x": ("a1", 11, 0),
    "stray": ("elsewhere", 11, 30),
    "itself": ("itself", 11, 40),
    "one": ("two", 11, 50),
    "two": ("one", 11, 55),
}


@pytest.fixture
def stored(flag: Callable[..., None], db: Database) -> Database:
    """Store comments in threads, of which one is flagged and one was kept."""
    for name, (parent, hour, minute) in THREADS.items():
        flag(
            name,
            parent_id=parent,
            stream="safety" if name == "a1" else "random" if name == "b" else "none",
            score=0.9 if name == "a1" else 0.1,
            posted_at=datetime(2026, 11, 20, hour, minute, tzinfo=UTC),
        )
    with db.write() as session:
        add_decision(session, "b", NewDecision("keep", "isla"))
    return db


def test_comments_stand_below_what_they_answer(stored: Database) -> None:
    with stored.read() as session:
        whole = threads_of(session, "bridge", start=0, limit=50)
        part = threads_of(session, "bridge", start=2, limit=3)

    told = [(str(item.comment.id), depth) for item, depth in whole]
    assert told == [
        ("a", 0),
        ("a1", 1),
        ("a1x", 2),
        ("a2", 1),
        ("b", 0),
        ("stray", 0),
        ("itself", 0),
        # They answer each other.
        ("one", 0),
        ("two", 1),
    ]
    assert [(str(item.comment.id), depth) for item, depth in part] == told[2:5]


def test_the_figures_count_what_waits_and_what_holds(stored: Database) -> None:
    with stored.read() as session:
        found = get_commented(session, "bridge", datetime.now(UTC))
        assert found.last is not None
        hours = heat(session, "bridge", found.last)

    assert (found.comments, found.waiting, found.verdicts) == (9, 1, {"keep": 1})
    assert [(hour.begins.hour, hour.comments, hour.flagged) for hour in hours if hour.comments] == [
        (8, 2, 0),
        (9, 2, 1),
        (11, 5, 0),
    ]
    assert len(hours) == 24


@pytest.mark.usefixtures("stored")
def test_the_page_shows_all_of_it(person: Callable[..., Any]) -> None:
    isla = person("isla")
    page = isla.reads("/review/articles/bridge").text

    assert "<strong>9</strong> comments, <strong>1</strong> waiting, 1 kept." in page
    assert re.findall(r'class="open" href="/review/comments/(\w+)"', page) == [
        "a", "a1", "a1x", "a2", "b", "stray", "itself", "one", "two",
    ]  # fmt: skip
    assert 'href="/review/next?article=bridge"' in page
    assert 'href="https://p.example/1"' in page

    back = "/review/articles/bridge"
    marked = isla.sends("/review/articles", back, article_id="bridge", mark="court_case", on="yes", back=back)
    assert marked.location == back
    assert "Its article is a court case" in isla.reads(back).text


def test_what_was_erased_leaves_its_place(stored: Database, person: Callable[..., Any]) -> None:
    with stored.write() as session:
        erase_author(session, "by a1")
    page = person("isla").reads("/review/articles/bridge").text
    assert "A comment whose text was erased." in page
    assert 'href="/review/comments/a1x"' in page


def test_an_article_that_is_not_stored_is_not_found(person: Callable[..., Any]) -> None:
    assert person("isla").reads("/review/articles/nowhere").status_code == 404
