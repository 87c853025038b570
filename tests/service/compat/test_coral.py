"""Coral asks before it stores a comment, and tells of new stories; both are signed."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from model.scoring.scorer import Scorer
from service import create_app
from service.compat.coral import is_signed, opinion
from service.moderation.articles import find_article
from service.settings import SettingError
from service.storage.database import Database

SECRET = "empsec_6c1b0a57b5ac4b6e9a43a9c1c53a2c4a"
OTHER_SECRET = "whsec_0f7d8c9b21d84a5aa6be9d0f2a3c4e5d"
STORY = {"id": "s-1", "url": "https://paper.example/high-street"}
ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
CALM = "Buses should stay on the high street, private cars should not."
GERMAN = "Der Bürgermeister hat gesagt, dass wir nicht mehr über die Brücke fahren dürfen, und das ist auch gut so. "
CHINESE = "市长说我们不能再过桥了。"
STRAY = "My grandmother's recipe for plum cake needs six eggs, butter and a warm oven."
TOXIC = {"actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}]}
SPAM = {"actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}]}
ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April.",
    "url": STORY["url"],
}


@pytest.fixture
def app(app: Flask) -> Flask:
    """Return a service that Coral may ask."""
    app.config["CORAL_SECRETS"] = [SECRET, OTHER_SECRET]
    return app


@pytest.fixture
def strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Return a service to which all that strays is off topic: where the threshold lies is the bundle's."""
    monkeypatch.setitem(app.extensions["belowline.scorer"].manifest.thresholds, "off_topic", 0.02)
    return app


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(client: FlaskClient, path: str, content: Any, **headers: str) -> TestResponse:
    # As Coral writes it: two spaces, nothing escaped.
    body = json.dumps(content, indent=2, ensure_ascii=False).encode()
    return client.post(
        f"/integrations/coral/{path}",
        data=body,
        content_type="application/json",
        headers={"X-Coral-Signature": signature(body), **headers},
    )


def ask(client: FlaskClient, body: str, parent: str | None = None, **story: str) -> TestResponse:
    content = {
        "action": "NEW",
        "comment": {"body": body, "parentID": parent},
        "author": {"id": "u-1", "role": "COMMENTER"},
        "story": {**STORY, **story},
        "site": {"id": "site-1"},
        "tenantID": "t-1",
        "tenantDomain": "coral.paper.example",
    }
    return post(client, "moderate", content)


def test_a_calm_comment_is_left_alone(client: FlaskClient) -> None:
    answer = ask(client, CALM)

    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize(
    "body",
    [
        ABUSE,
        f"<div>{ABUSE}</div><div>Thank you.</div>",
        f"<b>{ABUSE[:14]}</b>{ABUSE[14:]}",
        f"I said &lt;{ABUSE}&gt; and &amp; mean it",
        f"<{ABUSE}>",
        f'<a href="{ABUSE}">.</a>',
        f"{ABUSE} \ud83d",
        f"{ABUSE}\0",
        f"{ABUSE} {'and so on ' * 30_000}",
        f"{ABUSE} &#{'1' * 4301}",
        f'<a href="&#{"1" * 4301}">{ABUSE}</a>',
    ],
    ids=["text", "HTML", "bold", "escaped", "no tag", "hidden", "half an emoji", "NUL", "long", "digits", "in a tag"],
)
def test_abuse_is_flagged_and_no_more(client: FlaskClient, body: str) -> None:
    content = {"comment": {"body": body}, "story": STORY}
    raw = json.dumps(content).encode()
    answer = client.post("/integrations/coral/moderate", data=raw, headers={"X-Coral-Signature": signature(raw)})

    assert (answer.status_code, answer.get_json()) == (200, TOXIC)


@pytest.mark.parametrize(
    "body",
    [
        f"{ABUSE} {GERMAN}",
        f"{GERMAN * 20}\n{ABUSE}",
        f"{ABUSE} {CHINESE * 20}",
        "\u200b" * 20_500 + ABUSE,
        f"<!--{'x' * 20_500}-->{ABUSE}",
        f"<style>{'x' * 20_500}</style>{ABUSE}",
        f"{CALM} " * 330 + ABUSE,
        f"{CALM} ".ljust(20_000 - 40, ".") + ABUSE,
        f"{CALM} " * 2_000,
    ],
    ids=["German", "after German", "Chinese", "invisible", "comment", "style", "civil", "at the cut", "endless"],
)
def test_nothing_beside_abuse_keeps_it_from_being_read(client: FlaskClient, body: str) -> None:
    assert ask(client, body).get_json() == TOXIC


@pytest.mark.parametrize("body", [GERMAN, CHINESE, f"{CALM} " * 700, ""], ids=["German", "Chinese", "long", "nothing"])
def test_what_is_harmless_or_foreign_is_left_alone(client: FlaskClient, body: str) -> None:
    assert ask(client, body).status_code == 204


@pytest.mark.parametrize("story", [STORY, {**STORY, "url": "https://elsewhere.example/"}, {**STORY, "id": "other"}])
def test_what_strays_from_the_story_is_flagged(strict: Flask, story: dict[str, str]) -> None:
    client = strict.test_client()
    client.put(f"/v1/articles/{STORY['id']}", json=ARTICLE)

    assert ask(client, STRAY, **story).get_json() == SPAM
    assert ask(client, CALM, **story).status_code == 204


def test_without_the_article_nothing_is_off_topic(strict: Flask) -> None:
    assert ask(strict.test_client(), STRAY).status_code == 204


def test_a_reply_is_compared_where_what_it_answers_is_known(strict: Flask) -> None:
    client = strict.test_client()
    client.put(f"/v1/articles/{STORY['id']}", json=ARTICLE)
    client.post("/v1/comments", json={"id": "c-1", "article_id": STORY["id"], "text": CALM})

    assert ask(client, STRAY, parent="c-1").get_json() == SPAM
    assert ask(client, STRAY, parent="unknown").status_code == 204
    assert ask(client, ABUSE, parent="unknown").get_json() == TOXIC


@pytest.mark.parametrize("body", ["", " ", "\u200b", "<div><br></div>"])
def test_what_holds_no_text_is_left_alone(client: FlaskClient, body: str) -> None:
    assert ask(client, body).status_code == 204


@pytest.mark.parametrize(
    ("attributes", "abuse", "off_topic", "answer"),
    [
        ((), "reject", "reject", {}),
        (("insult",), "flag", "flag", TOXIC),
        (("insult", "off_topic"), "flag", "flag", {"actions": TOXIC["actions"] + SPAM["actions"]}),
        (("insult",), "ignore", "flag", {}),
        (("off_topic",), "flag", "ignore", {}),
        (("insult",), "withhold", "flag", TOXIC | {"status": "SYSTEM_WITHHELD"}),
        (("off_topic",), "flag", "premod", {"status": "PREMOD"}),
        (("insult", "off_topic"), "withhold", "premod", TOXIC | {"status": "SYSTEM_WITHHELD"}),
        (
            ("toxicity",),
            "reject",
            "flag",
            TOXIC
            | {
                "status": "REJECTED",
                "moderationAction": {"status": "REJECTED", "rejectionReason": {"code": "ABUSIVE"}},
            },
        ),
        (
            ("off_topic",),
            "flag",
            "reject",
            {
                "status": "REJECTED",
                "moderationAction": {"status": "REJECTED", "rejectionReason": {"code": "IRRELEVANT_CONTENT"}},
            },
        ),
    ],
)
def test_an_operator_chooses_what_comes_of_it(
    attributes: tuple[str, ...], abuse: str, off_topic: str, answer: dict[str, Any]
) -> None:
    assert opinion(attributes, abuse=abuse, off_topic=off_topic) == answer


def test_a_choice_that_does_not_exist_is_told_at_the_start(scorer: Scorer, tmp_path: Any) -> None:
    config = {
        "DATABASE": f"sqlite:///{tmp_path / 'x.db'}",
        "SCORER": scorer,
        "SECRET_KEY": "x",
        "CORAL_ABUSE": "delete",
    }

    with pytest.raises(
        SettingError, match="BELOWLINE_CORAL_ABUSE is 'delete': it should be 'ignore', 'flag', 'premod'"
    ):
        create_app(config)


BODY = '{\n  "body": "naïve – 🌉"\n}'.encode()


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        (signature(BODY), True),
        (signature(BODY, OTHER_SECRET), True),
        (f"{signature(BODY, 'empsec_old')},{signature(BODY)}", True),
        (f"{signature(BODY)}, {signature(BODY, 'empsec_old')}", True),
        (signature(BODY, "empsec_old"), False),
        (signature(BODY, SECRET.removeprefix("empsec_")), False),
        (signature(BODY + b" "), False),
        (signature(BODY)[:-1], False),
        ("sha256=", False),
        ("", False),
        (",,,", False),
        ("sha256=ünïcode", False),
    ],
)
def test_a_signature_is_made_of_the_body_and_a_secret(given: str, *, fits: bool) -> None:
    assert is_signed(BODY, given, [SECRET, OTHER_SECRET]) is fits


@pytest.mark.parametrize("path", ["moderate", "events"])
def test_without_a_good_signature_nothing_is_answered(client: FlaskClient, path: str) -> None:
    answer = post(client, path, {"comment": {"body": ABUSE}}, **{"X-Coral-Signature": "sha256=0"})

    assert answer.status_code == 401
    assert "X-Coral-Signature" in answer.get_json()["detail"]


@pytest.mark.parametrize("path", ["moderate", "events"])
def test_without_a_secret_coral_is_not_connected(app: Flask, path: str) -> None:
    app.config["CORAL_SECRETS"] = []
    answer = post(app.test_client(), path, {})

    assert answer.status_code == 404
    assert "BELOWLINE_CORAL_SECRETS" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("moderate", [], 400),
        ("moderate", {}, 422),
        ("moderate", {"comment": {"body": None}}, 422),
        ("events", {"type": "STORY_CREATED"}, 422),
        ("events", {"type": "STORY_CREATED", "data": {"storyID": "", "storyURL": ""}}, 422),
    ],
)
def test_what_coral_never_sends_is_a_problem(client: FlaskClient, path: str, content: Any, status: int) -> None:
    answer = post(client, path, content)

    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def event(kind: str, **data: str) -> dict[str, Any]:
    return {"id": "e-1", "type": kind, "data": data, "createdAt": "2026-11-23T09:30:00.000Z", "tenantID": "t-1"}


NEW_STORY = event("STORY_CREATED", storyID=STORY["id"], storyURL=STORY["url"], siteID="site-1")


def test_a_new_story_is_noted_and_the_paper_adds_its_text(client: FlaskClient, db: Database) -> None:
    assert post(client, "events", NEW_STORY, **{"X-Coral-Event": "STORY_CREATED"}).status_code == 204

    noted = client.get(f"/v1/articles/{STORY['id']}").get_json()
    assert (noted["url"], noted["title"], noted["body"]) == (STORY["url"], "", "")
    with db.read() as session:
        assert find_article(session, article_id=STORY["id"], url=STORY["url"]) is None

    assert client.put(f"/v1/articles/{STORY['id']}", json=ARTICLE).status_code == 200
    assert post(client, "events", NEW_STORY).status_code == 204
    with db.read() as session:
        found = find_article(session, article_id=STORY["id"], url="")
    assert found is not None
    assert found.title == ARTICLE["title"]


def test_a_story_is_found_by_its_address_where_the_paper_has_ids_of_its_own(client: FlaskClient, db: Database) -> None:
    post(client, "events", NEW_STORY)
    client.put("/v1/articles/cms-77", json=ARTICLE)

    with db.read() as session:
        found = find_article(session, article_id=STORY["id"], url=STORY["url"])
    assert found is not None
    assert found.id == "cms-77"


@pytest.mark.parametrize("story", [{"id": "s\u202e-1"}, {"id": "s\n1", "url": "https://paper.example/\u200b"}])
def test_no_id_that_our_own_api_would_refuse_keeps_a_comment_from_being_read(
    client: FlaskClient, story: dict[str, str]
) -> None:
    asked = {"comment": {"body": ABUSE, "parentID": None}, "story": story}
    assert post(client, "moderate", asked).get_json() == TOXIC


def test_a_comment_below_a_story_without_text_is_scored_for_abuse(client: FlaskClient) -> None:
    post(client, "events", NEW_STORY)
    made = client.post("/v1/comments", json={"id": "c-1", "article_id": STORY["id"], "text": CALM}).get_json()

    assert made["flagged"] is False
    assert set(made["scores"]) >= {"toxicity", "insult"}
    assert "off_topic" not in made["scores"]


@pytest.mark.parametrize("kind", ["COMMENT_CREATED", "COMMENT_REPLY_CREATED", "SOMETHING_NEW"])
def test_other_events_are_acknowledged(client: FlaskClient, kind: str) -> None:
    assert post(client, "events", event(kind, commentID="c-1", storyID="s-1")).status_code == 204
    assert client.get("/v1/articles/s-1").status_code == 404


def test_nothing_of_a_comment_is_kept(client: FlaskClient) -> None:
    ask(client, ABUSE)

    assert client.get("/v1/flags").get_json()["total"] == 0
