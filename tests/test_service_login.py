"""Who may come into the console, and how."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.database import Database
from service.people import create_user

PASSWORD = "dreich harbour wall"


@pytest.fixture
def password(store: Database) -> str:
    """Make the moderator isla and give her password."""
    with store.write() as session:
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
        ("POST", "/review/words"),
        ("GET", "/review/password"),
        ("POST", "/review/password"),
        ("POST", "/review/logout"),
    ],
)
def test_every_page_asks_for_log_in(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/review/login")


def test_the_table_above_names_every_page(app: Flask) -> None:
    ours = {str(rule) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("console.")}
    assert ours == {
        "/review",
        "/review/comments/<path:comment_id>",
        "/review/<path:_rest>",
        "/review/decisions",
        "/review/undo",
        "/review/words",
        "/review/password",
        "/review/logout",
        # open to everybody
        "/review/login",
        "/review/static/<path:filename>",
    }


@pytest.mark.parametrize(
    "path", ["/review/decisions", "/review/undo", "/review/words", "/review/password", "/review/logout"]
)
def test_a_form_without_its_token_is_refused(isla: FlaskClient, path: str) -> None:
    answer = isla.post(path, data={"comment_id": "c1"})
    assert (answer.status_code, "too old" in answer.text) == (400, True)


def test_log_in_needs_a_token_too(client: FlaskClient) -> None:
    assert client.post("/review/login", data={"name": "isla", "password": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "guess"), [("isla", "wrong"), ("nobody", "wrong"), ("", ""), ("is\0la", "x" * 100_000)]
)
@pytest.mark.usefixtures("password")
def test_a_wrong_password_is_refused(client: FlaskClient, name: str, guess: str) -> None:
    answer = log_in(client, guess, name)
    assert (answer.status_code, "do not match" in answer.text) == (401, True)
    assert client.get("/review").status_code == 303


@pytest.mark.usefixtures("password")
def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    answers = [log_in(client, "guess") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].headers["Retry-After"] == "5"


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
        ({"new": PASSWORD, "again": "another one"}, "two new passwords differ"),
        ({"new": PASSWORD, "again": PASSWORD, "old": "wrong"}, "present password is not right"),
    ],
)
def test_a_bad_new_password_is_refused(isla: FlaskClient, password: str, fields: dict[str, str], message: str) -> None:
    answer = post(isla, "/review/password", **{"old": password, **fields})
    assert (answer.status_code, message in answer.text) == (400, True)


@pytest.mark.usefixtures("password")
@pytest.mark.parametrize("cookie", ["1", "1.0000", "x.y", ""])
def test_a_made_up_session_lets_nobody_in(client: FlaskClient, cookie: str) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = cookie
    assert client.get("/review").status_code == 303
