"""A moderator's day over real HTTP: the pages' own links and forms, nothing else.

The same in a real browser, with its keys: tests/browser/console_in_chromium.py.
Where there is no browser, this is what tries the console, and the run says so.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask

from model.records import Span
from service.accounts.users import create_user
from service.cli.demo import load_demo
from service.moderation.comments import get_item
from service.storage.database import Database
from tests.served import PATIENCE

ATTACK = '<script>document.title = "owned"</script>"><img src=x onerror="document.title=1">\u202eevil' + "x" * 20_000
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
        self.tags: set[str] = set()
        self.scripts: list[str] = []
        #: Each key that is announced, and the one that the script looks for.
        self.keys: list[tuple[str, str]] = []
        #: Whether the marked words are shown.
        self.unmasked = False
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.add(tag)
        if tag == "script":
            self.scripts.append(given.get("src", "inline"))
        if "aria-keyshortcuts" in given:
            self.keys.append((given["aria-keyshortcuts"].split()[0], given.get("data-key", "")))
        if given.get("class") == "unmask" and "checked" in given:
            self.unmasked = True
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

    @property
    def words(self) -> str:
        """The text as it is read, without the source's line breaks."""
        return " ".join(self.text.split())

    def article_with(self, words: str) -> dict[str, Any]:
        """Return the forms and links of the item that holds these words."""
        return next(article for article in self.articles if words in article["text"])

    def form_with(self, field: str) -> dict[str, Any]:
        """Return the form that has this field."""
        return next(form for form in self.forms if field in form["fields"])


class Person:
    """Somebody at a browser without JavaScript."""

    def __init__(self, session: requests.Session, address: str) -> None:
        self.session = session
        self.page = Page(session.get(address))

    @property
    def item(self) -> str:
        """Return which item is open."""
        return str(self.page.form_with("seen")["fields"]["comment_id"])

    def follow(self, link: str) -> None:
        """Click on a link."""
        self.page = Page(self.session.get(urljoin(self.page.address, link)))

    def send(self, form: dict[str, Any], **fields: str) -> None:
        """Fill in a form and send it."""
        address = urljoin(self.page.address, form["action"])
        answer = self.session.post(address, data={**form["fields"], **fields})
        assert answer.history[:1] or answer.status_code == 409, answer.text
        self.page = Page(answer)


@pytest.fixture
def sits_down(app: Flask, db: Database, serve: Callable[[Flask], str]) -> Iterator[Callable[[str], Person]]:
    """Make a moderator and log them in, by the form that any page leads to."""
    address = serve(app)
    with ExitStack() as sessions:

        def start(name: str) -> Person:
            with db.write() as session:
                password = create_user(session, name, "moderator")
            person = Person(sessions.enter_context(requests.Session()), f"{address}/review")
            person.send(person.page.form_with("password"), name=name, password=password)
            return person

        yield start


@pytest.fixture
def three(flag: Callable[..., None]) -> None:
    """Store three items that wait."""
    flag("first", score=0.9)
    flag("second", score=0.8)
    flag("third", score=0.7)


def test_a_moderator_finds_opens_and_decides_a_flagged_comment(
    sits_down: Callable[[str], Person], db: Database, scorer: Any, reviewer: dict[str, str]
) -> None:
    load_demo(db, scorer)
    person = sits_down("isla")
    item = person.page.article_with(FLAGGED)
    person.follow(next(link for link in item["links"] if "/comments/" in link))
    assert "No decision yet." in person.page.text
    person.send(person.page.form_with("seen"), remove="1")
    person.follow("/review")
    assert FLAGGED not in "".join(article["text"] for article in person.page.articles)
    with requests.get(urljoin(person.page.address, "/v1/labels"), headers=reviewer, timeout=PATIENCE) as labels:
        assert [(row["comment_id"], row["label"]) for row in map(_json, labels.iter_lines())] == [
            ("demo-17", "removed")
        ]


@pytest.mark.usefixtures("three")
def test_a_moderator_decides_on_one_after_the_other_and_takes_it_back(sits_down: Callable[[str], Person]) -> None:
    person = sits_down("isla")
    person.follow("/review/next")
    assert person.item == "first"
    person.send(person.page.form_with("seen"), verdict="keep")
    assert "You kept the comment by" in person.page.words
    assert person.item == "second"
    person.send(person.page.form_with("decision"))
    assert "Decision undone." in person.page.words
    assert person.item == "first"


@pytest.mark.usefixtures("three")
def test_two_moderators_race_for_one_item(sits_down: Callable[[str], Person], db: Database) -> None:
    isla, rory = sits_down("isla"), sits_down("rory")
    isla.follow("/review/next")
    rory.follow("/review/next")
    assert (isla.item, rory.item) == ("first", "second")
    rory.follow("/review/comments/first")
    assert "isla has had this comment open since" in rory.page.words
    rory.send(rory.page.form_with("seen"), remove="1", note="He names the street.")
    assert "Your decision was not recorded" in rory.page.words
    rory.send(rory.page.form_with("seen"), remove="1")
    isla.send(isla.page.form_with("seen"), verdict="keep")
    assert "rory has since decided on it (remove)" in isla.page.words
    with db.read() as session:
        assert [(one.moderator, one.note) for one in get_item(session, "first").decisions] == [
            ("rory", "He names the street.")
        ]


@pytest.mark.usefixtures("three")
def test_a_readers_report_brings_back_what_was_kept(sits_down: Callable[[str], Person]) -> None:
    person = sits_down("isla")
    person.follow("/review/comments/first")
    person.send(person.page.form_with("seen"), verdict="keep")
    with requests.Session() as elsewhere:
        reader = Person(elsewhere, urljoin(person.page.address, "/report/first"))
        answer = elsewhere.post(
            reader.page.address, data={**reader.page.forms[0]["fields"], "reason": "threat", "note": "He means her."}
        )
    assert "Thank you" in answer.text
    person.follow("/review/comments/first")
    assert "Reported by 1 reader" in person.page.words
    assert "Kept by isla" in person.page.words
    assert "He means her." in person.page.words


@pytest.mark.usefixtures("three")
def test_words_are_masked_until_they_are_asked_for(sits_down: Callable[[str], Person]) -> None:
    person = sits_down("isla")
    person.follow("/review/comments/first")
    assert "w•••••" in person.page.text
    assert not person.page.unmasked
    person.follow("/review")
    person.send(person.page.form_with("back"), words="shown")
    person.follow("/review/comments/first")
    assert person.page.unmasked


def test_an_attack_is_shown_as_text(sits_down: Callable[[str], Person], flag: Callable[..., None]) -> None:
    flag("first", text=ATTACK, author="<u>x", spans=(Span(2, 9, "insult", 1.0),))
    person = sits_down("isla")
    for path in ("/review", "/review/comments/first", "/review/batch?author=<u>x"):
        person.follow(path)
        assert person.page.tags.isdisjoint({"img", "u"}), path
        assert person.page.scripts == ["/review/static/console.js"], path
    person.follow("/review/comments/first")
    assert ATTACK[9:] in person.page.text


@pytest.mark.usefixtures("three")
def test_every_key_that_a_page_promises_is_there_for_the_script(sits_down: Callable[[str], Person]) -> None:
    person = sits_down("isla")
    for path, keys in (("/review", set("nfe123456789/")), ("/review/next", set("cfesl123456789/"))):
        person.follow(path)
        # What has no element to be pressed is in the script itself.
        promised = {key for key, _ in person.page.keys} - {"w", "m"}
        assert promised == keys
        assert {(key, pressed) for key, pressed in person.page.keys if key in promised} == {(key, key) for key in keys}


def test_every_address_that_a_template_names_is_there(app: Flask) -> None:
    named = {
        name
        for file in Path(app.root_path, "templates").rglob("*.html")
        for name in re.findall(r"url_for\('([\w.]+)'", file.read_text(encoding="utf-8"))
    }
    assert named - app.view_functions.keys() == set()


def test_logged_out_nothing_is_left_to_see(sits_down: Callable[[str], Person], flag: Callable[..., None]) -> None:
    flag("first")
    person = sits_down("isla")
    logout = next(form for form in person.page.forms if form["action"] == "/review/logout")
    person.send(logout)
    person.follow("/review")
    assert "Log in" in person.page.text
    assert person.page.articles == []


def _json(line: bytes) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    return row
