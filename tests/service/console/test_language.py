"""A comment in another language: nothing scores it, and a person is told so."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

GERMAN = "Halt endlich dein dummes Maul, du hast doch überhaupt keine Ahnung davon."
ENGLISH = "I run a bakery on the high street, and half of my customers come by bus already."
BADGE = "Not English, not scored</span>"


def test_the_native_api_scores_nothing_of_it(client: FlaskClient) -> None:
    comments = [{"id": "de", "text": GERMAN}, {"id": "en", "text": ENGLISH}]
    german, english = client.post("/v1/scores", json={"comments": comments}).get_json()["results"]

    assert german == {
        "id": "de",
        "error": "The comment is not in English but, it seems, in German, so it is not scored.",
    }
    assert english["scores"]


@pytest.mark.usefixtures("article")
def test_a_stored_one_waits_for_a_person_who_sees_a_badge(client: FlaskClient, person: Callable[..., Any]) -> None:
    stored = client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": GERMAN}).get_json()
    assert (stored["scores"], stored["spans"], stored["state"]) == ({}, [], "open")
    isla = person("isla")

    for path in ("/review", "/review/comments/c1"):
        page = isla.reads(path).text
        assert BADGE in page
        assert "Reads as" not in page
    assert "<li>Not in English but, it seems, in German: not scored, so a person has to look.</li>" in page


@pytest.mark.usefixtures("article")
def test_the_badge_goes_once_it_is_edited_into_english(client: FlaskClient, person: Callable[..., Any]) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": GERMAN})
    edited = client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": ENGLISH}).get_json()

    assert edited["scores"]
    assert BADGE not in person("isla").reads("/review/comments/c1").text


@pytest.mark.usefixtures("article")
def test_an_edit_that_is_not_scored_has_not_its_former_scores(client: FlaskClient) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": "You stupid fucking idiot."})
    edited = client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": GERMAN}).get_json()

    assert (edited["scores"], edited["spans"]) == ({}, [])
    assert [reason["attribute"] for reason in edited["reasons"]] == [None]
