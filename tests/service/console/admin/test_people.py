"""Admins let people in, give them a role and a password, and shut them out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from service.accounts.users import check_password, list_accounts
from service.storage import audit
from service.storage.database import Database
from tests.conftest import Person


def shown(page: str) -> str:
    """Return the secret that a page shows once."""
    (found,) = re.findall(r'<code class="digest" translate="no">([^<]+)</code>', page)
    return str(found)


def roles(db: Database) -> dict[str, str]:
    with db.read() as session:
        return {one.name: one.role for one in list_accounts(session)}


def test_an_admin_invites_somebody_who_then_logs_in(person: Callable[..., Any], app: Flask, db: Database) -> None:
    admin = person("callum", "admin")
    invited = admin.sends("/review/people", name=" mhairi ", role="lead")
    password = shown(invited.text)

    assert Person(app.test_client()).sends("/review/login", name="mhairi", password=password).status_code == 303
    assert password not in admin.reads("/review/people").text
    with db.read() as session:
        (entry,) = (one for one in audit.entries(session) if one.about == "mhairi")
    assert (entry.what, entry.who, entry.why, entry.via) == ("user.create", "callum", "lead", "console")


def test_a_new_role_or_none_and_a_new_password(person: Callable[..., Any], db: Database) -> None:
    admin, isla = person("callum", "admin"), person("isla")
    form = {"form": "/review/people", "name": "isla"}
    admin.sends("/review/people/role", role="lead", **form)
    assert roles(db)["isla"] == "lead"
    password = shown(admin.sends("/review/people/password", **form).text)
    with db.read() as session:
        assert check_password(session, "isla", password)
    admin.sends("/review/people/role", role="none", **form)
    assert roles(db)["isla"] == "none"
    assert isla.reads("/review").status_code == 303


@pytest.mark.parametrize(
    ("name", "role", "message"),
    [
        ("isla", "moderator", "There is already a moderator &#39;isla&#39;."),
        ("", "moderator", "A name has 1 to 255 printable characters"),
        ("is\nla", "moderator", "A name has 1 to 255 printable characters"),
        ("rory", "none", "Belowline refused the request (HTTP 400). Nothing was recorded."),
        ("rory", "king", "Belowline refused the request (HTTP 400). Nothing was recorded."),
    ],
)
def test_who_cannot_be_invited(person: Callable[..., Any], db: Database, name: str, role: str, message: str) -> None:
    admin = person("callum", "admin")
    person("isla")
    answer = admin.sends("/review/people", name=name, role=role)

    assert (answer.status_code, message in answer.text) == (400, True)
    assert roles(db) == {"callum": "admin", "isla": "moderator"}


@pytest.mark.parametrize("path", ["role", "password"])
def test_nobody_shuts_themselves_out(person: Callable[..., Any], db: Database, path: str) -> None:
    answer = person("callum", "admin").sends(
        f"/review/people/{path}", form="/review/people", name="callum", role="none"
    )

    assert (answer.status_code, "That is your own account" in answer.text) == (400, True)
    assert roles(db) == {"callum": "admin"}


@pytest.mark.parametrize("role", ["moderator", "lead"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
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
    ],
)
def test_it_is_for_admins_alone(person: Callable[..., Any], role: str, method: str, path: str) -> None:
    isla = person("isla", role)
    answer = isla.reads(path) if method == "GET" else isla.sends(path, form="/review", name="isla", number="1")
    assert (answer.status_code, "Not open to your role" in answer.text) == (403, True)


def test_a_form_without_its_token_is_refused(person: Callable[..., Any], db: Database) -> None:
    admin = person("callum", "admin")
    for path in (
        "people",
        "people/role",
        "people/password",
        "keys",
        "keys/rotate",
        "webhooks",
        "webhooks/test",
        "settings",
    ):
        assert admin.client.post(f"/review/{path}", data={"name": "rory", "role": "admin"}).status_code == 400
    assert roles(db) == {"callum": "admin"}
