"""Marks on articles: a watch list, and court cases whose every comment a person reads."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from model.records import Article
from service.moderation.articles import save_article
from service.moderation.comments import get_item
from service.storage.database import Database
from service.storage.tables.audit import AuditRow
from service.storage.tables.comments import ArticleRow

CIVIL = "I run a bakery on the high street, and half of my customers come by bus already."


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


@pytest.fixture(autouse=True)
def _articles(db: Database) -> None:
    with db.write() as session:
        for name in ("trial", "fair"):
            save_article(session, Article(id=name, title=f"The {name}", body="It began on Monday."))


def send(client: FlaskClient, comment_id: str, article_id: str = "trial") -> str | None:
    body = {"id": comment_id, "article_id": article_id, "text": CIVIL}
    answer = client.post("/v1/comments", json=body)
    assert answer.status_code == 201, answer.text
    state: str | None = answer.get_json()["state"]
    return state


def mark(isla: Any, what: str, on: str, article_id: str = "trial", **more: str) -> str:
    answer = isla.sends("/review/articles", article_id=article_id, mark=what, on=on, back="/review/articles", **more)
    assert answer.status_code == 303, answer.text
    text: str = isla.reads(answer.location).text
    return text


def test_every_comment_on_a_court_case_waits_for_a_person(isla: Any, client: FlaskClient) -> None:
    assert send(client, "before") is None
    assert send(client, "elsewhere", "fair") is None
    assert "Earlier ones sent: 1." in mark(isla, "court_case", "yes")
    assert send(client, "after") == "open"
    assert client.get("/v1/comments/before", headers={}).get_json()["state"] == "open"
    assert send(client, "elsewhere 2", "fair") is None


def test_an_item_says_that_it_is_there_because_of_a_court_case(isla: Any, client: FlaskClient) -> None:
    mark(isla, "court_case", "yes")
    send(client, "c1")
    for path in ("/review/comments/c1", "/review"):
        page = isla.reads(path).text
        assert page.count("Its article is a court case: a person reads every comment on it.") == 1
        assert "Court case</span>" in page


def test_what_waited_before_the_mark_is_ranked_by_it(isla: Any, client: FlaskClient, flag: Callable[..., None]) -> None:
    flag("flagged", article_id="trial", score=0.6)
    flag("doubted", article_id="trial", stream="doubt", score=0.45, attribute="toxicity")
    send(client, "reported")
    client.post("/v1/reports", json={"comment_id": "reported", "reporter": "ann", "reason": "abuse"})
    flag("elsewhere", score=0.97)

    assert "Earlier ones sent: 3." in mark(isla, "court_case", "yes")

    items = client.get("/v1/flags").get_json()["items"]
    assert {item["id"]: item["rank"] for item in items} == {
        "reported": 1.8,
        "doubted": 0.9,
        "flagged": 0.9,
        "elsewhere": 0.776,
    }
    flagged = next(item for item in items if item["id"] == "flagged")
    assert [(reason["attribute"], reason["score"]) for reason in flagged["reasons"]] == [("insult", 0.6), (None, None)]
    assert isla.reads("/review").text.count("Court case</span>") == 3


def test_a_court_case_suggests_the_rule_about_it(isla: Any, flag: Callable[..., None]) -> None:
    flag("c1", article_id="trial")
    mark(isla, "court_case", "yes")
    assert re.search(r'value="7"[^>]* data-suggested', isla.reads("/review/comments/c1").text)


def test_a_blind_item_says_that_it_is_on_a_court_case(isla: Any, client: FlaskClient, app: Flask) -> None:
    app.config["BLIND_SHARE"] = 1.0
    mark(isla, "court_case", "yes", jurisdiction="Scotland")
    send(client, "c1")
    page = isla.reads("/review/comments/c1").text
    assert "Its article is a court case in <bdi>Scotland</bdi>: a person reads every comment on it." in page


def test_a_mark_says_where_since_when_and_until_when(isla: Any, client: FlaskClient, db: Database) -> None:
    mark(isla, "court_case", "yes", **{"jurisdiction": "Scotland", "from": "2026-03-02", "until": "2999-12-31"})
    send(client, "c1")

    told = "in <bdi>Scotland</bdi>, active since 2 March 2026, until 31 December 2999: a person reads every comment"
    for path in ("/review/articles", "/review", "/review/comments/c1"):
        assert told in isla.reads(path).text
    with db.read() as session:
        newest = session.scalars(select(AuditRow).order_by(AuditRow.number.desc())).first()
    assert newest is not None
    assert newest.why == "on, Scotland, from 2026-03-02, until 2999-12-31"


def test_a_mark_ends_with_its_last_day(isla: Any, client: FlaskClient, db: Database) -> None:
    mark(isla, "court_case", "yes")
    send(client, "during")
    with db.write() as session:
        session.get_one(ArticleRow, "trial").court_until = datetime.now(UTC) - timedelta(seconds=1)

    assert send(client, "after") is None
    assert isla.is_shown_next() == "during"
    assert "Court case</span>" not in isla.reads("/review").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"from": "2999-01-01"}, "The first day is still to come: mark the article on that day."),
        ({"until": "2026-01-01"}, "The last day is over: choose a later one, or leave it empty."),
        ({"until": "soon"}, "“soon” is not a day: write it as 2026-11-28."),
        ({"jurisdiction": "x" * 65}, "The jurisdiction has 65 characters: use at most 64."),
    ],
)
def test_days_that_make_no_sense_are_refused(isla: Any, fields: dict[str, str], sentence: str) -> None:
    answer = isla.sends("/review/articles", article_id="trial", mark="court_case", on="yes", **fields)
    assert answer.status_code == 400
    assert sentence in answer.text


def test_what_a_person_decided_on_is_not_sent_again(isla: Any, client: FlaskClient, db: Database) -> None:
    send(client, "c1")
    isla.decides("c1", "keep")
    assert "Earlier ones sent: 0." in mark(isla, "court_case", "yes")
    with db.read() as session:
        assert get_item(session, "c1").state == "decided"


def test_what_was_edited_since_a_person_decided_on_it_is_sent(isla: Any, client: FlaskClient, db: Database) -> None:
    send(client, "c1")
    isla.decides("c1", "keep")
    client.post("/v1/comments", json={"id": "c1", "article_id": "trial", "text": "Everybody knows who did it."})
    with db.read() as session:
        assert get_item(session, "c1").state == "decided"
    assert "Earlier ones sent: 1." in mark(isla, "court_case", "yes")
    with db.read() as session:
        assert get_item(session, "c1").state == "open"


def test_what_somebody_decided_on_and_took_back_is_sent(isla: Any, client: FlaskClient, db: Database) -> None:
    send(client, "c1")
    isla.decides("c1", "1")
    with db.read() as session:
        (decision,) = get_item(session, "c1").decisions
    taken_back = isla.sends("/review/undo", "/review", comment_id="c1", decision=decision.id)
    assert "so it is not in the queue" in isla.reads(taken_back.location).text
    assert "Earlier ones sent: 1." in mark(isla, "court_case", "yes")


def test_marking_twice_sends_nothing_twice(isla: Any, client: FlaskClient) -> None:
    send(client, "c1")
    mark(isla, "court_case", "yes")
    assert "Earlier ones sent: 0." in mark(isla, "court_case", "yes")


def test_a_mark_can_be_taken_away_and_what_waits_goes_on_waiting(isla: Any, client: FlaskClient) -> None:
    mark(isla, "court_case", "yes")
    send(client, "c1")
    mark(isla, "court_case", "no")
    assert send(client, "c2") is None
    assert isla.is_shown_next() == "c1"


def test_all_of_hundreds_of_comments_are_sent(isla: Any, client: FlaskClient) -> None:
    comments = [{"id": f"c{number:03d}", "article_id": "trial", "text": CIVIL} for number in range(230)]
    for comment in comments:
        client.post("/v1/comments", json=comment)
    assert "Earlier ones sent: 230." in mark(isla, "court_case", "yes")
    assert "<strong>230</strong> comments waiting" in isla.reads("/review").text


def test_marks_survive_that_the_newspaper_sends_the_article_again(isla: Any, db: Database) -> None:
    mark(isla, "watched", "yes")
    mark(isla, "court_case", "yes")
    with db.write() as session:
        save_article(session, Article(id="trial", title="The trial, day two"))
    page = isla.reads("/review/articles").text
    assert page.index("The trial, day two") < page.index("Court case</span>") < page.index("The fair")
    assert "Watched<" in page


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"mark": "pinned"}, 400),
        ({"mark": "watched", "article_id": "none"}, 404),
        ({"mark": "court_case", "article_id": "none"}, 404),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused(isla: Any, fields: dict[str, str], status: int) -> None:
    assert isla.sends("/review/articles", **{"article_id": "trial", "on": "yes", **fields}).status_code == status


@pytest.mark.parametrize(
    ("words", "found"), [("trial", ["trial"]), ("THE", ["trial", "fair"]), ("50%", []), ("fair", ["fair"])]
)
def test_an_article_is_found_by_its_title_or_id(isla: Any, words: str, found: list[str]) -> None:
    page = isla.client.get("/review/articles", query_string={"q": words}).text
    assert [name for name in ("trial", "fair") if f'value="{name}"' in page.partition("<ul")[2]] == found
