"""Ids in addresses: whatever a newspaper calls its comments, they can be opened."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Map

from service.web.json import AnyId

ID = AnyId(Map())
IDS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
    st.lists(st.sampled_from([".", "..", "~.", "~~..", "...", "a", "", "%2E"]), min_size=1).map("/".join),
).filter(bool)


@given(IDS)
def test_an_id_comes_back_from_its_address_as_it_was(given_id: str) -> None:
    assert ID.to_python(unquote(ID.to_url(given_id))) == given_id


@given(IDS)
def test_an_address_survives_what_browsers_leave_out(given_id: str) -> None:
    address = "http://localhost/review/comments/" + ID.to_url(given_id)
    assert urljoin("http://localhost/elsewhere", address) == address
    assert not re.search(r"/\.{1,2}(/|$)", address)


@pytest.mark.parametrize(
    "comment_id", ["c1", ".", "..", "2026/./11", "a/../b", "~..", "/news/1#c2", "https://news.example/a?b=1&c", "50 %"]
)
def test_each_comment_can_be_opened_from_the_list(
    client: FlaskClient, person: Callable[..., Any], comment_id: str
) -> None:
    client.put("/v1/articles/a1", json={"title": "Buses", "body": "Fares rise in April."})
    stored = client.post(
        "/v1/comments", json={"id": comment_id, "article_id": "a1", "text": "You are a stupid fucking idiot."}
    )
    assert stored.get_json()["flagged"]
    isla = person("isla")
    (address,) = re.findall(r'class="open" href="([^"]+)"', isla.reads("/review").text)
    page = isla.reads(urljoin("http://localhost/review", unescape(address)).removeprefix("http://localhost"))
    assert page.status_code == 200
    assert "stupid" in page.text


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\u2028"])
@pytest.mark.parametrize("field", ["id", "article_id", "parent_id"])
def test_a_control_character_in_an_id_is_refused_at_the_door(client: FlaskClient, field: str, control: str) -> None:
    client.put("/v1/articles/a1", json={"title": "Buses", "body": "Fares rise in April."})
    comment = {"id": "c1", "article_id": "a1", "text": "You are an idiot.", field: f"a{control}b"}
    answer = client.post("/v1/comments", json=comment)
    assert answer.status_code == 422
    assert f"control character (U+{ord(control):04X})" in answer.get_data(as_text=True)
    line = client.post("/v1/comments:batch", data=json.dumps(comment), content_type="application/x-ndjson")
    assert "control character" in line.get_json(force=True)["error"]


@pytest.mark.parametrize("unseen", ["\xad", "\u200b", "\u200e", "\u202e", "\u2066", "\ufeff", "\U000e0041"])
@pytest.mark.parametrize("field", ["id", "article_id", "parent_id"])
def test_what_nobody_sees_in_an_id_is_refused_at_the_door(client: FlaskClient, field: str, unseen: str) -> None:
    client.put("/v1/articles/a1", json={"title": "Buses", "body": "Fares rise in April."})
    comment = {"id": "c1", "article_id": "a1", "text": "You are an idiot.", field: f"a{unseen}b"}
    answer = client.post("/v1/comments", json=comment)
    assert answer.status_code == 422
    assert answer.get_json()["detail"] == f"/{field}: should not contain an invisible character (U+{ord(unseen):04X})"
    line = client.post("/v1/comments:batch", data=json.dumps(comment), content_type="application/x-ndjson")
    assert "invisible character" in line.get_json(force=True)["error"]
    assert client.put(f"/v1/articles/a{unseen}b", json={"title": "Buses"}).status_code == 422


def test_letters_of_all_scripts_and_their_joiners_are_ids(client: FlaskClient) -> None:
    for name in ("می‌خواهم", "ক্‍ষ", "straße/ölpreis", "👩‍🚒"):
        assert client.put(f"/v1/articles/{name}", json={"title": "Buses"}).status_code == 201


def test_the_document_says_which_ids_are_refused(client: FlaskClient) -> None:
    schema = client.get("/openapi.json").get_json()["components"]["schemas"]["CommentIn"]["properties"]["id"]
    pattern = re.compile(schema["pattern"])
    for refused in ("a\nb", "a\u202eb", "a\u200bb", "a\ufeffb", "a\U000e0041b"):
        assert not pattern.search(refused)
    assert pattern.search("2026/ölpreis-می‌خواهم")


def test_an_author_whose_name_hides_something_is_moderated_like_any_other(client: FlaskClient) -> None:
    client.put("/v1/articles/a1", json={"title": "Buses", "body": "Fares rise in April."})
    comment = {"id": "c1", "article_id": "a1", "text": "You are a stupid fucking idiot.", "author": "Tam\u202e"}
    assert client.post("/v1/comments", json=comment).get_json()["flagged"]


def test_a_control_character_in_an_articles_id_is_refused_at_the_door(client: FlaskClient) -> None:
    answer = client.put("/v1/articles/a%0Ab", json={"title": "Buses"})
    assert (answer.status_code, answer.get_json()["detail"]) == (
        422,
        "An article's id should not contain a control character (U+000A).",
    )
    assert client.put("/v1/articles/a1", json={"id": "a\nb", "title": "Buses"}).status_code == 422


def test_an_id_that_came_in_before_control_characters_were_refused_can_be_opened(
    flag: Callable[..., None], person: Callable[..., Any]
) -> None:
    flag("a\nb")
    isla = person("isla")
    (address,) = re.findall(r'class="open" href="([^"]+)"', isla.reads("/review").text)
    assert isla.reads(unescape(address)).status_code == 200
