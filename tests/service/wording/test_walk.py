"""A walk through the console in German over HTTP: no page, and no answer to a form, holds English of ours."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import service
from service.moderation.rules import Rule, change_rules
from service.storage.database import Database

ARTICLE = {"title": "Brücke wird gesperrt", "body": "Der Rat stimmt ab.", "section": "Lokales"}
TEXTS = {
    "c1": "You utter idiot.",
    "c2": "You stupid moron.",
    "c3": "Die Brücke sollte offen bleiben, finde ich, und zwar für alle, die hier wohnen und arbeiten.",
    "c4": "Idiots, all of them.",
    "c5": "\u200bShut up, you moron.",
}
PAGES = (
    *("", "?state=escalated", "?state=decided", "?stream=safety", "?about=insult&watched=yes", "?author=Nobody"),
    *("/comments/c1", "/comments/c2", "/comments/c3", "/comments/c5", "/amend/c1", "/amend/c3"),
    *("/batch?author=Tam", "/batch?author=Nobody", "/batch?thread=c1", "/articles", "/articles?q=zzz"),
    *("/articles/bridge", "/articles/other", "/authors/Tam", "/authors/Ada", "/search", "/search?q=idiot"),
    *(
        "/search?q=zzz",
        "/search?from=gestern",
        "/search?verdict=vielleicht",
        "/history",
        "/history?who=*&overruled=yes",
    ),
    *("/history?who=rory", "/history?from=gestern", "/numbers", "/numbers?from=2026-01-01&to=2026-01-02", "/password"),
    *("/lead", "/escalations", "/rules", "/rules?version=9", "/rules/change", "/rota", "/dawn", "/reporters", "/drift"),
    *("/shadow", "/audit", "/audit?who=niemand", "/settings", "/people", "/keys", "/webhooks", "/erase"),
    *("/erase?author=Tam", "/erase?author=niemand", "/comments/none", "/articles/none", "/nothing", "/decisions"),
)
#: Roles as the audit has them, and how keys and accounts are told to a program.
STORED = {"moderator", "lead", "admin"}
#: They answer with no page of ours, or with a page that is in the walk.
NO_PAGE = {
    *("static", "audit.export", "escalations.open_next", "item.next_item", "queue.counts"),
    *("oidc.go_to_provider", "oidc.come_back"),
}


@pytest.fixture
def isla(client: FlaskClient, db: Database, person: Callable[..., Any]) -> Any:
    """Log in an admin whose browser asks for German, at a newsroom that has comments, reports and a court case."""
    now = datetime.now(UTC)
    client.put("/v1/articles/bridge", json={**ARTICLE, "published_at": (now - timedelta(days=2)).isoformat()})
    client.put("/v1/articles/other", json={"title": "Etwas anderes", "body": "Nichts."})
    for number, (comment_id, text) in enumerate(TEXTS.items()):
        comment = {"id": comment_id, "article_id": "bridge", "author": "Tam", "text": text}
        posted = (now - timedelta(hours=30 - number)).isoformat()
        parent = {"parent_id": "c1"} if comment_id == "c2" else {}
        assert client.post("/v1/comments", json={**comment, **parent, "posted_at": posted}).status_code == 201
    with db.write() as session:
        rules = [Rule(number, f"Regel Nummer {number}", "So nicht.", ("insult",)) for number in ("1", "2")]
        change_rules(session, rules, who="callum", instead_of=1)
    isla = person("isla", "admin")
    isla.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    return isla


def work(isla: Any, rory: Any) -> Iterator[tuple[str, TestResponse]]:
    """Send each form once; yield its name, and the page that it leads to."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    article = {"form": "/review/articles", "article_id": "bridge", "back": "/review/articles"}
    shift = {"moderator": "isla", "day": ["mon", "sun"], "starts": "09:00", "ends": "18:00"}
    forms: list[tuple[str, dict[str, Any]]] = [
        ("articles", {**article, "mark": "watched", "on": "yes"}),
        ("articles", {**article, "mark": "court_case", "on": "yes", "jurisdiction": "Bayern", "until": tomorrow}),
        ("author-notes", {"form": "/review/authors/Tam", "author": "Tam", "note": "Schon öfter."}),
        ("keys", {"name": "cms", "scope": ["score", "ingest"]}),
        ("keys", {"name": "cms", "scope": "score"}),
        ("webhooks", {"url": "http://127.0.0.1:9/hooks", "event": ["flag.created"], "internal": "yes"}),
        ("webhooks", {"url": "hooks", "event": ["flag.created"]}),
        ("webhooks/test", {"form": "/review/webhooks", "number": "1"}),
        ("people", {"name": "isla", "role": "lead"}),
        ("people", {"name": "mo", "role": "lead"}),
        ("people/role", {"form": "/review/people", "name": "mo", "role": "moderator"}),
        ("people/password", {"form": "/review/people", "name": "mo"}),
        ("rota/shifts", {"form": "/review/rota", **shift}),
        ("rota/shifts", {"form": "/review/rota", **shift, "starts": "neun"}),
        ("rota/changes", {"form": "/review/rota", "moderator": "isla", "date": tomorrow, "kind": "off"}),
        ("settings", {"slurs": "shown"}),
        ("settings", {"timezone": "Mars"}),
        ("password", {"current": "falsch", "new": "neu", "again": "neu"}),
        ("erase", {"author": "Tam", "found": "something else"}),
    ]
    for name, fields in forms:
        yield name, followed(isla, isla.sends(f"/review/{name}", **fields))
    for name, page in (
        ("escalate, to say why", isla.presses(isla.opens("c4"), "escalate", note="")),
        ("escalate", rory.decides("c4", "escalate", note="Bitte ansehen.")),
        ("keep", isla.decides("c3", "keep")),
        ("remove", rory.decides("c2", "2", note="Muss weg.")),
        ("overrule", isla.decides("c2", "keep")),
        ("skip", isla.decides("c1", "skip")),
        ("no such rule", isla.presses(isla.opens("c1"), "99")),
    ):
        yield name, followed(isla, page)


def followed(somebody: Any, page: TestResponse) -> TestResponse:
    """Return what a browser ends up with."""
    while page.status_code in (302, 303):
        page = somebody.reads(page.location)
    return page


def test_no_page_and_no_answer_to_a_form_holds_english(
    isla: Any, person: Callable[..., Any], client: FlaskClient
) -> None:
    report = {"headers": {"Accept-Language": "de"}}
    rory = person("rory")
    rory.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    token = re.search(r'name="token" value="([^"]+)"', client.get("/report/c1", **report).text)
    assert token
    sent = {"token": token[1], "reason": "insult"}
    seen = {
        "report": client.get("/report/c1", **report),
        "report, no reason": client.post("/report/c1", data={"token": token[1]}, **report),
        "report, sent": client.post("/report/c1", data=sent, **report),
        "report, no comment": client.get("/report/none", **report),
        "log in": client.get("/review/login", **report),
        "before any work": isla.reads("/review"),
    }
    seen |= {f"{number}: {name}": page for number, (name, page) in enumerate(work(isla, rory))}
    seen |= {f"/review{path}": isla.reads(f"/review{path}") for path in PAGES}
    seen |= {f"rory: /review{path}": rory.reads(f"/review{path}") for path in ("", "/rota", "/numbers", "/keys")}

    assert {name: english for name, page in seen.items() if (english := english_on(page.text))} == {}
    assert {name: page.status_code for name, page in seen.items() if page.status_code >= 500} == {}
    assert [name for name, page in seen.items() if '<html lang="de">' not in page.text] == []


def test_the_walk_leaves_no_page_out(app: Flask) -> None:
    addresses = app.url_map.bind("localhost")
    walked = {addresses.match(f"/review{path.partition('?')[0]}")[0] for path in PAGES if path != "/decisions"}
    pages = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "console." in rule.endpoint
    }

    assert pages - walked == {"console.login.form"} | {f"console.{name}" for name in NO_PAGE}


def english_on(page: str) -> set[str]:
    """Return what a page says in English of ours: a few words anywhere, or a single word by itself."""
    page = re.sub(r"<(script|style|textarea).*?</\1>", "", page, flags=re.DOTALL)
    read_out = re.findall(
        r'(?:aria-label|title|placeholder|alt|data-no-rule|data-none-chosen|data-blind|data-label)="([^"]*)"', page
    )
    texts = [" ".join(unescape(text).split()) for text in (*re.split(r"<[^>]*>", page), *read_out)]
    several, single = english()
    words = {
        said for said in several if any(re.search(rf"\b{re.escape(said)}\b", text) for text in texts if said in text)
    }
    return words | single & set(texts)


@cache
def english() -> tuple[set[str], set[str]]:
    """Return the English in the catalogue, without what is put in: pieces of some words, and single words."""
    with (Path(service.__file__).parent / "translations/de/LC_MESSAGES/messages.po").open("rb") as file:
        found = [message for message in read_po(file) if message.id]
    ours = {piece for message in found for piece in pieces(message.id)}
    # Some words are the same in both.
    left = ours - STORED - {piece for message in found for piece in pieces(message.string)}
    return {piece for piece in left if " " in piece}, {piece for piece in left if " " not in piece}


def pieces(forms: str | Iterable[str] | None) -> list[str]:
    cut = re.split(r"%\(\w+\)[rs]|%%|<[^>]*>", forms if isinstance(forms, str) else "%%".join(forms or ()))
    return [piece for one in cut if re.search(r"[A-Za-z]{3}", piece := one.strip(" ,.:;()"))]
