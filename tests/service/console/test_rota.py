"""The rota's pages: leads change it, moderators see it; settings of the newsroom."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from service.accounts.users import create_user
from service.moderation.comments import lock_comment
from service.staffing.newsroom import find_newsroom
from service.staffing.rota import DAYS, Pattern
from service.staffing.rota_store import Entries, add_pattern, entries
from service.storage.database import Database
from service.storage.tables.comments import FlagRow
from service.triage.position import settle

OFFICE: dict[str, str | list[str]] = {
    "moderator": "isla",
    "day": ["mon", "tue", "wed", "thu", "fri"],
    "starts": "09:00",
    "ends": "18:00",
}


def logged_in(app: Flask, db: Database, name: str, role: str) -> FlaskClient:
    with db.write() as session:
        password = create_user(session, name, role)
    client = app.test_client()
    post(client, "/review/login", "/review/login", name=name, password=password)
    return client


def post(client: FlaskClient, page: str, address: str, **fields: str | list[str]) -> TestResponse:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found
    return client.post(address, data={"csrf_token": found[1], **fields})


@pytest.fixture
def lead(app: Flask, db: Database) -> FlaskClient:
    return logged_in(app, db, "mhairi", "lead")


@pytest.fixture
def isla(app: Flask, db: Database) -> FlaskClient:
    return logged_in(app, db, "isla", "moderator")


def test_a_lead_adds_a_weekly_shift_and_everybody_sees_it(lead: FlaskClient, isla: FlaskClient) -> None:
    answer = post(lead, "/review/rota", "/review/rota/shifts", **OFFICE)
    assert answer.location == "/review/rota"
    page = isla.get("/review/rota").text
    assert "isla, Monday, Tuesday, Wednesday, Thursday, Friday, 09:00 to 18:00" in page
    assert page.count("<bdi>isla</bdi> 09:00–18:00") == sum(
        day.weekday() < 5 and "bank" not in page_of(page, day) for day in days_from_today()
    )


def days_from_today() -> list[date]:
    today = datetime.now(find_newsroom("Europe/London", "none").zone).date()
    return [today + timedelta(days=number) for number in range(14)]


def page_of(page: str, day: date) -> str:
    """Return "bank" if the page names a holiday on this day."""
    found = re.search(rf'<th scope="row">{day:%a %-d %b}( <span)?', page)
    assert found
    return "bank" if found[1] else ""


def test_the_next_weeks_minutes_come_of_it(lead: FlaskClient, isla: FlaskClient) -> None:
    every_day = {**OFFICE, "day": ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]}
    assert "Nobody is on the rota" in isla.get("/review/rota").text
    post(lead, "/review/rota", "/review/rota/shifts", **every_day)
    page = isla.get("/review/rota").text
    assert "Nobody is on the rota" not in page
    assert "Not enough evidence" in page
    assert page.count("<td>540</td>") == 14


def test_a_day_off_is_added_and_removed(lead: FlaskClient, isla: FlaskClient, db: Database) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    change = {"moderator": "isla", "date": f"{tomorrow}", "kind": "off", "starts": "", "ends": ""}
    post(lead, "/review/rota", "/review/rota/changes", **change)
    with db.read() as session:
        ((number, found),) = entries(session).changes
    assert (found.day, found.starts) == (tomorrow, None)
    assert f"isla, {tomorrow:%A %-d %B %Y}: off" in isla.get("/review/rota").text
    post(lead, "/review/rota", "/review/rota/removals", what="change", number=str(number))
    with db.read() as session:
        assert entries(session).changes == ()


@pytest.mark.parametrize(
    ("address", "fields", "message"),
    [
        ("shifts", {**OFFICE, "day": []}, "Choose at least one day"),
        ("shifts", {**OFFICE, "day": ["noday"]}, "Choose at least one day"),
        ("shifts", {**OFFICE, "ends": "09:00"}, "cannot start and end at the same time"),
        ("shifts", {**OFFICE, "starts": "nine"}, "both times, such as 09:00 and 18:00; “nine” is not a time"),
        ("shifts", {**OFFICE, "moderator": "<b>nobody"}, "There is no moderator &#39;&lt;b&gt;nobody&#39;"),
        ("changes", {"moderator": "isla", "date": "soon"}, "a day, such as 2026-12-24; “soon” is not a date"),
        ("changes", {"moderator": "isla", "date": "2026-12-24", "kind": "extra"}, "Give both times"),
    ],
)
@pytest.mark.usefixtures("isla")
def test_a_mistake_is_told_and_changes_nothing(
    lead: FlaskClient, db: Database, address: str, fields: dict[str, str | list[str]], message: str
) -> None:
    answer = post(lead, "/review/rota", f"/review/rota/{address}", **fields)
    assert answer.status_code == 400
    assert message in answer.text
    with db.read() as session:
        assert entries(session) == Entries((), ())


@pytest.mark.parametrize("address", ["shifts", "changes", "removals"])
def test_moderators_do_not_change_the_rota(isla: FlaskClient, db: Database, address: str) -> None:
    answer = post(isla, "/review/password", f"/review/rota/{address}", **OFFICE, date="2026-12-24", number="1")
    assert answer.status_code == 403
    with db.read() as session:
        assert entries(session) == Entries((), ())


def test_what_is_not_on_the_rota_cannot_be_removed(lead: FlaskClient) -> None:
    answers = [
        post(lead, "/review/rota", "/review/rota/removals", what="shift", number=number)
        for number in ("1", "x", "-1", "9" * 30)
    ]
    assert [answer.status_code for answer in answers] == [404, 400, 400, 400]


def test_the_dawn_list_without_a_rota_and_with_one(lead: FlaskClient, isla: FlaskClient) -> None:
    assert "Nobody is on the rota" in isla.get("/review/dawn").text
    post(lead, "/review/rota", "/review/rota/shifts", **OFFICE)
    assert "Nothing is left from the night." in isla.get("/review/dawn").text


def test_the_list_says_how_much_of_what_waits_the_minutes_reach(
    app: Flask, lead: FlaskClient, isla: FlaskClient, client: FlaskClient, article: str
) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": "You are a stupid, disgusting idiot."})
    assert "there is time for" not in isla.get("/review").text
    # Round the clock, but for a minute in twelve hours' time; in a zone without nights of 23 hours.
    app.extensions["belowline.choices"].change({"timezone": "UTC"}, who="mhairi")
    starts = datetime.now(UTC) + timedelta(hours=12)
    times = {"starts": f"{starts:%H:%M}", "ends": f"{starts - timedelta(minutes=1):%H:%M}"}
    every_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"]
    post(lead, "/review/rota", "/review/rota/shifts", **{**OFFICE, "day": every_day, **times})
    assert re.search(rf"Until \w+, {starts:%H:%M} there is time for all of the safety stream", isla.get("/review").text)


def test_the_dawn_list_leads_to_what_the_night_left(
    app: Flask, isla: FlaskClient, db: Database, flag: Callable[..., None]
) -> None:
    flag("at night", author="Tam", attribute="threat")
    with db.write() as session:
        add_pattern(session, Pattern("isla", frozenset(DAYS), time(9), time(18)), who="isla")
        for row in session.scalars(select(FlagRow)):
            row.raised_at -= timedelta(days=2)
        settle(session, lock_comment(session, "at night"))
    page = isla.get("/review/dawn").text
    assert 'href="/review/comments/at%20night"' in page
    assert "Abuse" in page
    assert "w•••••" in page

    # Not here, either, is a blind item's score told.
    app.config["BLIND_SHARE"] = 1.0
    page = isla.get("/review/dawn").text
    assert "Blind sample" in page
    assert "Abuse" not in page


@pytest.mark.parametrize("address", ["/review/rota", "/review/dawn"])
def test_the_pages_are_behind_the_log_in_and_hold_no_inline_style(
    client: FlaskClient, lead: FlaskClient, address: str
) -> None:
    assert client.get(address).status_code == 303
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", lead.get(address).text)


@pytest.mark.parametrize(
    ("region", "name"),
    [("GB/Scotland", "Saint Andrew's Day"), ("GB/SCT", "Saint Andrew's Day"), ("GB/England", None), ("none", None)],
)
def test_bank_holidays_follow_the_setting(region: str, name: str | None) -> None:
    assert find_newsroom("Europe/London", region).holiday(date(2026, 11, 30)) == name
