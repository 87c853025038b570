"""The search page: from a form to items."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest


@pytest.fixture
def isla(person: Callable[..., Any], flag: Callable[..., None]) -> Any:
    """Log isla in, with two comments stored."""
    flag("c/1", text="What a numpty.", author="Zoë", posted_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    flag("c2", text="Shut the bridge.", author="Jo & Co", stream="random")
    return person("isla")


def ids(isla: Any, **fields: str) -> list[str]:
    page = isla.client.get("/review/search", query_string=fields)
    assert page.status_code == 200
    return [name for name in ("c/1", "c2") if f'href="/review/comments/{name}"' in page.text]


def test_whatever_is_found_leads_to_its_item(isla: Any) -> None:
    assert ids(isla, q="numpty") == ["c/1"]
    assert ids(isla, author="jo co") == ["c2"]
    assert ids(isla, article="bridge to close") == ["c/1", "c2"]
    assert ids(isla, id="c/1") == ["c/1"]
    assert ids(isla, verdict="none") == ["c/1", "c2"]
    isla.decides("c2", "keep")
    assert ids(isla, verdict="keep") == ["c2"]


def test_days_are_the_newsrooms(isla: Any) -> None:
    # Half past midnight of the first of July in London.
    assert ids(isla, **{"from": "2026-07-01", "to": "2026-07-01"}) == ["c/1"]
    assert ids(isla, **{"from": "2026-06-30", "to": "2026-06-30"}) == []


def test_nothing_is_listed_before_something_is_asked(isla: Any) -> None:
    assert ids(isla) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"from": "yesterday"}, "“yesterday” is not a day: write it as 2026-11-28."),
        ({"to": "29.11.2026"}, "“29.11.2026” is not a day: write it as 2026-11-28."),
        ({"from": "29/11/2026"}, "“29/11/2026” is not a day: write it as 2026-11-28."),
        ({"from": "2026-02-30"}, "“2026-02-30” is not a day: write it as 2026-11-28."),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "The last day, 2026-11-01, is before the first, 2026-11-02"),
        ({"verdict": "maybe"}, "There is no verdict “maybe”"),
        ({"q": "🖕 ?!"}, "Only words can be searched for"),
        ({"q": "%"}, "Only words can be searched for"),
    ],
)
def test_what_makes_no_sense_is_told_beside_the_form(isla: Any, fields: dict[str, str], sentence: str) -> None:
    page = isla.client.get("/review/search", query_string=fields)
    assert page.status_code == 200
    assert sentence in page.text


def test_more_is_shown_of_the_same_search(isla: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.console.finding.search.PAGE", 1)
    asked = {"article": "to close", "from": "2026-01-01", "verdict": "none"}
    first = isla.client.get("/review/search", query_string=asked).text
    (more,) = re.findall(r'href="([^"]*before=[^"]*)"', first)
    second = isla.client.get(unescape(more)).text

    assert ['href="/review/comments/c2"' in page for page in (first, second)] == [True, False]
    assert ['href="/review/comments/c/1"' in page for page in (first, second)] == [False, True]
    assert "before=" not in second
    assert 'value="2026-01-01"' in second


def test_what_was_typed_stands_in_the_form_and_is_escaped(isla: Any) -> None:
    page = isla.client.get("/review/search", query_string={"q": '"><b>\0'}).text
    assert 'value="&#34;&gt;&lt;b&gt;"' in page
    assert "No comment matches." in page


def test_only_moderators_search(client: Any) -> None:
    assert client.get("/review/search?q=numpty").location.startswith("/review/login")
