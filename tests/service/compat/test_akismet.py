"""Akismet's protocol, spoken by its client for Python."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import akismet
import httpx
import pytest
from flask import Flask

from model.scoring.scorer import Scorer
from service import create_app
from service.accounts.api_keys import create_key
from service.settings import SettingError, Settings
from service.storage.database import Database

BLOG = "https://paper.example/"
READER = "192.0.2.7"
ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
CALM = "The bridge was closed for repairs last week and opens again on Monday."
STRAY = "My grandmother's recipe for plum cake needs six eggs, butter and a warm oven."
ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April.",
    "url": f"{BLOG}high-street",
}


class Rewrite(httpx.HTTPTransport):
    """Sends what is meant for Akismet to us, under Akismet's name."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = httpx.URL(address)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._address.host, port=self._address.port)
        return super().handle_request(request)


@pytest.fixture
def app(tmp_path: Path, scorer: Scorer) -> Iterator[Flask]:
    """Yield a service that speaks Akismet's protocol on a loopback address."""
    app = create_app(
        {
            "DATABASE": f"sqlite:///{tmp_path}/belowline.db",
            "SCORER": scorer,
            "SECRET_KEY": "only for tests",
            "KEYS_REQUIRED": False,
            "AKISMET": True,
            "HOSTS": ["localhost", "127.0.0.1", "rest.akismet.com"],
            "TESTING": True,
        },
    )
    yield app
    app.extensions["belowline.database"].close()


def client_of(address: str, key: str = "any") -> akismet.SyncClient:
    config = akismet.Config(key=key, url=BLOG)
    return akismet.SyncClient(config=config, http_client=httpx.Client(transport=Rewrite(address), timeout=60))


@pytest.fixture
def ask(app: Flask, serve: Callable[[Flask], str]) -> akismet.SyncClient:
    """Return Akismet's client, pointed at the running service."""
    return client_of(serve(app))


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"comment_content": ABUSE}, akismet.CheckResponse.SPAM),
        ({"comment_content": f"<p>{ABUSE}</p>"}, akismet.CheckResponse.SPAM),
        ({"comment_content": f"{ABUSE} &#{'1' * 4301}"}, akismet.CheckResponse.SPAM),
        ({"comment_content": f"{CALM} " * 300 + ABUSE}, akismet.CheckResponse.SPAM),
        ({"comment_content": f"{ABUSE} {'Das ist gut und schön, sagt der Mann. ' * 9}"}, akismet.CheckResponse.SPAM),
        ({"comment_content": CALM}, akismet.CheckResponse.HAM),
        ({"comment_content": "\u200b"}, akismet.CheckResponse.HAM),
        ({}, akismet.CheckResponse.HAM),
        ({"comment_content": ABUSE, "user_role": "administrator"}, akismet.CheckResponse.HAM),
        ({"comment_content": "akismet-guaranteed-spam"}, akismet.CheckResponse.SPAM),
        ({"comment_content": CALM, "comment_author": "viagra-test-123"}, akismet.CheckResponse.SPAM),
    ],
)
def test_what_deserves_a_look_is_held_and_never_discarded(
    ask: akismet.SyncClient, fields: dict[str, str], answer: akismet.CheckResponse
) -> None:
    assert ask.comment_check(READER, **fields) is answer  # type: ignore[arg-type]


def test_what_strays_from_the_article_at_the_permalink_is_held(
    app: Flask, ask: akismet.SyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions["belowline.scorer"].manifest.thresholds, "off_topic", 0.02)
    app.test_client().put("/v1/articles/a1", json=ARTICLE)

    assert ask.comment_check(READER, comment_content=STRAY, permalink=ARTICLE["url"])
    assert not ask.comment_check(READER, comment_content=STRAY, permalink=f"{BLOG}other")
    assert not ask.comment_check(READER, comment_content=STRAY, permalink=ARTICLE["url"], comment_type="reply")


def test_what_moderators_say_becomes_labels(app: Flask, ask: akismet.SyncClient) -> None:
    assert ask.submit_spam(READER, comment_content=STRAY)
    assert ask.submit_ham(READER, comment_content=CALM)
    assert ask.submit_spam(READER, comment_content="Only a try.", is_test=True)

    labels = [json.loads(line) for line in app.test_client().get("/v1/labels").text.splitlines()]
    assert [(label["text"], label["label"], label["attributes"]) for label in labels] == [
        (STRAY, "removed", {}),
        (CALM, "kept", {}),
    ]


def test_the_other_calls_of_the_client_are_answered(ask: akismet.SyncClient) -> None:
    assert ask.verify_key()
    assert ask.usage_limit() == {"limit": "none", "usage": None, "percentage": None, "throttled": False}
    assert ask.key_sites(month="2026-11") == {"2026-11": [], "limit": 500, "offset": 0, "total": 0}


def test_a_key_is_asked_for_where_others_can_reach_the_service(
    app: Flask, db: Database, serve: Callable[[Flask], str]
) -> None:
    app.config["KEYS_REQUIRED"] = True
    with db.write() as session:
        key = create_key(session, "blog", ["score"])
    address = serve(app)

    good, bad = client_of(address, key), client_of(address, "bl_wrong")
    assert (good.verify_key(), bad.verify_key()) == (True, False)
    assert good.comment_check(READER, comment_content=ABUSE)
    with pytest.raises(akismet.APIKeyError):
        bad.comment_check(READER, comment_content=ABUSE)
    with pytest.raises(akismet.APIKeyError):
        good.submit_spam(READER, comment_content=ABUSE)


@pytest.mark.parametrize(
    ("method", "path", "form", "status", "text"),
    [
        ("POST", "/1.1/comment-check", {"blog": BLOG}, 400, "Missing required field: user_ip."),
        ("POST", "/1.1/submit-spam", {"user_ip": READER}, 400, "Missing required field: blog."),
        ("GET", "/1.2/key-sites?format=csv", {}, 400, "Only format=json is supported."),
        ("GET", "/1.1/comment-check", {}, 405, "The method is not allowed for the requested URL."),
    ],
)
def test_a_mistake_is_told_in_text_and_in_their_header(
    app: Flask, method: str, path: str, form: dict[str, str], status: int, text: str
) -> None:
    answer = app.test_client().open(path, method=method, data=form)

    assert (answer.status_code, answer.text) == (status, text)
    assert answer.headers["X-akismet-debug-help"] == text


def test_it_is_switched_on_with_a_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.read().akismet is False
    monkeypatch.setenv("BELOWLINE_AKISMET", "1")
    assert Settings.read().akismet is True
    monkeypatch.setenv("BELOWLINE_AKISMET", "yes")
    with pytest.raises(SettingError, match="BELOWLINE_AKISMET is 'yes': set it to 1, or to 0 for off"):
        Settings.read()
