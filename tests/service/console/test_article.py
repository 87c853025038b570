"""Marks on articles: a watch list, and court cases whose every comment a person reads."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from model.records import Article
from service.moderation.articles import save_article
from service.moderation.comments import get_item
from service.storage.database import Database

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


def mark(isla: Any, what: str, on: str, article_id: str = "trial") -> str:
    answer = isla.sends("/review/articles", article_id=article_id, mark=what, on=on, back="/review/articles")
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
    assert "Its article is marked as a court case" in isla.reads("/review/comments/c1").text


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
    assert page.index("The trial, day two") < page.index("Court case<") < page.index("The fair")
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
