"""Below a path of somebody else's site, such as https://paper.example/mod/."""

import re
from collections.abc import Callable, Iterable
from html import unescape
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.accounts.users import create_user
from service.settings import SettingError
from tests.conftest import Person

PROXY = {"X-Forwarded-Host": "paper.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
#: Settings, what the proxy sends along, and what it leaves of the prefix.
WAYS = [
    ({"PROXIES": 1}, {**PROXY, "X-Forwarded-Prefix": "/mod"}, ""),
    ({"PROXIES": 1}, {**PROXY, "X-Forwarded-Prefix": "/mod/"}, "/mod"),
    ({"PROXIES": 1, "PUBLIC_URL": "https://paper.example/mod/"}, PROXY, ""),
    ({"PROXIES": 1, "PUBLIC_URL": "https://paper.example/mod"}, PROXY, "/mod"),
]
_ADDRESS = re.compile(r'(?:href|src|action|data-(?!key)\w+|formaction)="(/[^"]*)"')


class Browser(FlaskClient):
    """Asks as a browser does, which knows of https://paper.example/mod alone."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Ask, and say from where."""
        path, *rest = args
        origin = "https://paper.example"
        return super().open(path, *rest, headers={"Referer": origin + path}, base_url=origin, **kwargs)


@pytest.fixture(params=WAYS, ids=["header", "header, left on", "setting", "setting, left on"])
def app(request: pytest.FixtureRequest, at: Callable[..., Flask]) -> Flask:
    """Return the service below /mod, with a proxy before it."""
    settings, headers, left = request.param
    app: Flask = at(**settings)
    served = app.wsgi_app

    def proxy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = environ["PATH_INFO"]
        assert asked == "/mod" or asked.startswith("/mod/"), f"{asked} is not Belowline's"
        environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        environ |= {"PATH_INFO": left + asked.removeprefix("/mod"), "wsgi.url_scheme": "http"}
        return served(environ, start_response)

    app.wsgi_app = proxy  # type: ignore[method-assign]
    app.test_client_class = Browser
    return app


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    # Slow by intent: here it would only be slow.
    monkeypatch.setattr("service.accounts.passwords._HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def log_in(app: Flask, wanted: str) -> tuple[Person, TestResponse]:
    """Log anna in, who wants to see a page."""
    with app.extensions["belowline.database"].write() as session:
        password = create_user(session, "anna", "admin")
    anna = Person(app.test_client())
    return anna, anna.sends(f"/mod/review/login?next={wanted}", name="anna", password=password)


def test_redirects_and_links_stay_below_the_prefix(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/mod/").headers["Location"] == "/mod/review"
    assert (
        client.get("/mod/review/rota?week=2").headers["Location"] == "/mod/review/login?next=/mod/review/rota?week%3D2"
    )
    for path in ("/mod/review/login", "/mod/report/unknown", "/mod/docs", "/mod/review/nothing"):
        page = client.get(path)
        links = list(map(unescape, _ADDRESS.findall(page.text)))
        for link in links:
            assert link.startswith("/mod/"), path
        if path == "/mod/review/login":
            assert [client.get(link, buffered=True).status_code for link in links] == [200, 200, 200, 303, 200]


def test_a_moderator_works_below_the_prefix(app: Flask) -> None:
    anna, entered = log_in(app, wanted="/mod/review/rota")

    assert (entered.status_code, entered.headers["Location"]) == (303, "/mod/review/rota")
    assert "Path=/mod" in entered.headers["Set-Cookie"]
    for path in ("", "/rota", "/rules", "/numbers", "/audit"):
        page = anna.reads(f"/mod/review{path}")
        assert page.status_code == 200
        links = list(map(unescape, _ADDRESS.findall(page.text)))
        assert links
        for link in links:
            assert link.startswith("/mod/"), link
    shown = anna.sends("/mod/review/words", "/mod/review", words="shown", back="/mod/review/rota")
    assert shown.headers["Location"] == "/mod/review/rota"


def test_the_description_of_the_api_says_where_it_is(app: Flask) -> None:
    client = app.test_client()

    for _ in range(2):
        assert client.get("/mod/openapi.json").get_json()["servers"] == [{"url": "/mod"}]
    assert 'href="/mod/openapi.json"' in client.get("/mod/docs").text
    # What the page's script asks for is beside the page.
    assert 'url: "openapi.json"' in client.get("/mod/docs/static/docs.js", buffered=True).text


def test_the_discovery_document_leads_below_the_prefix(app: Flask) -> None:
    document = app.test_client().get("/mod/$discovery/rest?version=v1alpha1").get_json()

    assert document["rootUrl"] == "https://paper.example/mod/"


@pytest.mark.parametrize(
    ("settings", "prefix"),
    [
        # Nobody but a proxy that is counted may say it.
        ({}, "/mod"),
        ({"PROXIES": 2}, "/mod"),
        ({"PROXIES": 1}, ""),
        ({"PROXIES": 1}, "/"),
        ({"PROXIES": 1}, "//evil.example"),
        ({"PROXIES": 1}, "/mod/../review"),
        ({"PROXIES": 1}, "https://evil.example"),
        ({"PROXIES": 1}, '/"><script>'),
        ({"PROXIES": 1}, "/mod, "),
    ],
)
def test_what_is_no_prefix_changes_nothing(at: Callable[..., Flask], settings: dict[str, int], prefix: str) -> None:
    answer = at(**settings).test_client().get("/review", headers={"X-Forwarded-Prefix": prefix})

    assert answer.headers["Location"] == "/review/login?next=/review"


def test_of_several_entries_the_counted_proxy_s_is_taken(at: Callable[..., Flask]) -> None:
    client = at(PROXIES=1).test_client()

    answer = client.get("/review", headers={"X-Forwarded-Prefix": "/evil, /mod"})

    assert answer.headers["Location"] == "/mod/review/login?next=/mod/review"


def test_a_prefix_that_is_called_like_a_page_must_be_cut_off(at: Callable[..., Flask]) -> None:
    client = at(PUBLIC_URL="https://paper.example/review/").test_client()

    assert client.get("/review").headers["Location"] == "/review/review/login?next=/review/review"
    assert client.get("/review/login").status_code == 200


def test_whoever_goes_round_the_proxy_is_served_too(at: Callable[..., Flask]) -> None:
    client = at(PUBLIC_URL="https://paper.example/mod/").test_client()

    assert client.get("/readyz").status_code == 200
    assert client.get("/modern").status_code == 404
    assert client.get("/review").headers["Location"].startswith("/mod/review/login")
    assert client.get("/mod/review/login").status_code == 200


def test_without_a_prefix_the_api_is_at_the_root(at: Callable[..., Flask]) -> None:
    client = at().test_client()

    assert client.get("/openapi.json").get_json()["servers"] == [{"url": "/"}]


@pytest.mark.parametrize("away", ["/review", "//evil.example/mod/review", "/modern/review", "/mod/../review", "/mod"])
def test_a_way_back_stays_below_the_prefix(at: Callable[..., Flask], away: str) -> None:
    _, entered = log_in(at(PUBLIC_URL="https://paper.example/mod/"), away)

    assert entered.headers["Location"] == "/mod/review"


@pytest.mark.parametrize(
    "address",
    ["paper.example", "https://", "ftp://paper.example", "https://paper.example/a b", "https://paper.example//mod",
     "https://paper.example/mod?x=1", "https://paper.example/../mod", "https://me@paper.example/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_at_the_start(at: Callable[..., Flask], address: str) -> None:
    with pytest.raises(SettingError, match=r"BELOWLINE_PUBLIC_URL is .*: write it as https://belowline.example/"):
        at(PUBLIC_URL=address)
