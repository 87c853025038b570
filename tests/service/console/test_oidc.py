"""Log-in by OpenID Connect, with a provider that runs on this machine."""

import base64
import hashlib
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from service import create_app
from service.accounts import throttle
from service.accounts.users import create_user, set_role
from service.settings import SettingError
from service.storage import audit
from tests.served import PATIENCE

PEOPLE: dict[str, dict[str, Any]] = {
    "isla": {"email": "isla@paper.example", "email_verified": True},
    "callum": {"email": "callum@paper.example", "email_verified": False},
    "thief": {"email": "isla@paper.example", "email_verified": True},
    "stranger": {"email": "stranger@paper.example", "email_verified": True},
}
KEY, FORGED = (RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"}) for _ in range(2))


class Provider:
    """An OpenID provider: the code flow with PKCE, as strict as the standard has it.

    `claims` and `key` change what the next ID token says and is signed with.
    """

    def __init__(self) -> None:
        self.address = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.claims: dict[str, Any] = {}
        self.key = KEY
        self.app = Flask("provider")
        self.app.get("/.well-known/openid-configuration")(self.metadata)
        self.app.get("/keys")(lambda: {"keys": [KEY.as_dict(private=False)]})
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)

    def metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorize(self) -> Response:
        code = secrets.token_hex(8)
        self.codes[code] = request.args.to_dict()
        return redirect(f"{request.args['redirect_uri']}?code={code}&state={request.args['state']}")

    def token(self) -> Any:
        asked = self.codes.pop(request.form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        known = request.authorization
        assert known is not None
        assert (known.username, known.password) == ("belowline", "only for tests")
        assert challenge.rstrip(b"=").decode() == asked["code_challenge"]
        assert request.form["redirect_uri"] == asked["redirect_uri"]
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": "belowline",
            "sub": asked["person"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            **PEOPLE[asked["person"]],
            **self.claims,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Run a provider."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app, threaded=True)
    provider.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def newsroom(tmp_path: Path, scorer: Any, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Yield a service that knows the provider, with accounts for two."""
    monkeypatch.setenv("BELOWLINE_OIDC_ISSUER", provider.address)
    monkeypatch.setenv("BELOWLINE_OIDC_CLIENT_ID", "belowline")
    monkeypatch.setenv("BELOWLINE_OIDC_CLIENT_SECRET", "only for tests")
    app = create_app({"DATABASE": f"sqlite:///{tmp_path / 'b.db'}", "SCORER": scorer, "SECRET_KEY": "x"})
    with app.extensions["belowline.database"].write() as session:
        for name in ("isla@paper.example", "callum@paper.example"):
            create_user(session, name, "lead")
    yield app
    app.extensions["belowline.database"].close()


def log_in(app: Flask, person: str, *, state: str | None = None, wanted: str = "/review") -> tuple[Any, Any]:
    """Go to the provider, say who one is, and come back."""
    client = app.test_client()
    away = client.get("/review/login/openid", query_string={"next": wanted})
    assert away.status_code == 302
    answer = requests.get(f"{away.location}&person={person}", allow_redirects=False, timeout=PATIENCE)
    back = answer.headers["Location"]
    if state is not None:
        back = re.sub(r"state=[^&]+", f"state={state}", back)
    return client, client.get(back)


def latest(app: Flask) -> list[tuple[str, str]]:
    with app.extensions["belowline.database"].read() as session:
        return [(entry.what, entry.who) for entry in audit.latest(session, before=None, most=2)]


def test_whoever_has_an_account_gets_in(newsroom: Flask) -> None:
    client, answer = log_in(newsroom, "isla")

    assert (answer.status_code, answer.location) == (303, "/review")
    assert "isla@paper.example" in client.get("/review").text
    assert latest(newsroom) == [("log-in", "isla@paper.example"), ("user.bind", "isla@paper.example")]


def test_the_question_to_the_provider_is_protected(newsroom: Flask) -> None:
    away = newsroom.test_client().get("/review/login/openid").location

    assert re.search(r"response_type=code", away)
    assert re.search(r"code_challenge=[\w-]{43}", away)
    assert "code_challenge_method=S256" in away
    assert re.search(r"[?&]state=\w{20,}", away)
    assert re.search(r"[?&]nonce=\w{20,}", away)


def test_an_account_belongs_to_who_came_first_by_it(newsroom: Flask) -> None:
    log_in(newsroom, "isla")
    client, answer = log_in(newsroom, "thief")

    assert (answer.status_code, "no account here" in unescape(answer.text)) == (401, True)
    assert client.get("/review").status_code == 303
    assert log_in(newsroom, "isla")[1].status_code == 303


@pytest.mark.parametrize("person", ["callum", "stranger"])
def test_neither_a_stranger_nor_an_address_that_nobody_verified_gets_in(newsroom: Flask, person: str) -> None:
    client, answer = log_in(newsroom, person)

    assert answer.status_code == 401
    assert client.get("/review").status_code == 303
    assert latest(newsroom)[0] == ("log-in.failed", "nobody known")


def test_who_has_no_role_any_more_does_not_get_in(newsroom: Flask) -> None:
    log_in(newsroom, "isla")
    with newsroom.extensions["belowline.database"].write() as session:
        set_role(session, "isla@paper.example", "none")

    assert log_in(newsroom, "isla")[1].status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody else"},
        {"iss": "https://evil.example"},
        {"nonce": "of another question"},
        {"exp": 1_000_000_000, "iat": 999_999_000},
    ],
)
def test_an_id_token_that_is_not_for_us_is_refused(newsroom: Flask, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    client, answer = log_in(newsroom, "isla")

    assert (answer.status_code, "Log-in failed" in answer.text) == (401, True)
    assert client.get("/review").status_code == 303


def test_an_id_token_that_somebody_else_signed_is_refused(newsroom: Flask, provider: Provider) -> None:
    provider.key = FORGED

    assert log_in(newsroom, "isla")[1].status_code == 401


def test_an_answer_to_another_question_is_refused(newsroom: Flask) -> None:
    client, answer = log_in(newsroom, "isla", state="made-up")

    assert (answer.status_code, "Log-in failed" in answer.text) == (401, True)
    assert client.get("/review").status_code == 303


def test_what_began_nowhere_is_no_audit_entry(newsroom: Flask) -> None:
    before = latest(newsroom)
    answers = [newsroom.test_client().get("/review/login/openid/back?code=a&state=b") for _ in range(20)]

    assert {(answer.status_code, "Log-in failed" in answer.text) for answer in answers} == {(401, True)}
    assert latest(newsroom) == before


def test_answers_that_fail_are_slowed_down(newsroom: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hour = timedelta(hours=1)
    monkeypatch.setattr(throttle, "ADDRESS", replace(throttle.ADDRESS, free=3, first=hour, longest=hour))
    answers = [log_in(newsroom, "isla", state="made-up")[1] for _ in range(5)]

    assert [answer.status_code for answer in answers] == [401] * 3 + [429] * 2
    assert 3000 < int(answers[-1].headers["Retry-After"]) <= 3600
    with newsroom.extensions["belowline.database"].read() as session:
        entries = audit.latest(session, before=None, most=100)
    assert [entry.what for entry in entries].count("log-in.failed") == 3


def test_a_provider_that_is_away_is_told(newsroom: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = newsroom.extensions["belowline.oidc"]
    monkeypatch.setattr(client, "_server_metadata_url", "http://localhost:9/.well-known/openid-configuration")
    answer = newsroom.test_client().get("/review/login/openid")

    assert (answer.status_code, "Log-in failed" in answer.text) == (401, True)


def test_after_a_failure_the_password_still_opens_the_door(newsroom: Flask) -> None:
    with newsroom.extensions["belowline.database"].write() as session:
        password = create_user(session, "rory", "moderator")
    client, answer = log_in(newsroom, "stranger", wanted="/review?about=insult")
    (address,) = re.findall(r'<form method="post" action="([^"]+)">', answer.text)
    (token,) = re.findall(r'name="csrf_token" value="([^"]+)"', answer.text)
    entered = client.post(unescape(address), data={"csrf_token": token, "name": "rory", "password": password})

    assert (entered.status_code, entered.location) == (303, "/review?about=insult")


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        pytest.param("/review/numbers?days=7", "/review/numbers?days=7", id="a page"),
        pytest.param("https://evil.example/review", "/review", id="another site"),
    ],
)
def test_who_wanted_a_page_gets_it_after_the_log_in(newsroom: Flask, wanted: str, shown: str) -> None:
    assert log_in(newsroom, "isla", wanted=wanted)[1].location == shown


def test_without_a_provider_there_is_no_such_page(app: Flask) -> None:
    assert app.test_client().get("/review/login/openid").status_code == 404
    assert "openid" not in app.test_client().get("/review/login").text


@pytest.mark.parametrize(
    ("issuer", "client", "message"),
    [
        ("https://id.paper.example", "", "BELOWLINE_OIDC_CLIENT_ID must be set too"),
        ("http://id.paper.example", "belowline", "it should begin with https://"),
    ],
)
def test_half_of_the_settings_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, issuer: str, client: str, message: str
) -> None:
    monkeypatch.setenv("BELOWLINE_OIDC_ISSUER", issuer)
    monkeypatch.setenv("BELOWLINE_OIDC_CLIENT_ID", client)
    monkeypatch.setenv("BELOWLINE_OIDC_CLIENT_SECRET", "only for tests")

    with pytest.raises(SettingError, match=message):
        create_app({})
