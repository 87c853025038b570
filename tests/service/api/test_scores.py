"""POST /v1/scores: comments in, scores out, nothing kept."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from service.storage.database import Database
from service.triage.listing import ItemFilter, count
from service.web.fields import MOST_COMMENTS

ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April. "
    "Buses, bicycles and deliveries before ten in the morning stay allowed. Shopkeepers fear for their trade.",
}
CIVIL = "I run a bakery on the high street, and half of my customers come by bus or bicycle already."
ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."


def scores(client: FlaskClient, **body: Any) -> Any:
    answer = client.post("/v1/scores", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_comments_are_scored_with_their_article(client: FlaskClient) -> None:
    answer = scores(client, article=ARTICLE, comments=[{"id": "x", "text": ABUSE}, {"text": CIVIL}])

    abuse, civil = answer["results"]
    assert answer["model"].keys() == {"tier", "version"}
    assert abuse["id"] == "x"
    assert civil["id"] == "1", "a comment without an id has its position"
    assert abuse["scores"]["toxicity"] > 0.8 > civil["scores"]["toxicity"]
    assert "off_topic" in civil["scores"]
    assert "toxicity" in [reason["attribute"] for reason in abuse["reasons"]]
    assert civil["reasons"] == []


def test_spans_are_offsets_into_the_text_as_written(client: FlaskClient) -> None:
    text = "\U0001f600 é " + ABUSE
    (result,) = scores(client, comments=[{"text": text}])["results"]

    words = [text[span["start"] : span["end"]] for span in result["spans"]]
    assert any("idiot" in word or "shit" in word or "fuck" in word for word in words), words


def test_without_an_article_there_is_no_off_topic(client: FlaskClient) -> None:
    (result,) = scores(client, comments=[{"text": CIVIL}])["results"]

    assert "toxicity" in result["scores"]
    assert "off_topic" not in result["scores"]


def test_only_the_attributes_asked_for_are_scored(client: FlaskClient) -> None:
    (result,) = scores(client, article=ARTICLE, comments=[{"text": ABUSE}], attributes=["off_topic"])["results"]

    assert result["scores"].keys() == {"off_topic"}


def test_a_stored_article_is_found_by_its_id(client: FlaskClient, article: str) -> None:
    (result,) = scores(client, article_id=article, comments=[{"text": CIVIL}])["results"]

    assert "off_topic" in result["scores"]


def test_nothing_is_kept(client: FlaskClient, db: Database) -> None:
    scores(client, comments=[{"id": "x", "text": ABUSE}])

    assert client.get("/v1/comments/x").status_code == 404
    with db.read() as session:
        assert count(session, ItemFilter()) == 0


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "The text is empty."),
        (" \n\t", "The text is empty."),
        ("a\0b", "The text contains a NUL character (U+0000), which is not text."),
        ("half \ud83d of a pair", "The text contains half a surrogate pair, which is not a character."),
        ("é" * 20_001, "The text has 20,001 characters; the limit is 20,000."),
    ],
    ids=["empty", "blank", "NUL", "lone surrogate", "too long"],
)
def test_a_text_that_cannot_be_scored_does_not_fail_the_rest(client: FlaskClient, text: str, error: str) -> None:
    comments = [{"text": CIVIL}, {"id": "bad", "text": text}, {"text": ABUSE}]
    before, bad, after = scores(client, comments=comments)["results"]

    assert bad == {"id": "bad", "error": error}
    assert before["scores"]["toxicity"] < after["scores"]["toxicity"]


def test_a_text_of_nothing_visible_does_not_fail_the_rest(client: FlaskClient) -> None:
    before, bad, after = scores(client, comments=[{"text": CIVIL}, {"text": "\u200b\u200d\ufeff"}, {"text": ABUSE}])[
        "results"
    ]

    assert bad.keys() == {"id", "error"}
    assert before["scores"]["toxicity"] < after["scores"]["toxicity"]


@pytest.mark.parametrize(
    "text",
    [
        "\u202eright to left \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
        "zero\u200bwidth\u200d and \ufeffmark",
        "\U0001f600" * 10_000,
        "\U0001f595" * 20_000,
        "Aye, yer a wee scunner an' a\u2019",
        "a",
    ],
    ids=["right to left", "zero width", "10,000 emoji", "the longest", "Scots", "one letter"],
)
def test_odd_texts_are_scored(client: FlaskClient, text: str) -> None:
    (result,) = scores(client, comments=[{"text": text}])["results"]

    assert 0 <= result["scores"]["toxicity"] <= 1


def test_a_thousand_comments_are_a_call_and_one_more_is_refused(client: FlaskClient) -> None:
    many = [{"text": f"Comment {number}"} for number in range(MOST_COMMENTS)]
    assert [result["id"] for result in scores(client, comments=many)["results"]] == [
        str(n) for n in range(MOST_COMMENTS)
    ]

    answer = client.post("/v1/scores", json={"comments": [*many, {"text": "one more"}]})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/comments"
    assert "at most 1,000" in answer.get_json()["detail"]


def test_no_comments_give_no_results(client: FlaskClient) -> None:
    assert scores(client, comments=[])["results"] == []


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"comments": [{"text": 7}]}, 422, "/comments/0/text"),
        ({"comments": [{"text": None}]}, 422, "/comments/0/text"),
        ({"comments": [{"text": ["a"]}]}, 422, "/comments/0/text"),
        ({"comments": [{"id": 7, "text": "a"}]}, 422, "/comments/0/id"),
        ({"comments": [{"id": "", "text": "a"}]}, 422, "/comments/0/id"),
        ({"comments": [{"id": "\ud800", "text": "a"}]}, 422, "/comments/0/id"),
        ({"comments": [{"txt": "a", "text": "a"}]}, 422, "/comments/0/txt"),
        ({"comments": [{"a/b~c": 1, "text": "a"}]}, 422, "/comments/0/a~1b~0c"),
        ({"comments": ["a"]}, 422, "/comments/0"),
        ({"comments": {"text": "a"}}, 422, "/comments"),
        ({"comments": 10**400}, 422, "/comments"),
        ({"text": "a"}, 422, "/comments"),
        ({"comments": [{"text": "a"}], "article": {}}, 422, "/article"),
        ({"comments": [{"text": "a"}], "article": "a1"}, 422, "/article"),
        ({"comments": [{"text": "a"}], "article": {"title": "\0"}}, 422, "/article/title"),
        ({"comments": [{"text": "a"}], "attributes": "toxicity"}, 422, "/attributes"),
        ([], 422, ""),
        ("text", 422, ""),
    ],
)
def test_a_body_of_another_shape_is_refused_and_the_place_named(
    client: FlaskClient, body: Any, status: int, pointer: str
) -> None:
    answer = client.post("/v1/scores", json=body)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"article_id": "nowhere"}, 404, "There is no article 'nowhere'"),
        ({"article_id": "a", "article": ARTICLE}, 422, "not both"),
        ({"attributes": ["niceness"]}, 422, "'niceness'"),
    ],
)
def test_what_does_not_exist_is_named(client: FlaskClient, body: dict[str, Any], status: int, detail: str) -> None:
    answer = client.post("/v1/scores", json={"comments": [{"text": "a"}], **body})

    assert answer.status_code == status
    assert detail in answer.get_json()["detail"]
