"""An author's page: what they wrote, what became of it, and what colleagues noted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from model.records import Article
from service.finding.authors import Reports, get_author
from service.moderation.articles import save_article
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.moderation.retention import erase_author
from service.storage.database import Database
from service.storage.tables.audit import AuditRow
from service.storage.tables.comments import AuthorNoteRow, DecisionRow

NAME = "Zoë & Co/7 <b>"
PAGE = f"/review/authors/{quote(NAME)}"


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


@pytest.fixture
def written(flag: Callable[..., None], db: Database) -> Database:
    """Let one author have written five comments, one of them flagged twice over, and two others have reported."""
    with db.write() as session:
        save_article(session, Article(id="fair", title="A fair in town"))
    for number in range(5):
        flag(
            f"c{number}",
            author=NAME,
            text="What a numpty.",
            stream="safety" if number < 2 else "random",
            score=0.9 if number < 2 else 0.1,
            article_id="bridge" if number else "fair",
            posted_at=datetime(2026, 11, 1 + number, 12, tzinfo=UTC),
        )
    flag("other", author="Jo")
    with db.write() as session:
        add_report(session, "c0", reporter="ann", reason="abuse")
        add_report(session, "c0", reporter="bob", reason="abuse")
        add_report(session, "c2", reporter="ann", reason="spam")
        add_report(session, "other", reporter=NAME, reason="abuse")
        add_decision(session, "c0", NewDecision("remove", "isla", rule="2", note="Enough."))
        add_decision(session, "c1", NewDecision("remove", "isla", rule="2"))
        add_decision(session, "c1", NewDecision("undo", "rory"))
        add_decision(session, "c2", NewDecision("keep", "rory"))
        add_decision(session, "other", NewDecision("keep", "rory"))
    return db


def test_figures_count_what_holds(written: Database) -> None:
    with written.read() as session:
        found = get_author(session, NAME, datetime.now(UTC))

    assert (found.comments, found.waiting, found.flagged, found.reported) == (5, 3, 2, 2)
    assert (found.verdicts, found.decided, found.strikes) == ({"remove": 1, "keep": 1}, 2, 1)
    assert (found.against, found.by) == (Reports(3, 2, 1), Reports(1, 0, 1))
    assert (found.first.day, found.last.day) == (1, 5)


def test_a_strike_fades(written: Database) -> None:
    with written.write() as session:
        for row in session.scalars(select(DecisionRow)):
            row.decided_at -= timedelta(days=91)
    with written.read() as session:
        found = get_author(session, NAME, datetime.now(UTC))
    assert (found.strikes, found.verdicts["remove"]) == (0, 1)


@pytest.mark.usefixtures("written")
def test_the_page_shows_comments_decisions_and_rates(isla: Any) -> None:
    page = isla.reads(PAGE).text

    assert "<h1><bdi>Zoë &amp; Co/7 &lt;b&gt;</bdi></h1>" in page
    assert "1 (50%) of 2 decided" in page
    assert "3 on 2 comments: 2 removed, 1 kept" in page
    assert "1: 0 proved right, 1 did not" in page
    assert "<strong>1 strike</strong>" in page
    assert "<q><bdi>Enough.</bdi></q>" in page
    assert "Overruled by <bdi>rory</bdi>" in page
    assert [page.count(f'href="/review/comments/c{number}"') > 0 for number in range(5)] == [True] * 5
    assert 'href="/review/comments/other"' not in page


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    "path", ["/review?state=decided", "/review/comments/c0", "/review/search?q=numpty", "/review/history"]
)
def test_each_name_and_title_leads_to_its_page(isla: Any, path: str) -> None:
    page = isla.reads(path).text
    assert 'href="/review/authors/Zo%C3%AB%20&amp;%20Co/7%20%3Cb%3E"' in page
    assert 'href="/review/articles/fair"' in page


def test_a_note_stays_and_is_seen_by_colleagues(isla: Any, person: Callable[..., Any], written: Database) -> None:
    sent = isla.sends("/review/author-notes", PAGE, author=NAME, note="Apologised <i>twice</i>.")
    assert sent.status_code == 303
    page = person("rory").reads(PAGE).text
    assert "Apologised &lt;i&gt;twice&lt;/i&gt;." in page
    assert "– <bdi>isla</bdi>" in page
    with written.read() as session:
        entries = session.scalars(select(AuditRow).where(AuditRow.what == "author.note")).all()
    assert [(entry.who, entry.about) for entry in entries] == [("isla", "1")]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("author", "note", "status"), [(NAME, " ", 400), (NAME, "x" * 1001, 400), ("nobody", "Hm.", 404)]
)
def test_a_note_that_makes_no_sense_is_refused(isla: Any, author: str, note: str, status: int) -> None:
    assert isla.sends("/review/author-notes", PAGE, author=author, note=note).status_code == status


def test_erasing_an_author_erases_the_notes(isla: Any, written: Database, client: FlaskClient) -> None:
    isla.sends("/review/author-notes", PAGE, author=NAME, note="Lives in Leith.")
    with written.write() as session:
        erase_author(session, NAME)
    with written.read() as session:
        assert session.scalars(select(AuthorNoteRow)).all() == []
    assert isla.reads(PAGE).status_code == 404
    assert client.get(PAGE).status_code == 303


@pytest.mark.parametrize("what", ["Author", "Article"])
def test_what_is_not_stored_is_not_taken_for_a_comment(isla: Any, what: str) -> None:
    answer = isla.reads(f"/review/{what.lower()}s/nothing")
    assert (answer.status_code, f"{what} not found" in answer.text, "Comment" in answer.text) == (404, True, False)
