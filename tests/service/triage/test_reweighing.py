"""What thousands of reporters cost those who call meanwhile, and what becomes of it beside the requests."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import thread_time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.items import MOST_REPORTS
from service.storage.tables.comments import CommentRow, ReporterRow, ReportRow, ReweighRow
from service.triage.brigades import brigades
from service.triage.credibility import MOST_LOOKED_AT
from service.triage.reweighing import regroup, reweigh

REPORTERS, COMMENTS = 400, 12
TEXT = "I do not agree with that."


@pytest.fixture
def brigade(client: FlaskClient, article: str, db: Database) -> list[str]:
    """Let each of many readers report each of some comments, and give the comments."""
    names = [f"c{number:02}" for number in range(COMMENTS)]
    for name in names:
        client.post("/v1/comments", json={"id": name, "article_id": article, "text": TEXT})
    now = datetime.now(UTC)
    reports = [
        {"comment_id": name, "reporter": f"b{number:04}", "reason": "insult", "created_at": now, "revision": 1}
        for number in range(REPORTERS)
        for name in names
    ]
    with db.write() as session:
        session.execute(insert(ReportRow), reports)
    return names


def decide(db: Database, comment_id: str, verdict: Any) -> None:
    with db.write() as session:
        add_decision(session, comment_id, NewDecision(verdict=verdict, moderator="isla"))


def test_a_report_a_decision_and_the_queue_take_no_longer_for_a_brigade(
    client: FlaskClient, db: Database, brigade: list[str]
) -> None:
    def seconds(act: Callable[[str], object]) -> float:
        # Of this thread's own work, and the least of three: neither what else the machine does
        # makes a difference, nor what Python clears away just then.
        took = []
        for name in brigade[:3]:
            begun = thread_time()
            act(name)
            took.append(thread_time() - begun)
        return min(took)

    def report(name: str) -> None:
        with db.write() as session:
            add_report(session, name, reporter="somebody new", reason="insult")

    took = [seconds(report), seconds(lambda name: decide(db, name, "keep")), seconds(lambda _: client.get("/v1/flags"))]

    assert max(took) < 0.1, took


def test_what_a_decision_tells_of_a_brigade_is_known_soon_in_short_steps(db: Database, brigade: list[str]) -> None:
    with db.write() as session:
        add_report(session, brigade[1], reporter="somebody new", reason="insult")
    decide(db, brigade[0], "keep")
    with db.read() as session:
        assert session.scalar(select(ReporterRow.name).limit(1)) is None
    steps = sum(1 for _ in reweigh(db))

    assert steps > REPORTERS / 100 + COMMENTS / 3 - 1
    with db.read() as session:
        assert session.get_one(ReporterRow, "b0000").known == {"insult": [COMMENTS, 0.0, pytest.approx(1, abs=0.01)]}
        assert session.scalar(select(ReweighRow.id).limit(1)) is None


def test_a_brigade_counts_as_one_reader_once_it_is_found(db: Database, brigade: list[str]) -> None:
    with db.write() as session:
        add_report(session, brigade[0], reporter="b9999", reason="insult")
    with db.read() as session:
        before = get_item(session, brigade[0]).rank
    for _ in regroup(db):
        pass

    with db.read() as session:
        after = get_item(session, brigade[0]).rank
        blocs = Counter(session.scalars(select(ReporterRow.bloc)))
    assert [before, after] == pytest.approx([0.3 * 6, 0.3 * 3])
    assert list(blocs.values()) == [REPORTERS]


def test_who_stays_in_a_group_is_not_written_anew(db: Database, brigade: list[str]) -> None:
    first = sum(1 for _ in regroup(db))
    with db.write() as session:
        for name in brigade:
            add_report(session, name, reporter="one more", reason="insult")
    second = sum(1 for _ in regroup(db))

    assert second < first
    with db.read() as session:
        assert len(set(session.scalars(select(ReporterRow.bloc)))) == 1


def test_work_that_a_killed_process_held_is_done_after_its_lease(db: Database, brigade: list[str]) -> None:
    decide(db, brigade[0], "keep")
    next(reweigh(db))
    assert list(reweigh(db)) == []
    with db.write() as session:
        for row in session.scalars(select(ReweighRow)):
            row.held_until = datetime.now(UTC) - timedelta(seconds=1)

    assert list(reweigh(db))


def test_an_item_shows_its_latest_reports_and_counts_the_others(
    client: FlaskClient, brigade: list[str], db: Database
) -> None:
    with db.write() as session:
        last = add_report(session, brigade[0], reporter="the last", reason="hate")
    (item,) = (one for one in client.get("/v1/flags").get_json()["items"] if one["id"] == brigade[0])

    assert (len(item["reports"]), item["report_count"]) == (MOST_REPORTS, REPORTERS + 1)
    assert item["reports"][-1]["id"] == last.id
    assert item["reports"] == sorted(item["reports"], key=lambda report: report["id"])


def test_a_flood_does_not_push_out_those_who_reported_first(db: Database, client: FlaskClient, article: str) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": TEXT})
    with db.write() as session:
        for number in range(5):
            add_report(session, "c1", reporter=f"honest {number}", reason="insult")
    flood = [
        {"comment_id": "c1", "reporter": f"web-{0:08}-{number:016}", "reason": "spam", "revision": 1}
        for number in range(3 * MOST_LOOKED_AT)
    ]
    with db.write() as session:
        session.execute(insert(ReportRow), [{**report, "created_at": datetime.now(UTC)} for report in flood])
        add_report(session, "c1", reporter="the last", reason="insult")

    with db.read() as session:
        assert session.get_one(CommentRow, "c1").rank == pytest.approx(0.3 * 6)


def test_what_was_kept_comes_back_if_more_speak_of_a_new_reason_than_are_looked_at(
    db: Database, client: FlaskClient, article: str
) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": TEXT})
    decide(db, "c1", "keep")
    with db.write() as session:
        session.add_all(
            ReporterRow(name=f"r{n}", known={"x": [9, 0, 9]}, sent=9, at=datetime.now(UTC)) for n in range(300)
        )
        states = []
        for number in range(MOST_LOOKED_AT):
            add_report(session, "c1", reporter=f"r{number}", reason="x")
            states.append(session.get_one(CommentRow, "c1").state)

    assert states == ["decided"] * (MOST_LOOKED_AT - 1) + ["open"]


def test_thousands_who_report_almost_the_same_are_one_group() -> None:
    reported = {f"b{n:04}": {f"c{m}" for m in range(100) if (7 * n + m) % 10} for n in range(2000)}
    others = {f"h{n}": {f"c{n}", f"d{n}", f"e{n}"} for n in range(100)}

    assert brigades(reported | others) == (frozenset(reported),)


@pytest.mark.usefixtures("brigade")
def test_a_long_group_is_cut_on_the_lead_s_page(app: Flask, person: Callable[..., Any]) -> None:
    for _ in regroup(app.extensions["belowline.database"]):
        pass
    page = person("mhairi", "lead").reads("/review/reporters").text

    assert f"{REPORTERS} readers: <bdi>b0000</bdi>" in page
    assert f"and {REPORTERS - 50} more" in page
