"""Pages in German over HTTP: their words, plurals, dates and numbers, and whatever others wrote kept as it is."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from service.moderation.reports import add_report
from service.storage.database import Database
from service.wording import dates


@pytest.fixture
def isla(app: Flask, person: Callable[..., Any], flag: Callable[..., None]) -> Any:
    """Log in an admin whose browser asks for German; comments wait, and one is decided."""
    app.extensions["belowline.choices"].change({"timezone": "Europe/Berlin"}, who="callum")
    flag("c1", author="Tam", posted_at=datetime(2026, 3, 5, 9, 5, tzinfo=UTC))
    flag("c2", author="Tam", posted_at=datetime(2026, 7, 5, 9, 5, tzinfo=UTC))
    isla = person("isla", "admin")
    isla.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    isla.decides("c2", "2", note="Muss weg.")
    return isla


def words_of(page: str) -> str:
    """Return the words of a page as they are read."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def test_the_item_page_names_what_there_is_to_do(isla: Any) -> None:
    words = words_of(isla.reads("/review/comments/c1").text)

    for said in (
        "Kommentar von Tam",
        "Stehen lassen",
        "An die Leitung",
        "Überspringen",
        "Ändern …",
        "Zu Bridge to close",
    ):
        assert said in words


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "nothing", "Seite nicht gefunden Vielleicht ist die Adresse unvollständig. Es ist nichts verloren."),
        ("PUT", "lead", "Belowline hat die Anfrage abgewiesen (HTTP 405). Es wurde nichts gespeichert."),
    ],
)
def test_a_page_that_answers_no_request_says_so_in_german(isla: Any, method: str, path: str, said: str) -> None:
    page = isla.client.open(f"/review/{path}", method=method)

    assert said in words_of(page.text.partition("<main")[2])


def test_a_refused_form_is_told_of_in_german(isla: Any) -> None:
    page = isla.sends("/review/people", name="rory", role="king")

    assert "Belowline hat die Anfrage abgewiesen (HTTP 400). Es wurde nichts gespeichert." in words_of(page.text)


def test_a_number_has_its_plural(isla: Any, db: Database) -> None:
    one = words_of(isla.reads("/review/comments/c1").text)
    with db.write() as session:
        for reporter in ("Ada", "Bea"):
            add_report(session, "c1", reporter=reporter, reason="insult")
    two = words_of(isla.reads("/review/comments/c1").text)
    with db.write() as session:
        add_report(session, "c2", reporter="Ada", reason="insult")
    single = words_of(isla.reads("/review/comments/c2").text)

    assert "gemeldet" not in one
    assert "Von 2 Personen gemeldet" in two
    assert "Von 1 Person gemeldet" in single
    assert "Er beleidigt oder mobbt jemanden , gemeldet von Ada" in two


def test_dates_are_german_and_by_the_newsrooms_clock(isla: Any) -> None:
    assert "5. März 2026, 10:05 MEZ" in words_of(isla.reads("/review/comments/c1").text)
    assert "5. Juli 2026, 11:05 MESZ" in words_of(isla.reads("/review/comments/c2").text)


def test_what_others_wrote_is_escaped_in_every_language(person: Callable[..., Any], flag: Callable[..., None]) -> None:
    hostile = '<script>alert(1)</script> %(name)s %s {{ 7 * 7 }} "><b>'
    flag("c1", author=hostile)
    isla = person("isla", "lead")

    for language in ("de", "en"):
        isla.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        for path in ("/review", "/review/comments/c1", "/review/amend/c1", "/review/search?author=%3Cb%3E"):
            page = isla.reads(path).text
            assert "<script>alert" not in page
            assert "<b>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; %(name)s %s {{ 7 * 7 }}" in page_of(isla, "/review/comments/c1")


def page_of(somebody: Any, path: str) -> str:
    text: str = somebody.reads(path).text
    return text


@pytest.mark.parametrize(
    ("write", "in_english", "in_german"),
    [
        (lambda: dates.number(1234.5, 1), "1,234.5", "1.234,5"),
        (lambda: dates.number(1, 2), "1.00", "1,00"),
        (lambda: dates.number(0.25, None), "0.25", "0,25"),
        # As Python rounds it: in binary it is a little less.
        (lambda: dates.number(0.35, 1), "0.3", "0,3"),
        (lambda: dates.percent(0.976, 1), "97.6%", "97,6\xa0%"),
        (lambda: dates.day(datetime(2026, 3, 5, tzinfo=UTC)), "5 March 2026", "5. März 2026"),
        (lambda: dates.weekday(date(2026, 9, 7)), "Mon 7 Sep", "Mo., 7. Sept."),
        (
            lambda: dates.long_weekday(date(2026, 9, 7)),
            "Monday 7 September 2026",
            "Montag, 7. September 2026",
        ),
        (lambda: dates.duration(7200), "2.0 h", "2,0 h"),
    ],
)
def test_dates_and_numbers_follow_the_language(
    app: Flask, write: Callable[[], str], in_english: str, in_german: str
) -> None:
    written = {}
    for language in ("en", "de"):
        with app.test_request_context("/review", headers={"Accept-Language": language}):
            written[language] = write()

    assert written == {"en": in_english, "de": in_german}


@pytest.mark.parametrize(
    ("span", "in_english", "in_german"),
    [
        (timedelta(seconds=30), "less than a minute", "weniger als 1 min"),
        (timedelta(minutes=5), "5 min", "5 min"),
        (timedelta(days=2, hours=3, minutes=9), "2 d 3 h", "2 d 3 h"),
    ],
)
def test_a_span_of_time_has_its_two_largest_units(app: Flask, span: timedelta, in_english: str, in_german: str) -> None:
    now = datetime(2026, 3, 5, tzinfo=UTC)
    for language, said in (("en", in_english), ("de", in_german)):
        with app.test_request_context("/review", headers={"Accept-Language": language}):
            assert dates.ago(now - span, now) == said
