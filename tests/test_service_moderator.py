"""A moderator's day over real HTTP: the pages' own links and forms, nothing else.

The same in a real browser: tests/browser/console_in_chromium.py.
"""

import json
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from service.database import Database
from service.demo import load_demo

FLAGGED = "I know which street that councillor lives in."


class Page(HTMLParser):
    """What a person without JavaScript can do on a page: read it, follow a link, send a form."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.address = answer.url
        self.text = ""
        self.links: list[tuple[str, str]] = []
        self.forms: list[dict[str, Any]] = []
        self.articles: list[dict[str, Any]] = []
        self._in_link = False
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "article":
            self.articles.append({"text": "", "forms": [], "links": []})
        elif tag == "a":
            self.links.append((given.get("href", ""), ""))
            if self.articles:
                self.articles[-1]["links"].append(given.get("href", ""))
        elif tag == "form":
            self.forms.append({"action": given.get("action") or self.address, "fields": {}})
            if self.articles:
                self.articles[-1]["forms"].append(self.forms[-1])
        elif tag == "input" and self.forms and given.get("type") != "checkbox" and given.get("name"):
            self.forms[-1]["fields"][given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.articles:
            self.articles[-1]["text"] += data

    def article_with(self, words: str) -> dict[str, Any]:
        """Give the forms and links of the item that holds these words."""
        return next(article for article in self.articles if words in article["text"])

    def form_with(self, field: str) -> dict[str, Any]:
        """Give the form that has this field."""
        return next(form for form in self.forms if field in form["fields"])


class Person:
    """Somebody at a browser without JavaScript."""

    def __init__(self, session: requests.Session, address: str) -> None:
        self.session = session
        self.page = Page(session.get(address))

    def follow(self, link: str) -> None:
        """Click on a link."""
        self.page = Page(self.session.get(urljoin(self.page.address, link)))

    def send(self, form: dict[str, Any], **fields: str) -> None:
        """Fill in a form and send it."""
        address = urljoin(self.page.address, form["action"])
        answer = self.session.post(address, data={**form["fields"], **fields})
        assert answer.history[0].status_code == 303, answer.text
        self.page = Page(answer)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the app on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def person(address: str, store: Database, scorer: Any) -> Iterator[Person]:
    """Log somebody in, with the demo loaded."""
    loaded = load_demo(store, scorer)
    with requests.Session() as session:
        person = Person(session, f"{address}/review")
        form = person.page.form_with("password")
        person.send(form, name=loaded.moderator, password=str(loaded.password))
        yield person


def test_a_moderator_finds_opens_and_decides_a_flagged_comment(
    person: Person, address: str, reviewer: dict[str, str]
) -> None:
    item = person.page.article_with(FLAGGED)
    person.follow(item["links"][0])
    assert "Nobody has decided on it yet." in person.page.text
    person.send(person.page.form_with("seen"), remove="1")
    person.follow("/review")
    assert FLAGGED not in "".join(article["text"] for article in person.page.articles)
    with requests.get(f"{address}/v1/labels", headers=reviewer, timeout=10) as labels:
        assert [(row["comment_id"], row["label"]) for row in map(_json, labels.iter_lines())] == [
            ("demo-17", "removed")
        ]


def test_a_moderator_decides_on_one_after_the_other_and_takes_it_back(person: Person) -> None:
    person.follow("/review/next")
    first = person.page.form_with("seen")["fields"]["comment_id"]
    person.send(person.page.form_with("seen"), verdict="keep")
    assert "You kept the comment by" in " ".join(person.page.text.split())
    assert person.page.form_with("seen")["fields"]["comment_id"] != first
    person.send(person.page.form_with("decision"))
    assert "Your decision is taken back." in person.page.text
    assert person.page.form_with("seen")["fields"]["comment_id"] == first


def test_logged_out_nothing_is_left_to_see(person: Person, address: str) -> None:
    logout = next(form for form in person.page.forms if form["action"] == "/review/logout")
    person.send(logout)
    person.follow(f"{address}/review")
    assert "Log in" in person.page.text
    assert person.page.articles == []


def _json(line: bytes) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    return row
