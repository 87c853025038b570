"""Admins make, replace and revoke programs' keys; each is shown once."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.accounts.api_keys import find_key, list_keys
from service.storage import audit
from service.storage.database import Database


def shown(page: str) -> str:
    """Return the key that a page shows once."""
    (found,) = re.findall(r'<code class="digest" translate="no">([^<]+)</code>', page)
    return str(found)


def names_of(db: Database, *keys: str) -> list[str | None]:
    with db.read() as session:
        return [found.name if (found := find_key(session, key)) else None for key in keys]


def test_a_key_is_made_replaced_and_revoked(person: Callable[..., Any], db: Database) -> None:
    admin = person("callum", "admin")
    first = shown(admin.sends("/review/keys", name="cms", scope=["ingest", "review", "everything"]).text)
    with db.read() as session:
        assert [sorted(one.scopes) for one in list_keys(session)] == [["ingest", "review"]]
    second = shown(admin.sends("/review/keys/rotate", form="/review/keys", name="cms").text)
    assert names_of(db, first, second) == ["cms", "cms"]
    page = admin.reads("/review/keys").text
    assert (first in page, second in page, "the former key until" in page) == (False, False, True)
    admin.sends("/review/keys/revoke", form="/review/keys", name="cms")
    assert names_of(db, first, second) == [None, None]
    with db.read() as session:
        entries = [(one.what, one.who) for one in audit.entries(session) if one.about == "cms"]
    assert entries == [("key.create", "callum"), ("key.rotate", "callum"), ("key.revoke", "callum")]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": "cms"}, "Say what the key of &#39;cms&#39; is good for: score, ingest, review, admin."),
        ({"name": "cms", "scope": "everything"}, "Say what the key of &#39;cms&#39; is good for"),
        ({"name": " ", "scope": "score"}, "A name has 1 to 255 printable characters"),
        ({"name": "coral", "scope": "score"}, "There is already a key named &#39;coral&#39;."),
    ],
)
def test_what_makes_no_key(person: Callable[..., Any], db: Database, fields: dict[str, str], message: str) -> None:
    admin = person("callum", "admin")
    admin.sends("/review/keys", name="coral", scope="score")
    answer = admin.sends("/review/keys", **fields)

    assert (answer.status_code, message in answer.text) == (400, True)
    with db.read() as session:
        assert [one.name for one in list_keys(session)] == ["coral"]


def test_a_key_that_is_not_there_is_told(person: Callable[..., Any]) -> None:
    answer = person("callum", "admin").sends("/review/keys/revoke", form="/review/keys", name="cms")
    assert (answer.status_code, "There is no key named &#39;cms&#39;" in answer.text) == (404, True)
