"""Articles and comments come in: stored, scored, flagged; none lost, none twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from service.storage.database import Database
from service.storage.tables.base import Base
from service.storage.tables.comments import CommentRow, EditRow, FlagRow, ScoreRow
from tests.conftest import Person

CIVIL = "I run a bakery on the high street, and half of my customers come by bus or bicycle already."
ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
THIS_YEAR = datetime.now(UTC).year


def count(db: Database, table: type[Base]) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def post(client: FlaskClient, **comment: Any) -> Any:
    return client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": CIVIL, **comment})


def test_an_article_is_created_then_replaced(client: FlaskClient) -> None:
    first = client.put("/v1/articles/a1", json={"title": "One", "published_at": "2026-11-23T10:00:00+01:00"})
    second = client.put("/v1/articles/a1", json={"id": "a1", "title": "Two", "body": "Text", "section": "News"})

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json()["published_at"] == "2026-11-23T09:00:00Z"
    assert client.get("/v1/articles/a1").json == {
        "id": "a1",
        "title": "Two",
        "body": "Text",
        "url": None,
        "section": "News",
        "published_at": None,
    }


@pytest.mark.parametrize(
    "name", ["world/2022/aug/02/ukraine", "https://example.org/a?b", "æ ø å", "a%2Fb", "a//b", "/a"]
)
def test_an_article_is_found_by_whatever_id_the_newspaper_gave(client: FlaskClient, name: str) -> None:
    address = f"/v1/articles/{name.replace('%', '%25').replace('?', '%3F')}"

    assert client.put(address, json={"title": "T"}).status_code == 201
    assert client.get(address).get_json()["id"] == name


@pytest.mark.usefixtures("article")
def test_a_comment_s_id_may_be_the_path_of_a_page(
    client: FlaskClient, reviewer: dict[str, str], person: Callable[..., Person]
) -> None:
    name, address = "/2026/bridge#1", "/2026/bridge%231"
    post(client, id=name, text=ABUSE)
    isla = person("isla")

    assert client.get(f"/v1/comments/{address}").get_json()["id"] == name
    assert isla.is_shown_next() == name
    assert isla.opens(address)["comment_id"] == name
    assert client.get(f"/report/{address}").status_code == 200
    decision = {"verdict": "remove", "moderator": "anna"}
    assert client.post(f"/v1/comments/{address}/decisions", json=decision, headers=reviewer).status_code == 201


@pytest.mark.parametrize(
    ("name", "body", "detail"),
    [
        ("a1", {}, "text in title or body"),
        ("a1", {"title": " "}, "text in title or body"),
        ("a1", {"title": "T", "id": "a2"}, "'a2', is not the one in the address"),
        ("a1", {"title": "T", "published_at": "yesterday"}, "a date and time with a zone"),
        ("a1", {"title": "T", "published_at": "2026-11-23T10:00:00"}, "a date and time with a zone"),
        ("a1", {"title": "T", "published_at": "0001-01-01T00:00:00+14:00"}, "a moment from 1990 to the end of"),
        ("a1", {"title": "T", "published_at": "9999-12-31T23:59:59Z"}, "a moment from 1990 to the end of"),
        ("a1", {"title": "T", "published_at": 1700000000}, "should be a string"),
        ("a1", {"title": "T", "headline": "T"}, "/headline"),
        ("a1", {"title": "T" * 2_001}, "/title"),
        ("%FF", {"title": "T"}, "should be UTF-8"),
        ("a%00b", {"title": "T"}, "without NUL"),
        ("a" * 256, {"title": "T"}, "at most 255"),
    ],
)
def test_an_article_that_makes_no_sense_is_refused(client: FlaskClient, name: str, body: Any, detail: str) -> None:
    answer = client.put(f"/v1/articles/{name}", json=body)

    assert answer.status_code == (409 if "not the one in the address" in detail else 422)
    assert detail in answer.get_json()["detail"]
    assert client.get("/v1/articles/a1").status_code == 404


@pytest.mark.usefixtures("article")
def test_abuse_is_flagged_and_a_civil_comment_is_not(client: FlaskClient) -> None:
    abuse = post(client, id="c1", text=ABUSE)
    civil = post(client, id="c2", text=CIVIL)

    assert (abuse.status_code, civil.status_code) == (201, 201)
    assert (abuse.get_json()["flagged"], abuse.get_json()["state"]) == (True, "open")
    assert abuse.get_json()["reasons"][0]["sentence"]
    assert (civil.get_json()["flagged"], civil.get_json()["state"], civil.get_json()["reasons"]) == (False, None, [])


@pytest.mark.usefixtures("article")
def test_the_same_comment_again_changes_nothing(client: FlaskClient, db: Database) -> None:
    first, again = post(client, text=ABUSE, author="p-1"), post(client, text=ABUSE)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json == first.json
    assert [count(db, table) for table in (CommentRow, ScoreRow, FlagRow, EditRow)] == [1, 1, 1, 0]


@pytest.mark.usefixtures("article")
def test_the_same_comment_at_the_same_moment_is_stored_once(app: Flask, db: Database) -> None:
    def send(number: int) -> int:
        status: int = post(app.test_client(), id=f"c{number % 3}", text=ABUSE).status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(24)))

    assert sorted(answers) == [200] * 21 + [201] * 3
    assert [count(db, table) for table in (CommentRow, ScoreRow, FlagRow, EditRow)] == [3, 3, 3, 0]


@pytest.mark.usefixtures("article")
def test_an_edit_is_scored_anew_and_what_was_stays(client: FlaskClient, db: Database) -> None:
    post(client, text=CIVIL)
    edited = post(client, text=ABUSE)

    assert (edited.status_code, edited.get_json()["revision"], edited.get_json()["flagged"]) == (200, 2, True)
    assert [count(db, table) for table in (CommentRow, ScoreRow, EditRow)] == [1, 2, 1]
    with db.read() as session:
        assert session.scalars(select(EditRow.text)).all() == [CIVIL]


@pytest.mark.usefixtures("article")
def test_abuse_that_was_edited_away_still_waits_for_a_person(client: FlaskClient) -> None:
    post(client, text=ABUSE)
    edited = post(client, text=CIVIL)

    assert (edited.get_json()["flagged"], edited.get_json()["state"]) == (False, "open")


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(("first", "then", "flagged"), [(ABUSE, CIVIL, False), (CIVIL, ABUSE, True)])
def test_of_an_edited_comment_all_lists_tell_the_same(
    client: FlaskClient, first: str, then: str, *, flagged: bool
) -> None:
    post(client, text=first)
    post(client, text=then)
    client.post("/v1/reports", json={"comment_id": "c1", "reporter": "ann", "reason": "abuse"})

    one = client.get("/v1/comments/c1").get_json()
    (listed,) = client.get("/v1/flags").get_json()["items"]
    assert {name: listed[name] for name in one} == one
    assert (one["flagged"], bool(one["reasons"]), one["revision"]) == (flagged, flagged, 2)
    assert all(span["end"] <= len(then) for reason in listed["reasons"] for span in reason["spans"])


@pytest.mark.usefixtures("article")
def test_a_later_known_author_is_no_edit(client: FlaskClient, db: Database) -> None:
    post(client, text=ABUSE)
    post(client, text=ABUSE, author="p-1", posted_at="2026-11-23T09:00:00Z")

    assert [count(db, table) for table in (ScoreRow, FlagRow, EditRow)] == [1, 1, 0]
    assert client.get("/v1/flags").get_json()["items"][0]["author"] == "p-1"


def test_a_comment_on_an_unknown_article_is_refused_and_not_stored(client: FlaskClient, db: Database) -> None:
    answer = post(client, article_id="nowhere")

    assert answer.status_code == 404
    assert answer.get_json()["detail"] == "There is no article 'nowhere': store it first with PUT /v1/articles/<id>."
    assert count(db, CommentRow) == 0


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize(
    ("comment", "detail"),
    [
        ({"text": ""}, "/text: The text is empty."),
        ({"text": " \n "}, "/text: The text is empty."),
        ({"text": "a\0b"}, "/text: The text contains a NUL character (U+0000), which is not text."),
        ({"text": "\udc00"}, "/text: The text contains half a surrogate pair, which is not a character."),
        ({"text": "x" * 1_000_000}, "/text: The text has 1,000,000 characters; the limit is 20,000."),
        ({"text": 1}, "/text: should be a string"),
        ({"id": 17}, "/id: Input should be a valid string"),
        ({"id": "a\0"}, "/id: should not contain a control character (U+0000)"),
        ({"author": "x" * 256}, "/author: String should have at most 255 characters"),
        ({"posted_at": "soon"}, "/posted_at: should be a date and time with a zone, such as 2026-11-23T09:30:00Z"),
        *(
            ({"posted_at": moment}, f"/posted_at: should be a moment from 1990 to the end of {THIS_YEAR + 1}")
            for moment in (
                "0001-01-01T00:00:00Z",
                "1989-12-31T23:59:59Z",
                "1990-01-01T00:59:59+01:00",
                f"{THIS_YEAR + 2}-01-01T00:00:00Z",
                "9999-12-31T23:59:59-14:00",
            )
        ),
    ],
)
def test_a_comment_that_makes_no_sense_is_refused(
    client: FlaskClient, db: Database, comment: dict[str, Any], detail: str
) -> None:
    answer = post(client, **comment)

    assert answer.status_code == 422
    assert answer.get_json()["detail"] == detail
    assert count(db, CommentRow) == 0


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("text", ["\u200b\u200d", "\ufeff"], ids=["zero width", "mark"])
def test_a_comment_that_cannot_be_scored_is_stored_and_a_person_is_asked(client: FlaskClient, text: str) -> None:
    answer = post(client, text=text)

    assert (answer.status_code, answer.get_json()["flagged"], answer.get_json()["scores"]) == (201, True, {})
    assert answer.get_json()["reasons"][0]["sentence"].startswith("Could not be scored")
    assert post(client, text=text).json == answer.json


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("text", ["\u202eabc", "\U0001f600" * 10_000, "x" * 20_000, "<script>alert(1)</script>"])
def test_odd_texts_come_back_as_they_were(client: FlaskClient, text: str) -> None:
    post(client, text=text)
    client.post("/v1/reports", json={"comment_id": "c1", "reporter": "r", "reason": "odd"})

    assert client.get("/v1/flags").get_json()["items"][0]["text"] == text


@pytest.mark.usefixtures("article")
def test_a_reply_is_stored_with_or_without_its_parent(client: FlaskClient) -> None:
    assert post(client, id="c2", parent_id="c1").status_code == 201
    assert post(client, id="c1").status_code == 201
    assert post(client, id="c3", parent_id="c1").status_code == 201
