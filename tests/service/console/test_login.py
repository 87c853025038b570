"""Who may come into the console, and how."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from service import create_app
from service.accounts import throttle
from service.accounts.users import create_user, reset_password, set_role
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.accounts import SessionRow, UserRow

PASSWORD = "dreich harbour wall"


@pytest.fixture
def password(db: Database) -> str:
    """Make the moderator isla and return her password."""
    with db.write() as session:
        return create_user(session, "isla")


@pytest.fixture
def isla(app: Flask, password: str) -> FlaskClient:
    """Log isla in."""
    client = app.test_client()
    assert log_in(client, password).location == "/review"
    return client


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def post(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Send the form that stands at an address, with the token that is in it."""
    return client.post(address, data={"csrf_token": token(client.get(address)), **fields})


def log_in(client: FlaskClient, password: str, name: str = "isla") -> TestResponse:
    return post(client, "/review/login", name=name, password=password)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/review"),
        ("GET", "/review/comments/c1"),
        ("GET", "/review/no/such/page"),
        ("POST", "/review/decisions"),
        ("POST", "/review/undo"),
        ("POST", "/review/skip/undo"),
        ("GET", "/review/amend/c1"),
        ("GET", "/review/counts"),
        ("POST", "/review/words"),
        ("POST", "/review/language"),
        ("GET", "/review/next"),
        ("POST", "/review/skip"),
        ("POST", "/review/take"),
        ("POST", "/review/claims/extend"),
        ("POST", "/review/claims/close"),
        ("GET", "/review/batch"),
        ("POST", "/review/batch"),
        ("GET", "/review/articles"),
        ("POST", "/review/articles"),
        ("GET", "/review/password"),
        ("POST", "/review/password"),
        ("POST", "/review/logout"),
        ("POST", "/review/logout-everywhere"),
        ("GET", "/review/lead"),
        ("GET", "/review/escalations"),
        ("GET", "/review/escalations/next"),
        ("POST", "/review/escalations/heard"),
        ("GET", "/review/search"),
        ("GET", "/review/history"),
        ("GET", "/review/articles/a1"),
        ("GET", "/review/authors/rannoch-7"),
        ("POST", "/review/author-notes"),
        ("GET", "/review/people"),
        ("POST", "/review/people"),
        ("POST", "/review/people/role"),
        ("POST", "/review/people/password"),
        ("GET", "/review/keys"),
        ("POST", "/review/keys"),
        ("POST", "/review/keys/rotate"),
        ("POST", "/review/keys/revoke"),
        ("GET", "/review/webhooks"),
        ("POST", "/review/webhooks"),
        ("POST", "/review/webhooks/rotate"),
        ("POST", "/review/webhooks/remove"),
        ("POST", "/review/webhooks/test"),
        ("GET", "/review/settings"),
        ("POST", "/review/settings"),
        ("GET", "/review/rules"),
        ("GET", "/review/rules/change"),
        ("POST", "/review/rules/change"),
        ("GET", "/review/reporters"),
        ("GET", "/review/erase"),
        ("POST", "/review/erase"),
        ("GET", "/review/audit"),
        ("GET", "/review/audit/export.csv"),
        ("GET", "/review/audit/export.jsonl"),
        ("GET", "/review/rota"),
        ("POST", "/review/rota/shifts"),
        ("POST", "/review/rota/changes"),
        ("POST", "/review/rota/removals"),
        ("GET", "/review/dawn"),
        ("GET", "/review/numbers"),
        ("GET", "/review/drift"),
        ("GET", "/review/shadow"),
    ],
)
def test_every_page_asks_for_log_in(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/review/login")


PAGES = {
    "/review",
    "/review/comments/<id:comment_id>",
    "/review/<path:_rest>",
    "/review/decisions",
    "/review/undo",
    "/review/counts",
    "/review/amend/<id:comment_id>",
    "/review/skip/undo",
    "/review/words",
    "/review/language",
    "/review/next",
    "/review/skip",
    "/review/take",
    "/review/claims/extend",
    "/review/claims/close",
    "/review/batch",
    "/review/articles",
    "/review/password",
    "/review/logout",
    "/review/logout-everywhere",
    "/review/lead",
    "/review/escalations",
    "/review/escalations/next",
    "/review/escalations/heard",
    "/review/search",
    "/review/history",
    "/review/articles/<id:article_id>",
    "/review/authors/<id:author>",
    "/review/author-notes",
    "/review/people",
    "/review/people/role",
    "/review/people/password",
    "/review/keys",
    "/review/keys/rotate",
    "/review/keys/revoke",
    "/review/webhooks",
    "/review/webhooks/rotate",
    "/review/webhooks/remove",
    "/review/webhooks/test",
    "/review/settings",
    "/review/rules",
    "/review/rules/change",
    "/review/reporters",
    "/review/erase",
    "/review/audit",
    "/review/audit/export.csv",
    "/review/audit/export.jsonl",
    "/review/rota",
    "/review/rota/shifts",
    "/review/rota/changes",
    "/review/rota/removals",
    "/review/dawn",
    "/review/numbers",
    "/review/drift",
    "/review/shadow",
    # open to everybody
    "/review/login",
    "/review/login/openid",
    "/review/login/openid/back",
    "/review/static/<path:filename>",
}


def test_the_table_above_names_every_page(app: Flask) -> None:
    assert {str(rule) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")} == PAGES


@pytest.mark.parametrize("page", ["/review/login", "/report/c1", "/docs"])
def test_what_a_page_is_drawn_with_is_served(client: FlaskClient, page: str) -> None:
    client.put("/v1/articles/a1", json={"title": "The bridge", "body": "It opens."})
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": "At last."})
    files = re.findall(r'(?:src|<link rel="[^"]+" href)="([^"]+)"', client.get(page).text)
    missing = []
    for file in files:
        with client.get(file) as answer:
            missing += [file] * (answer.status_code != 200)
    assert files
    assert missing == []


@pytest.mark.parametrize(
    "path", ["/review/decisions", "/review/undo", "/review/words", "/review/password", "/review/logout"]
)
def test_a_form_without_its_token_is_refused(isla: FlaskClient, path: str) -> None:
    answer = isla.post(path, data={"comment_id": "c1"})
    assert (answer.status_code, "has expired" in answer.text) == (400, True)


def test_log_in_needs_a_token_too(client: FlaskClient) -> None:
    assert client.post("/review/login", data={"name": "isla", "password": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "guess"), [("isla", "wrong"), ("nobody", "wrong"), ("", ""), ("is\0la", "x" * 100_000)]
)
@pytest.mark.usefixtures("password")
def test_a_wrong_password_is_refused(client: FlaskClient, name: str, guess: str) -> None:
    answer = log_in(client, guess, name)
    assert (answer.status_code, "Wrong name or password" in answer.text) == (401, True)
    assert client.get("/review").status_code == 303


@pytest.fixture
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a brake hold for an hour: on a busy machine five seconds pass by themselves."""
    hour = timedelta(hours=1)
    for name in ("LOG_IN", "ACCOUNT"):
        monkeypatch.setattr(throttle, name, replace(getattr(throttle, name), first=hour, longest=hour))


@pytest.mark.usefixtures("password", "_patient")
def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    answers = [log_in(client, "guess") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 3000 < int(answers[-1].headers["Retry-After"]) <= 3600


@pytest.mark.usefixtures("_patient")
def test_nobody_locks_out_a_colleague_from_elsewhere(app: Flask, password: str) -> None:
    def attempt(address: str, guess: str) -> int:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return log_in(client, guess).status_code

    at_home = attempt("203.0.113.9", password)
    guesses = Counter(attempt("198.51.100.66", "guess") for _ in range(60))
    elsewhere = attempt("192.0.2.7", password)
    # Enough addresses hold up the name where it has never logged in, and only there.
    many = [attempt(f"198.51.100.{number // 5}", "guess") for number in range(60)]

    assert at_home == 303
    assert guesses == {401: 5, 429: 55}
    assert elsewhere == 303
    assert many == [401] * 50 + [429] * 10
    assert attempt("203.0.113.9", password) == 303
    assert attempt("192.0.2.7", password) == 303


@pytest.mark.usefixtures("password", "_patient")
def test_all_addresses_of_a_64_are_one(app: Flask) -> None:
    def attempt(address: str) -> int:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        return log_in(client, "guess").status_code

    assert [attempt(f"2001:db8:9::{number:x}") for number in range(6)] == [401] * 5 + [429]
    assert attempt("2001:db8:9:1::1") == 401
    assert [attempt(address) for address in ("::ffff:192.0.2.1", "::ffff:192.0.2.2")] == [401, 401]


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/review/comments/c1", "/review/comments/c1"),
        ("/review?about=insult", "/review?about=insult"),
        ("https://evil.example/review", "/review"),
        ("//evil.example/review", "/review"),
        ("/\\evil.example", "/review"),
        ("/review/\\evil", "/review"),
        ("javascript:alert(1)", "/review"),
        ("/v1/labels", "/review"),
        ("/reviewer", "/review"),
    ],
)
def test_log_in_leads_back_within_the_console_alone(
    client: FlaskClient, password: str, wanted: str, place: str
) -> None:
    csrf = token(client.get("/review/login"))
    form = {"csrf_token": csrf, "name": "isla", "password": password}
    answer = client.post("/review/login", query_string={"next": wanted}, data=form)
    assert (answer.status_code, answer.location) == (303, place)


def test_an_address_that_no_cookie_would_hold_leads_to_the_list(isla: FlaskClient) -> None:
    answer = isla.get("/review/login", query_string={"next": "/review?about=" + "x" * 5000})
    assert answer.location == "/review"


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(isla: FlaskClient) -> None:
    cookie = isla.get("/review").headers["Set-Cookie"]
    assert re.search(r"^belowline=.*HttpOnly.*SameSite=Lax", cookie)


def test_log_out(isla: FlaskClient) -> None:
    assert isla.post("/review/logout", data={"csrf_token": token(isla.get("/review"))}).status_code == 303
    assert isla.get("/review").location == "/review/login?next=/review"


def test_a_changed_password_ends_other_sessions(app: Flask, password: str) -> None:
    here, elsewhere = app.test_client(), app.test_client()
    for client in (here, elsewhere):
        log_in(client, password)
    post(here, "/review/password", old=password, new=PASSWORD, again=PASSWORD)
    assert here.get("/review").status_code == 200
    assert elsewhere.get("/review").status_code == 303
    assert log_in(elsewhere, PASSWORD).location == "/review"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"new": "short", "again": "short"}, "at least 10 characters"),
        ({"new": PASSWORD, "again": "another one"}, "two new passwords do not match"),
        ({"new": PASSWORD, "again": PASSWORD, "old": "wrong"}, "current password is wrong"),
    ],
)
def test_a_bad_new_password_is_refused(isla: FlaskClient, password: str, fields: dict[str, str], message: str) -> None:
    answer = post(isla, "/review/password", **{"old": password, **fields})
    assert (answer.status_code, message in answer.text) == (400, True)


@pytest.mark.usefixtures("password")
@pytest.mark.parametrize("cookie", ["1", "1.0000", "x.y", "", "x" * 5_000])
def test_a_made_up_session_lets_nobody_in(client: FlaskClient, cookie: str) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = cookie
    assert client.get("/review").status_code == 303


def test_a_copied_cookie_is_of_no_use_after_log_out(app: Flask, isla: FlaskClient) -> None:
    cookie = isla.get_cookie("belowline")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("belowline", cookie.value)
    assert thief.get("/review").status_code == 200
    isla.post("/review/logout", data={"csrf_token": token(isla.get("/review"))})

    assert thief.get("/review").status_code == 303


def test_log_out_everywhere_ends_all_of_one_s_own_sessions(
    app: Flask, password: str, db: Database, person: Callable[..., Any]
) -> None:
    here, elsewhere, callum = app.test_client(), app.test_client(), person("callum")
    for client in (here, elsewhere):
        log_in(client, password)
    here.post("/review/logout-everywhere", data={"csrf_token": token(here.get("/review"))})

    assert [client.get("/review").status_code for client in (here, elsewhere, callum.client)] == [303, 303, 200]
    with db.read() as session:
        assert [entry.what for entry in audit.latest(session, before=None, most=1)] == ["log-out.everywhere"]


def test_a_session_ends_after_a_week_whatever_happens(isla: FlaskClient, db: Database) -> None:
    def age(by: timedelta) -> None:
        with db.write() as session:
            session.execute(update(SessionRow).values(begun_at=datetime.now(UTC) - by))

    age(timedelta(days=7, seconds=-30))
    assert isla.get("/review").status_code == 200
    age(timedelta(days=7, seconds=1))
    assert isla.get("/review").status_code == 303


def test_a_session_ends_after_twelve_hours_without_a_click(isla: FlaskClient) -> None:
    cookie = isla.get("/review").headers["Set-Cookie"]
    expires = re.search(r"Expires=([^;]+)", cookie)
    assert expires is not None
    left = parsedate_to_datetime(expires[1]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=55) < left <= timedelta(hours=12)


def test_a_cookie_that_is_older_than_twelve_hours_is_not_taken(
    app: Flask, isla: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = isla.get_cookie("belowline")
    assert cookie is not None
    later = time.time() + 12 * 3600 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    late = app.test_client()
    late.set_cookie("belowline", cookie.value)

    assert late.get("/review").status_code == 303


@pytest.mark.parametrize(("scheme", "cookies"), [("https", 1), ("http", 0)])
def test_behind_tls_the_cookie_travels_over_tls_alone(app: Flask, password: str, scheme: str, cookies: int) -> None:
    client, base = app.test_client(), f"{scheme}://localhost"
    csrf = token(client.get("/review/login", base_url=base))
    form = {"csrf_token": csrf, "name": "isla", "password": password}
    # Over TLS, the page that a form came from is checked too.
    answer = client.post("/review/login", data=form, base_url=base, headers={"Referer": f"{base}/review/login"})

    assert (answer.status_code, answer.headers["Set-Cookie"].count("Secure")) == (303, cookies)


def test_a_password_of_an_earlier_version_still_works_and_is_hashed_anew(client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        create_user(session, "isla")
        session.execute(update(UserRow).values(password_hash=generate_password_hash(PASSWORD)))
    assert log_in(client, "wrong").status_code == 401
    assert log_in(client, PASSWORD).status_code == 303

    with db.read() as session:
        assert session.scalars(select(UserRow.password_hash)).one().startswith("$argon2id$")
    assert log_in(client.application.test_client(), PASSWORD).status_code == 303


@pytest.mark.usefixtures("_patient")
def test_guesses_count_in_every_process(app: Flask, password: str, scorer: Any) -> None:
    other = create_app({**app.config, "SCORER": scorer})
    answers = [log_in(process.test_client(), "guess").status_code for process in (app, other) * 3]
    right = log_in(other.test_client(), password)
    other.extensions["belowline.database"].close()

    assert answers == [401] * 5 + [429]
    assert right.status_code == 429


def test_log_ins_are_in_the_audit_without_what_was_typed(client: FlaskClient, password: str, db: Database) -> None:
    log_in(client, "a wrong password")
    log_in(client, "hunter2", name="my secret password")
    log_in(client, password)

    with db.read() as session:
        found = [(entry.who, entry.via, entry.what, entry.about) for entry in audit.entries(session)][1:]
    assert found == [
        ("isla", "console", "log-in.failed", None),
        ("nobody known", "console", "log-in.failed", None),
        ("isla", "console", "log-in", None),
    ]


def test_who_has_no_role_is_out_and_stays_out(isla: FlaskClient, password: str, db: Database) -> None:
    with db.write() as session:
        set_role(session, "isla", "none")

    assert isla.get("/review").status_code == 303
    assert log_in(isla.application.test_client(), password).status_code == 401


def test_a_new_role_holds_at_once(isla: FlaskClient, db: Database) -> None:
    assert isla.get("/review/audit").status_code == 403
    with db.write() as session:
        set_role(session, "isla", "lead")
    assert isla.get("/review/audit").status_code == 200


def test_a_password_that_was_reset_ends_the_sessions(isla: FlaskClient, password: str, db: Database) -> None:
    with db.write() as session:
        new = reset_password(session, "isla")
    client = isla.application.test_client()

    assert isla.get("/review").status_code == 303
    assert [log_in(client, word).status_code for word in (password, new)] == [401, 303]


def test_no_page_has_a_script_or_a_style_within(isla: FlaskClient) -> None:
    for path in ("/review", "/review/password", "/review/rules", "/review/login"):
        page = isla.get(path)
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page.text), path
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
