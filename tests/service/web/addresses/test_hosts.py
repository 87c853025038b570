"""Which names the service answers to."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.web.addresses.hosts import LOCAL, host_name

ROUTES = [
    "/",
    "/review",
    "/review/login",
    "/review/nothing",
    "/report/c1",
    "/healthz",
    "/docs",
    "/v1/flags",
    "/nothing",
]


@pytest.fixture
def here(at: Callable[..., Flask]) -> FlaskClient:
    """Return the service as `serve` has it on this machine's own address."""
    return at(HOSTS=[*LOCAL], KEYS_REQUIRED=False).test_client()


@pytest.mark.parametrize(
    "host",
    ["belowline.local", "evil.example:8000", "localhost.evil.example", "[::2]:8000", "a b", "x@localhost", "[::1"],
)
def test_an_unknown_name_is_told_so_everywhere(here: FlaskClient, host: str) -> None:
    for route in ROUTES:
        answer = here.get(route, headers={"Host": host})

        assert answer.status_code == 400, route
        # Readers are told less.
        told = ("does not answer to the name", "BELOWLINE_PUBLIC_URL")
        assert all(word in answer.text for word in told) == (not route.startswith("/report"))
        is_page = route.startswith(("/review", "/report"))
        assert answer.mimetype == ("text/html" if is_page else "application/problem+json")


def test_a_page_names_the_unknown_name_in_the_browser_s_language(here: FlaskClient) -> None:
    answer = here.get("/review", headers={"Host": "paper.example", "Accept-Language": "de"})

    assert "Auf den Namen „paper.example“ hört Belowline nicht" in answer.text


@pytest.mark.parametrize("host", ["a..b", ".", f"{'x' * 64}.example", "x" * 300])
@pytest.mark.parametrize("hosts", [None, [*LOCAL]], ids=["at any name", "at its own"])
def test_what_cannot_be_a_name_is_a_bad_request_everywhere(
    at: Callable[..., Flask], host: str, hosts: list[str] | None
) -> None:
    client = at(HOSTS=hosts, KEYS_REQUIRED=False).test_client()

    statuses = {route: client.get(route, headers={"Host": host}).status_code for route in ROUTES}

    assert statuses == dict.fromkeys(ROUTES, 400)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:8213", "[::1]", "[::1]:8213", "[0:0:0:0:0:0:0:1]:80"],
)
def test_this_machine_s_own_names_are_known(here: FlaskClient, host: str) -> None:
    assert [here.get(route, headers={"Host": host}).status_code for route in ("/docs", "/v1/flags")] == [200, 200]


def test_the_public_address_makes_its_name_known_and_asks_for_keys_there(at: Callable[..., Flask]) -> None:
    app = at(HOSTS=[*LOCAL], KEYS_REQUIRED=False, PUBLIC_URL="https://Talk.paper.example:8443/")
    public, here = ({"Host": host} for host in ("talk.paper.example:8443", "localhost"))
    client = app.test_client()

    assert client.get("/review/login", headers=public).status_code == 200
    assert [client.get("/v1/flags", headers=headers).status_code for headers in (public, here)] == [401, 200]
    assert client.get("/review/login", headers={"Host": "paper.example"}).status_code == 400


def test_this_machine_s_name_as_public_address_asks_for_none(at: Callable[..., Flask]) -> None:
    client = at(HOSTS=[*LOCAL], KEYS_REQUIRED=False, PUBLIC_URL="http://localhost:8000/").test_client()

    assert client.get("/v1/flags", headers={"Host": "localhost:8000"}).status_code == 200


def test_where_keys_are_needed_any_name_will_do(at: Callable[..., Flask]) -> None:
    client = at().test_client()

    for host in ("whatever.example", "a_b.example", "[::1", "a b", ""):
        for route in ("/review/login", "/report/c1", "/docs", "/openapi.json", "/v1alpha1/nothing"):
            assert client.get(route, headers={"Host": host}).status_code in {200, 404}, (host, route)
    bare = client.get("/")
    assert (bare.status_code, bare.headers["Location"]) == (303, "/review")


@pytest.mark.parametrize(
    ("authority", "name"),
    [
        ("localhost:8000", "localhost"),
        ("Paper.Example.", "paper.example"),
        ("::1", "::1"),
        ("[::1]:8213", "::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("[2001:DB8::0]", "2001:db8::"),
        (".rest.akismet.com", ".rest.akismet.com"),
        ("", ""),
    ],
)
def test_each_host_is_written_one_way(authority: str, name: str) -> None:
    assert host_name(authority) == name
