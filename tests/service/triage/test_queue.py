"""The lists of the console: what waits, in which order, how many, since when."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql
from sqlalchemy import update
from werkzeug.test import TestResponse

from model.records import Article
from service.moderation.articles import save_article
from service.moderation.comments import get_item
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.tables.comments import CommentRow

Flag = Callable[..., None]


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


def order(page: TestResponse) -> list[str]:
    return [unescape(found) for found in re.findall(r'class="open" href="/review/comments/([^"?]+)', page.text)]


def test_the_worst_comes_first(isla: Any, flag: Flag) -> None:
    flag("mild", score=0.6)
    flag("threat", attribute="threat", score=0.9)
    flag("insult", score=0.9)
    assert order(isla.reads("/review")) == ["threat", "insult", "mild"]


def test_safety_comes_before_random_and_doubt(isla: Any, flag: Flag) -> None:
    flag("in doubt", stream="doubt", score=0.45)
    flag("drawn", stream="random", score=0.1)
    flag("mild", score=0.5)
    assert order(isla.reads("/review")) == ["mild", "drawn", "in%20doubt"]


def test_how_many_are_left_and_how_old_the_oldest_is(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    flag("c2", stream="doubt", score=0.45)
    flag("c3", stream="random", score=0.1)
    waited = datetime.now(UTC) - timedelta(hours=3, minutes=5)
    with db.write() as session:
        session.execute(update(CommentRow).where(CommentRow.id == "c2").values(since=waited))
    page = " ".join(isla.reads("/review").text.split())
    assert "<strong>3</strong> comments waiting: 1 for safety, 1 in doubt, 1 drawn at random." in page
    assert "The oldest has waited <strong>3 h 5 min</strong>." in page


def test_what_is_decided_no_longer_counts(isla: Any, flag: Flag) -> None:
    flag("c1")
    flag("c2")
    isla.decides("c1", "keep")
    assert "<strong>1</strong> comment waiting" in isla.reads("/review").text


def test_a_comment_that_comes_back_has_waited_since_then(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    before = datetime.now(UTC)
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat")
    with db.read() as session:
        since = get_item(session, "c1").since
    assert since is not None
    assert since >= before


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"insult", "threat", "off", "close"}),
        ("?about=insult", {"insult", "close"}),
        ("?about=abuse", {"insult", "threat", "close"}),
        ("?about=off_topic", {"off"}),
        ("?about=reported", {"threat"}),
        ("?article=bridge", {"insult", "threat", "close"}),
        ("?article=other", {"off"}),
        ("?article=none", set()),
        ("?section=Sport", {"off"}),
        ("?section=News", set()),
        ("?stream=doubt", {"close"}),
        ("?stream=safety&about=insult", {"insult"}),
        ("?author=by threat", {"threat"}),
        ("?watched=yes", {"off"}),
        ("?about=nonsense", {"insult", "threat", "off", "close"}),
        ("?state=decided", set()),
        ("?state=nonsense", {"insult", "threat", "off", "close"}),
    ],
)
def test_filters(isla: Any, flag: Flag, db: Database, query: str, expected: set[str]) -> None:
    with db.write() as session:
        save_article(session, Article(id="other", title="Rovers win", section="Sport"))
    isla.sends("/review/articles", article_id="other", mark="watched", on="yes")
    flag("insult")
    flag("threat", attribute="threat")
    flag("off", attribute="off_topic", spans=(), article_id="other")
    flag("close", stream="doubt", score=0.45)
    with db.write() as session:
        add_report(session, "threat", reporter="r1", reason="abuse")
    assert set(order(isla.reads(f"/review{query}"))) == expected


def test_a_filter_counts_what_it_shows(isla: Any, flag: Flag) -> None:
    flag("insult")
    flag("off", attribute="off_topic", spans=())
    page = " ".join(isla.reads("/review?about=insult").text.split())
    assert "<strong>1</strong> comment waiting under this filter: 1 for safety" in page
    assert 'All (<span data-count="total">2</span>)' in page


@pytest.mark.parametrize("query", ["", "?state=decided"], ids=["waiting", "decided"])
def test_pages_show_each_item_once(isla: Any, flag: Flag, query: str) -> None:
    for number in range(30):
        flag(f"c{number:02d}", score=0.5 + number // 3 / 100, stream="doubt" if number % 4 == 0 else "safety")
        if query:
            isla.decides(f"c{number:02d}", "keep")
    first = isla.reads(f"/review{query}")
    following = re.search(r'href="([^"]+)">Show more', first.text)
    assert following
    second = isla.reads(unescape(following[1]))
    assert [len(order(first)), len(order(second))] == [25, 5]
    assert sorted(order(first) + order(second)) == [f"c{number:02d}" for number in range(30)]


@pytest.mark.parametrize("state", ["open", "escalated", "decided"])
def test_the_api_lists_in_the_same_order(isla: Any, flag: Flag, client: FlaskClient, state: str) -> None:
    flag("drawn", stream="random", score=0.1)
    flag("mild", score=0.5)
    for number in range(4):
        flag(f"doubt{number}", stream="doubt", score=0.45 - number / 100)
        flag(f"threat{number}", attribute="threat", score=0.9 - number / 10)
        if state != "open":
            for name in (f"doubt{number}", f"threat{number}"):
                isla.decides(name, "escalate" if state == "escalated" else "keep")
    by_console = [unquote(name) for name in order(isla.reads(f"/review?state={state}"))]
    by_api: list[str] = []
    query = {"state": state, "limit": "3"}
    while True:
        page = client.get("/v1/flags", query_string=query).get_json()
        by_api += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert by_api == by_console
    assert len(by_api) == (10 if state == "open" else 8)


def test_what_others_decide_between_two_pages_shifts_nothing(isla: Any, flag: Flag, client: FlaskClient) -> None:
    for number in range(6):
        flag(f"c{number}", score=0.9 - number / 10)
    first = client.get("/v1/flags?limit=3").get_json()
    for name in ("c0", "c2", "c4"):
        isla.decides(name, "keep")
    second = client.get("/v1/flags", query_string={"cursor": first["next_cursor"]}).get_json()
    assert [item["id"] for item in first["items"]] == ["c0", "c1", "c2"]
    assert [item["id"] for item in second["items"]] == ["c3", "c5"]


@pytest.mark.parametrize(("of", "used"), [("open", "decided"), ("decided", "open")])
def test_a_cursor_of_another_list_begins_at_the_first_page(
    isla: Any, flag: Flag, client: FlaskClient, of: str, used: str
) -> None:
    for number in range(4):
        flag(f"c{number}")
    for number in (0, 1):
        isla.decides(f"c{number}", "keep")
    cursor = client.get(f"/v1/flags?limit=1&state={of}").get_json()["next_cursor"]
    whole = client.get("/v1/flags", query_string={"state": used}).get_json()
    assert client.get("/v1/flags", query_string={"state": used, "cursor": cursor}).get_json() == whole


def test_what_was_decided_last_stands_first(isla: Any, flag: Flag) -> None:
    for name in ("c1", "c2", "c3"):
        flag(name)
    for name in ("c2", "c1", "c3"):
        isla.decides(name, "keep")
    assert order(isla.reads("/review?state=decided")) == ["c3", "c1", "c2"]


def test_what_was_escalated_first_stands_first(isla: Any, flag: Flag) -> None:
    for name in ("c1", "c2", "c3"):
        flag(name)
    for name in ("c2", "c1", "c3"):
        isla.decides(name, "escalate")
    page = isla.reads("/review?state=escalated")
    assert order(page) == ["c2", "c1", "c3"]
    assert 'Escalated (<span data-count="escalated">3</span>)' in page.text


@pytest.mark.parametrize("after", ["x", "0.5", "safety nan c1", "safety 1e999 c1", "safety 0.9 c1\0", "\0 1 x"])
def test_a_made_up_place_in_the_list_is_no_error(isla: Any, flag: Flag, after: str) -> None:
    flag("c1")
    assert isla.client.get("/review", query_string={"after": after}).status_code == 200


def test_nothing_waits(isla: Any) -> None:
    page = isla.reads("/review").text
    assert "Nothing is waiting." in page
    assert "Start reviewing" not in page


def test_a_list_tells_who_has_an_item_open(isla: Any, person: Callable[..., Any], flag: Flag) -> None:
    flag("c1")
    person("rory").opens("c1")
    assert "rory</bdi> has it open." in isla.reads("/review").text


def test_the_page_says_that_nothing_is_deleted(isla: Any) -> None:
    assert "Belowline never deletes or hides a comment" in isla.reads("/review").text


@pytest.mark.parametrize("path", ["/review/comments/none", "/review/no/such/page", "/review/comments/"])
def test_what_is_not_there_has_a_page(isla: Any, path: str) -> None:
    answer = isla.reads(path)
    assert (answer.status_code, answer.mimetype, "Back to the list" in answer.text) == (404, "text/html", True)


@pytest.mark.parametrize("table", ["flag", "user_account"], ids=["partly", "even the moderator is unknown"])
def test_a_lost_database_has_a_page(isla: Any, db: Database, table: str, flag: Flag) -> None:
    flag("c1")
    with db.write() as session:
        session.execute(sql(f"ALTER TABLE {table} RENAME TO gone"))
    answer = isla.reads("/review")
    assert (answer.status_code, answer.mimetype, "is not responding" in answer.text) == (503, "text/html", True)


def test_our_own_mistake_has_a_page_and_no_text_of_it_is_logged(
    app: Flask, isla: Any, flag: Flag, caplog: pytest.LogCaptureFixture
) -> None:
    flag("c1")
    del app.config["BLIND_SHARE"]
    answer = isla.reads("/review")
    assert (answer.status_code, "The fault is Belowline" in answer.text) == (500, True)
    assert "KeyError" in caplog.text
    assert "wanker" not in caplog.text
