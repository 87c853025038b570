"""`POST /v1/moderations`, asked by OpenAI's own client."""

from collections.abc import Callable
from typing import Any

import openai
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openai import OpenAI
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from model.attributes import ATTRIBUTES
from model.records import Scores
from model.scoring.scorer import Scorer
from service.accounts.api_keys import create_key
from service.compat.openai import CATEGORIES, categories
from service.storage.database import Database

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
CALM = "The bridge was closed for repairs last week and opens again on Monday."
NOT_MODELLED = {
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/intent",
    "self-harm/instructions",
    "sexual",
    "sexual/minors",
    "violence/graphic",
}
IMAGE = {"type": "image_url", "image_url": {"url": "https://paper.example/cat.png"}}


@pytest.fixture
def ask(app: Flask, serve: Callable[[Flask], str]) -> OpenAI:
    """Return OpenAI's client, pointed at the running service, with any key."""
    return OpenAI(base_url=f"{serve(app)}/v1", api_key="any", max_retries=0)


def key_of(db: Database, scope: str) -> str:
    with db.write() as session:
        return create_key(session, scope, [scope])


def test_each_text_of_a_list_has_a_result_in_its_place(ask: OpenAI) -> None:
    answer = ask.moderations.create(model="omni-moderation-latest", input=[CALM, ABUSE])

    calm, abuse = answer.results
    assert (calm.flagged, calm.categories.harassment) == (False, False)
    assert (abuse.flagged, abuse.categories.harassment) == (True, True)
    assert calm.category_scores.harassment < 0.1
    assert abuse.category_scores.harassment > 0.9
    assert answer.id.startswith("modr-")


def test_a_text_alone_has_one_result(ask: OpenAI) -> None:
    answer = ask.moderations.create(input=ABUSE)

    assert [result.flagged for result in answer.results] == [True]


def test_parts_of_one_comment_have_one_result(ask: OpenAI) -> None:
    parts: list[Any] = [{"type": "text", "text": CALM}, {"type": "text", "text": ABUSE}]

    assert [result.flagged for result in ask.moderations.create(input=parts).results] == [True]


def test_the_answer_names_the_bundle_that_scored(ask: OpenAI, scorer: Scorer) -> None:
    assert ask.moderations.create(input=CALM).model == f"belowline-fast-{scorer.manifest.version}"


def test_all_thirteen_categories_are_there_and_none_is_invented(client: FlaskClient) -> None:
    (result,) = client.post("/v1/moderations", json={"input": ABUSE}).get_json()["results"]

    assert len(CATEGORIES) == 13
    for kind in ("categories", "category_scores", "category_applied_input_types"):
        assert tuple(result[kind]) == CATEGORIES
    assert {name for name, types in result["category_applied_input_types"].items() if types != ["text"]} == NOT_MODELLED
    assert {result["category_scores"][name] for name in NOT_MODELLED} == {0.0}
    assert {result["categories"][name] for name in NOT_MODELLED} == {False}


def test_each_category_of_the_table_is_one_of_theirs() -> None:
    named = {name for attribute in ATTRIBUTES for name in attribute.openai}

    assert named | {"hate/threatening"} == set(CATEGORIES) - NOT_MODELLED


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ({"toxicity": 0.9, "insult": 0.0, "threat": 0.0, "identity_attack": 0.0}, {"harassment"}),
        ({"toxicity": 0.0, "insult": 0.9, "threat": 0.0, "identity_attack": 0.0}, {"harassment"}),
        (
            {"toxicity": 0.0, "insult": 0.0, "threat": 0.9, "identity_attack": 0.0},
            {"harassment/threatening", "violence"},
        ),
        ({"toxicity": 0.0, "insult": 0.0, "threat": 0.0, "identity_attack": 0.9}, {"hate"}),
        (
            {"toxicity": 0.0, "insult": 0.0, "threat": 0.9, "identity_attack": 0.8},
            {"harassment/threatening", "violence", "hate", "hate/threatening"},
        ),
        ({"toxicity": 0.0, "insult": 0.0, "threat": 0.0, "identity_attack": 0.0, "profanity": 0.9}, set()),
    ],
)
def test_scores_become_categories(scorer: Scorer, values: dict[str, float], flagged: set[str]) -> None:
    found = categories(Scores(values), scorer.manifest)

    assert {name for name, category in found.items() if category.flagged} == flagged
    assert found["hate/threatening"].score == min(values["threat"], values["identity_attack"])
    assert found["harassment"].score == max(values["toxicity"], values["insult"])


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u2060", "\0"])
def test_what_holds_no_text_is_not_evaluated_and_fails_no_other(client: FlaskClient, text: str) -> None:
    empty, abuse = client.post("/v1/moderations", json={"input": [text, ABUSE]}).get_json()["results"]

    assert set(map(tuple, empty["category_applied_input_types"].values())) == {()}
    assert (empty["flagged"], abuse["flagged"]) == (False, True)


@pytest.mark.parametrize("odd", ["\0", "\ud83d"])
def test_an_odd_character_keeps_no_text_from_being_scored(client: FlaskClient, odd: str) -> None:
    (result,) = client.post("/v1/moderations", json={"input": odd + ABUSE + odd}).get_json()["results"]

    assert result["flagged"]


@pytest.mark.parametrize(
    ("body", "param", "message"),
    [
        ({}, "input", "Missing required parameter"),
        ({"input": None}, "input", "Missing required parameter"),
        ({"input": 7}, "input", "should be a string"),
        ({"input": []}, "input", "non-empty"),
        ({"input": [CALM, 7]}, "input", r"'input\[0\]' should be a part"),
        ({"input": [{"type": "text"}]}, "input", r"'input\[0\]' should be a part"),
        ({"input": [{"type": "text", "text": CALM}, IMAGE]}, "input", r"'input\[1\]' is an image"),
        ({"input": "a" * 20_001}, "input", "20,001 characters; the limit is 20,000"),
        ({"input": ["a"] * 1_001}, "input", "1,001 items; the limit is 1,000"),
        ({"input": CALM, "model": 7}, "model", "should be a string"),
    ],
)
def test_a_mistake_is_a_bad_request_that_names_the_parameter(
    ask: OpenAI, body: dict[str, Any], param: str, message: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=message) as caught:
        ask.post("/moderations", body=body, cast_to=object)

    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id


def test_a_key_is_asked_for_where_others_can_reach_the_service(
    app: Flask, db: Database, serve: Callable[[Flask], str]
) -> None:
    app.config["KEYS_REQUIRED"] = True
    address = f"{serve(app)}/v1"

    with pytest.raises(openai.AuthenticationError) as caught:
        OpenAI(base_url=address, api_key="bl_wrong", max_retries=0).moderations.create(input=CALM)
    assert caught.value.code == "invalid_api_key"
    with pytest.raises(openai.PermissionDeniedError, match="lacks the scope 'score'"):
        OpenAI(base_url=address, api_key=key_of(db, "review"), max_retries=0).moderations.create(input=CALM)
    assert OpenAI(base_url=address, api_key=key_of(db, "score")).moderations.create(input=CALM).results


@pytest.mark.parametrize(
    ("refusal", "error", "kind"),
    [
        (TooManyRequests(retry_after=1), openai.RateLimitError, "requests"),
        (ServiceUnavailable(retry_after=1), openai.InternalServerError, "server_error"),
    ],
)
def test_a_busy_service_is_asked_again(
    app: Flask, serve: Callable[[Flask], str], refusal: Exception, error: type[openai.APIStatusError], kind: str
) -> None:
    asked = []

    @app.before_request
    def refuse() -> None:
        asked.append(1)
        raise refusal

    with pytest.raises(error) as caught:
        OpenAI(base_url=f"{serve(app)}/v1", api_key="any", max_retries=2).moderations.create(input=CALM)

    assert len(asked) == 3
    assert caught.value.type == kind


@pytest.mark.parametrize(
    ("method", "kind", "data", "status"),
    [
        ("GET", None, b"", 405),
        ("POST", "application/json", b"{", 400),
        ("POST", "application/json", b"[]", 400),
        ("POST", "application/json", b"", 400),
        ("POST", "application/json", b" " * (16 * 1024 * 1024 + 1), 413),
    ],
)
def test_every_refusal_has_their_shape(
    client: FlaskClient, method: str, kind: str | None, data: bytes, status: int
) -> None:
    answer = client.open("/v1/moderations", method=method, data=data, content_type=kind)

    assert answer.status_code == status
    assert set(answer.get_json()["error"]) == {"message", "type", "param", "code"}
    assert answer.headers["x-request-id"]


def test_a_bug_has_their_shape_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.compat.openai.CATEGORIES", None)
    answer = client.post("/v1/moderations", json={"input": ABUSE})

    assert (answer.status_code, answer.get_json()["error"]["type"]) == (500, "server_error")
    assert ABUSE not in answer.text


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_json_is_read_whatever_it_is_declared_as(client: FlaskClient, kind: str | None) -> None:
    answer = client.post("/v1/moderations", data=b'{"input": "hello"}', content_type=kind)

    assert answer.status_code == 200


def test_nothing_is_kept(client: FlaskClient) -> None:
    client.post("/v1/moderations", json={"input": ABUSE})

    assert client.get("/v1/flags").get_json()["total"] == 0
