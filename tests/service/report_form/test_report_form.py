"""Readers' reports: by a program, and by the form that a newspaper shows."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from service import create_app
from service.accounts import throttle
from service.settings import SettingError
from service.storage.database import Database
from service.storage.tables.comments import ReportRow
from service.triage.reweighing import reweigh

FIREFOX = {"User-Agent": "Mozilla/5.0 Firefox/140"}


@pytest.fixture
def comment(client: FlaskClient, article: str) -> str:
    """Store a comment that no score flags."""
    client.post("/v1/comments", json={"id": "c 1/ä", "article_id": article, "text": "The bus is never on time."})
    return "c 1/ä"


def fields(page: TestResponse) -> dict[str, str]:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found, page.text
    return {"token": html.unescape(found[1])}


def send(client: FlaskClient, comment: str, reason: str = "insult", note: str = "", **how: Any) -> TestResponse:
    """Open the form and send it."""
    page = client.get(f"/report/{comment}", **how)
    return client.post(f"/report/{comment}", data={**fields(page), "reason": reason, "note": note}, **how)


def stored(db: Database) -> list[tuple[str, str | None]]:
    with db.read() as session:
        return [(row.reason, row.note) for row in session.scalars(select(ReportRow).order_by(ReportRow.id))]


def state(client: FlaskClient, comment: str) -> Any:
    return client.get(f"/v1/comments/{comment}").get_json()["state"]


def test_a_reader_reports_by_the_form(client: FlaskClient, comment: str, db: Database) -> None:
    answer = send(client, comment, "hate", "It is about my neighbours.")

    assert (answer.status_code, "a person will look" in answer.text) == (201, True)
    assert stored(db) == [("hate", "It is about my neighbours.")]
    assert state(client, comment) == "open"


def test_the_form_needs_neither_cookie_nor_script(client: FlaskClient, comment: str) -> None:
    page = client.get(f"/report/{comment}")

    assert "Set-Cookie" not in page.headers
    # Its script is for the page around it.
    assert re.findall("<script[^>]*>", page.text) == ['<script src="/review/static/report.js" defer>']
    assert client.get("/review/static/report.js", buffered=True).status_code == 200
    assert page.text.count('type="radio"') == 9


def test_the_form_does_not_show_the_comment(client: FlaskClient, comment: str) -> None:
    assert "bus" not in client.get(f"/report/{comment}").text


def test_it_is_not_framed_unless_a_site_is_named(client: FlaskClient, comment: str) -> None:
    headers = client.get(f"/report/{comment}").headers

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def test_a_named_site_may_frame_it_and_nothing_else(
    tmp_path: Path, scorer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELOWLINE_FRAME_ANCESTORS", "https://www.paper.example https://*.paper.example:8443")
    app = create_app({"DATABASE": f"sqlite:///{tmp_path / 'b.db'}", "SCORER": scorer, "SECRET_KEY": "x"})
    form, console = (app.test_client().get(path).headers for path in ("/report/unknown", "/review/login"))
    app.extensions["belowline.database"].close()

    assert "frame-ancestors https://www.paper.example https://*.paper.example:8443" in form["Content-Security-Policy"]
    assert "X-Frame-Options" not in form
    assert "frame-ancestors 'none'" in console["Content-Security-Policy"]
    assert console["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("site", ["paper.example", "https://paper.example; script-src *", "https://paper.example/path"])
def test_what_is_no_site_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, site: str) -> None:
    monkeypatch.setenv("BELOWLINE_FRAME_ANCESTORS", site)

    with pytest.raises(SettingError, match="is not a site"):
        create_app({})


@pytest.mark.parametrize("token", ["", "made.up.token", None])
def test_without_a_token_of_ours_nothing_is_stored(
    client: FlaskClient, comment: str, db: Database, token: str | None
) -> None:
    data = {"reason": "insult", "note": "Look at this."} | ({"token": token} if token is not None else {})
    answer = client.post(f"/report/{comment}", data=data)

    assert (answer.status_code, "send it again" in answer.text, stored(db)) == (400, True, [])
    # what was written is still there
    assert "Look at this." in answer.text
    assert 'value="insult" required checked' in answer.text


def test_another_site_s_token_is_of_no_use_in_a_reader_s_browser(
    client: FlaskClient, comment: str, db: Database
) -> None:
    theirs = fields(client.get(f"/report/{comment}", environ_base={"REMOTE_ADDR": "203.0.113.66"}))
    answer = client.post(f"/report/{comment}", data={**theirs, "reason": "insult"})

    assert (answer.status_code, stored(db)) == (400, [])


def test_a_token_is_good_for_one_comment(client: FlaskClient, comment: str, article: str, db: Database) -> None:
    client.post("/v1/comments", json={"id": "c2", "article_id": article, "text": "The tram is."})
    answer = client.post("/report/c2", data={**fields(client.get(f"/report/{comment}")), "reason": "insult"})

    assert (answer.status_code, stored(db)) == (400, [])


@pytest.mark.parametrize("reason", ["", "rudeness", "<script>"])
def test_a_reason_is_one_of_the_list(client: FlaskClient, comment: str, db: Database, reason: str) -> None:
    answer = send(client, comment, reason)

    assert (answer.status_code, "Please choose" in answer.text, stored(db)) == (400, True, [])


def test_a_note_is_cut_and_shown_as_text(client: FlaskClient, comment: str, db: Database) -> None:
    send(client, comment, "other", "<b>\0" + "x" * 2000)

    assert stored(db) == [("other", "<b>" + "x" * 997)]


@pytest.mark.usefixtures("article")
@pytest.mark.parametrize("comment_id", ["unknown", "c%00"])
def test_a_comment_that_is_not_there_is_told(client: FlaskClient, comment_id: str) -> None:
    answer = client.get(f"/report/{comment_id}")

    assert (answer.status_code, "Comment not found" in answer.text) == (404, True)


def test_a_repeat_changes_nothing_and_is_acknowledged(client: FlaskClient, comment: str, db: Database) -> None:
    assert [send(client, comment, reason).status_code for reason in ("insult", "spam")] == [201, 201]
    assert stored(db) == [("insult", None)]


@pytest.mark.parametrize(
    ("addresses", "reports"),
    [
        (["192.0.2.1"] * 3, 1),
        (["2001:db8:9::1", "2001:db8:9::2", "2001:db8:9:0:ffff::"], 1),
        (["192.0.2.1", "::ffff:192.0.2.1"], 1),
        (["192.0.2.1", "192.0.2.2", "2001:db8:9::1", "2001:db8:9:1::1"], 4),
    ],
)
def test_a_reader_is_an_address_and_nothing_that_they_choose(
    client: FlaskClient, comment: str, db: Database, addresses: list[str], reports: int
) -> None:
    for number, address in enumerate(addresses):
        send(client, comment, headers={"User-Agent": str(number)}, environ_base={"REMOTE_ADDR": address})

    assert len(stored(db)) == reports


@pytest.mark.parametrize(
    "addresses",
    [
        ["192.0.2.1"] * 10,
        [f"192.0.2.{number}" for number in range(10)],
        [f"2001:db8:9:{number:x}::1" for number in range(10)],
        [address for number in range(5) for address in (f"192.0.2.{number}", f"2001:db8:9:{number:x}::1")],
        [f"192.0.{number}.1" for number in range(10)],
    ],
)
def test_ten_reports_by_the_form_do_not_outrank_a_threat_wherever_they_come_from(
    client: FlaskClient, comment: str, addresses: list[str]
) -> None:
    client.post("/v1/comments", json={"id": "bad", "article_id": "a1", "text": "I will kill you, you filthy rat."})
    for number, address in enumerate(addresses):
        send(client, comment, headers={"User-Agent": str(number)}, environ_base={"REMOTE_ADDR": address})

    assert [item["id"] for item in client.get("/v1/flags").get_json()["items"]] == ["bad", comment]


@pytest.mark.parametrize(
    ("addresses", "readers"),
    [
        ([f"192.0.2.{number}" for number in range(6)], 1 / 4),
        ([f"192.0.{number // 6}.{number}" for number in range(18)], 2 / 4),
        ([f"2001:db8:{number // 2}:{number:x}::1" for number in range(14)], 3 / 4),
    ],
)
def test_a_network_is_a_quarter_of_a_reader_and_each_doubling_of_networks_another(
    client: FlaskClient, comment: str, addresses: list[str], readers: float
) -> None:
    for address in addresses:
        send(client, comment, environ_base={"REMOTE_ADDR": address})

    ranks = {item["id"]: item["rank"] for item in client.get("/v1/flags").get_json()["items"]}

    assert ranks[comment] == pytest.approx(0.3 * (1 + readers))


def test_one_reader_whom_the_newspaper_knows_weighs_more_than_ten_networks(client: FlaskClient, comment: str) -> None:
    client.post("/v1/comments", json={"id": "known", "article_id": "a1", "text": "The bridge is a bridge."})
    client.post("/v1/reports", json={"comment_id": "known", "reporter": "r1", "reason": "insult"})
    for number in range(10):
        send(client, comment, environ_base={"REMOTE_ADDR": f"192.0.{number}.1"})

    assert [item["id"] for item in client.get("/v1/flags").get_json()["items"]] == ["known", comment]


def test_a_program_s_repeat_gives_the_first_report_back(client: FlaskClient, comment: str, db: Database) -> None:
    report = {"comment_id": comment, "reporter": "r1", "reason": "insult", "note": "first"}
    first = client.post("/v1/reports", json=report)
    again = client.post("/v1/reports", json={**report, "reason": "spam", "note": "second"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert stored(db) == [("insult", "first")]


def test_a_report_on_what_was_kept_comes_back_but_the_same_reader_s_does_not(
    client: FlaskClient, comment: str, reviewer: dict[str, str]
) -> None:
    def report(reporter: str, reason: str = "insult") -> None:
        client.post("/v1/reports", json={"comment_id": comment, "reporter": reporter, "reason": reason})

    report("r1")
    body = {"verdict": "keep", "moderator": "isla"}
    assert client.post(f"/v1/comments/{comment}/decisions", json=body, headers=reviewer).status_code == 201
    assert state(client, comment) == "decided"
    report("r1")
    assert state(client, comment) == "decided"
    report("r2", "threat")
    assert state(client, comment) == "open"


def test_what_was_kept_comes_back_once_for_each_new_reason(
    client: FlaskClient, comment: str, reviewer: dict[str, str], db: Database
) -> None:
    def reported(reporter: str, reason: str) -> Any:
        client.post("/v1/reports", json={"comment_id": comment, "reporter": reporter, "reason": reason})
        return state(client, comment)

    def keep() -> None:
        body = {"verdict": "keep", "moderator": "isla"}
        client.post(f"/v1/comments/{comment}/decisions", json=body, headers=reviewer)

    reported("r1", "insult")
    keep()
    assert [reported(f"same {number}", "insult") for number in range(3)] == ["decided"] * 3
    assert [reported("r2", "hate"), reported("r3", "hate")] == ["open", "open"]
    keep()
    assert [reported("r4", "hate"), reported("r5", "insult"), reported("r6", "threat")] == ["decided"] * 2 + ["open"]
    # None is forgotten.
    assert len(stored(db)) == 9


def test_who_was_never_right_brings_nothing_back_that_was_kept(
    client: FlaskClient, article: str, reviewer: dict[str, str], db: Database
) -> None:
    body = {"verdict": "keep", "moderator": "isla"}

    def reported(comment_id: str, reporter: str) -> Any:
        client.post("/v1/reports", json={"comment_id": comment_id, "reporter": reporter, "reason": "insult"})
        return state(client, comment_id)

    for number in range(5):
        comment = {"id": f"c{number}", "article_id": article, "text": "The bus is never on time."}
        client.post("/v1/comments", json=comment)
        # New comments of theirs reach a person all the same.
        assert reported(f"c{number}", "crank") == "open"
        client.post(f"/v1/comments/c{number}/decisions", json=body, headers=reviewer)
    client.post("/v1/comments", json={"id": "kept", "article_id": article, "text": "The bus is never on time."})
    client.post("/v1/reports", json={"comment_id": "kept", "reporter": "r1", "reason": "spam"})
    client.post("/v1/comments/kept/decisions", json=body, headers=reviewer)
    for _ in reweigh(db):
        pass

    assert reported("kept", "crank") == "decided"
    assert reported("kept", "somebody new") == "open"


def test_the_same_reader_may_report_what_its_author_has_edited(
    client: FlaskClient, article: str, comment: str, reviewer: dict[str, str]
) -> None:
    report = {"comment_id": comment, "reporter": "r1", "reason": "insult"}
    client.post("/v1/reports", json=report)
    body = {"verdict": "keep", "moderator": "isla"}
    client.post(f"/v1/comments/{comment}/decisions", json=body, headers=reviewer)
    client.post("/v1/comments", json={"id": comment, "article_id": article, "text": "The bus is late again."})
    client.post("/v1/reports", json=report)

    assert state(client, comment) == "open"


def test_one_address_is_slowed_down_and_others_are_not(
    client: FlaskClient, article: str, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine half a minute passes by itself.
    monkeypatch.setattr(throttle, "REPORT", replace(throttle.REPORT, first=timedelta(minutes=30)))
    for number in range(12):
        body = {"id": f"c{number}", "article_id": article, "text": "The bus is never on time."}
        client.post("/v1/comments", json=body)
    answers = [send(client, f"c{number}", "spam", f"note {number}") for number in range(11)]
    elsewhere = send(client, "c11", environ_base={"REMOTE_ADDR": "198.51.100.4"})

    assert [answer.status_code for answer in answers] == [201] * 10 + [429]
    assert 1500 < int(answers[-1].headers["Retry-After"]) <= 1800
    assert "note 10" in answers[-1].text
    assert elsewhere.status_code == 201
    assert len(stored(db)) == 11


@pytest.mark.parametrize(("proxies", "readers"), [("0", 1), ("1", 2)])
def test_behind_a_proxy_readers_are_told_apart_if_it_is_named(
    tmp_path: Path, scorer: Any, monkeypatch: pytest.MonkeyPatch, proxies: str, readers: int
) -> None:
    monkeypatch.setenv("BELOWLINE_PROXIES", proxies)
    config = {"DATABASE": f"sqlite:///{tmp_path / 'b.db'}", "SCORER": scorer, "SECRET_KEY": "x", "KEYS_REQUIRED": False}
    app: Flask = create_app(config)
    client, db = app.test_client(), app.extensions["belowline.database"]
    client.put("/v1/articles/a1", json={"title": "Buses"})
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": "The bus is never on time."})
    for address in ("203.0.113.1", "203.0.113.2"):
        # What the reader says of themselves stands before what the proxy adds.
        send(client, "c1", headers={"X-Forwarded-For": f"192.0.2.9, {address}"})

    assert len(stored(db)) == readers
    db.close()
