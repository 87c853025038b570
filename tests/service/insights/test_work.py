"""The honest numbers against invented weeks with known truth; what moderators did; the page."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.records import Article
from service.accounts.users import create_user
from service.insights.coverage import Draw, Errors, Seen, Strata, Stratum, what_is_seen
from service.insights.estimates import Estimate, NotEnough
from service.insights.queries import Made, Period, ReportWait, read_answers, read_decisions, read_strata
from service.insights.work import Agreement, Anchoring, work_of
from service.moderation.articles import save_article
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, DecisionRow, FlagRow, ReportRow

NOW = datetime.now(UTC)
WEEK = Period(NOW - timedelta(days=7), NOW + timedelta(minutes=1))
RIGHT = Errors()
INSULT: list[dict[str, Any]] = [
    {"attribute": "insult", "score": 0.9, "threshold": 0.5, "sentence": "Reads as an insult.", "spans": []}
]
COURT: list[dict[str, Any]] = [
    {"attribute": None, "score": None, "threshold": None, "sentence": "A court case.", "spans": []}
]


# A week with known truth


class Invented:
    """A week of 21,000 comments, 3 % of them breaches; a scorer that flags half of those; a random draw."""

    def __init__(self, seed: int, errors: Errors = RIGHT, waiting: int = 0) -> None:
        chance = np.random.default_rng(seed)
        n = 21_000
        breach = chance.random(n) < 0.03
        flagged = np.where(breach, chance.random(n) < 0.5, chance.random(n) < 0.012)
        # By night half as many are drawn.
        probability = np.where(np.arange(n) % 3 == 0, 0.02, 0.04)
        drawn = ~flagged & (chance.random(n) < probability)
        removed = np.where(breach, chance.random(n) >= errors.kept, chance.random(n) < errors.removed)
        waits = flagged & (np.cumsum(flagged) > flagged.sum() - waiting)
        decided = flagged & ~waits
        self.strata = Strata(
            comments=n,
            asked={
                "machine": Stratum(int((decided & removed).sum()), int((decided & ~removed).sum()), int(waits.sum()))
            },
            found=Stratum(0, 0, 0),
            rest=int((~flagged).sum()),
            draws=tuple(Draw(float(p), bool(r)) for p, r in zip(probability[drawn], removed[drawn], strict=True)),
        )
        self.breaches = int(breach.sum())
        self.recall = float((decided & breach & removed).sum() / breach.sum())
        self.missed = int((breach & ~flagged).sum())
        self.false_discovery = float((flagged & ~breach).sum() / flagged.sum())
        self.false_positive = float((flagged & ~breach).sum() / (~breach).sum())


@pytest.mark.parametrize(
    ("errors", "waiting"),
    [
        pytest.param(Errors(), 0, id="moderators are right"),
        pytest.param(Errors(), 60, id="some flags still wait"),
        pytest.param(Errors(kept=0.1, removed=0.01), 0, id="moderators err, and it is known how often"),
    ],
)
def test_the_intervals_hold_the_truth_in_95_of_100_weeks(errors: Errors, waiting: int) -> None:
    repetitions = 300
    names = ("breaches", "recall", "missed", "false_discovery", "false_positive")
    held = dict.fromkeys(names, 0)
    middle: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for seed in range(repetitions):
        week = Invented(seed, errors, waiting)
        seen = what_is_seen(week.strata, errors)
        for name in names:
            estimate, truth = getattr(seen, name), getattr(week, name)
            assert isinstance(estimate, Estimate)
            held[name] += estimate.low <= truth <= estimate.high
            middle[name].append((estimate.value, truth))
    # Fewer than 272 of 300 come of chance less than once in a thousand, if 95 % is true.
    assert {name: count for name, count in held.items() if count < 272} == {}
    for name in ("breaches", "missed", "false_discovery", "false_positive"):
        found, truth = np.mean(middle[name], axis=0)
        assert found == pytest.approx(truth, rel=0.05)


def test_errors_that_nobody_corrects_for_mislead() -> None:
    errors = Errors(kept=0.1, removed=0.01)
    weeks = [Invented(seed, errors) for seed in range(50)]
    held = 0
    for week in weeks:
        estimate = what_is_seen(week.strata).breaches
        assert isinstance(estimate, Estimate)
        held += estimate.low <= week.breaches <= estimate.high
    assert held < 45


@pytest.mark.parametrize(
    ("draws", "flags", "expected"),
    [
        pytest.param(99, 30, {"breaches": 1, "recall": 1, "missed": 1, "false_positive": 1}, id="a draw is lacking"),
        pytest.param(100, 29, {"false_discovery": 1, "false_positive": 1}, id="a flag is lacking"),
        pytest.param(100, 30, {}, id="just enough"),
    ],
)
def test_too_few_say_so_and_how_many_are_lacking(draws: int, flags: int, expected: dict[str, int]) -> None:
    strata = Strata(
        10_000, {"machine": Stratum(10, flags - 10, 0)}, Stratum(0, 0, 0), 9_000, (Draw(0.05, False),) * draws
    )
    seen = what_is_seen(strata)
    names = Seen.__slots__
    lacking = {name: getattr(seen, name) for name in names if isinstance(getattr(seen, name), NotEnough)}
    assert {name: found.lacking for name, found in lacking.items()} == expected


def test_a_draw_that_still_waits_is_no_evidence() -> None:
    strata = Strata(10_000, {}, Stratum(0, 0, 0), 10_000, (Draw(0.05, False),) * 99 + (Draw(0.05, None),) * 50)
    assert what_is_seen(strata).breaches == NotEnough(99, 100)


# The same from the database


def comment(db: Database, comment_id: str, *flags: tuple[str, list[Any]], posted_at: datetime = NOW) -> None:
    with db.write() as session:
        session.add(
            CommentRow(
                id=comment_id, article_id="bridge", text="Text.", revision=1, posted_at=posted_at, received_at=NOW
            )
        )
        session.flush()
        for stream, reasons in flags:
            session.add(
                FlagRow(
                    comment_id=comment_id,
                    revision=1,
                    reasons=reasons,
                    stream=stream,
                    rank=0.5,
                    probability=0.05 if stream == "random" else 1.0,
                    raised_at=posted_at,
                    bundle_version="b1",
                )
            )


def decide(db: Database, comment_id: str, verdict: str, moderator: str = "isla", **fields: Any) -> int:
    with db.write() as session:
        given = {"attributes": {}, "decided_at": NOW, "last_flag": 0, "last_report": 0, "revision": 1, **fields}
        row = DecisionRow(comment_id=comment_id, verdict=verdict, moderator=moderator, **given)
        session.add(row)
        session.flush()
        return row.id


@pytest.fixture
def bridge(db: Database) -> None:
    with db.write() as session:
        save_article(session, Article(id="bridge", title="Bridge to close"))


@pytest.mark.usefixtures("bridge")
def test_comments_are_sorted_by_who_asked_for_a_look(db: Database) -> None:
    comment(db, "flagged", ("safety", INSULT))
    comment(db, "flagged and drawn", ("safety", INSULT), ("random", []))
    comment(db, "court", ("safety", COURT))
    comment(db, "reported")
    comment(db, "doubt", ("doubt", INSULT))
    comment(db, "drawn", ("random", []))
    comment(db, "drawn, waits", ("random", []))
    comment(db, "met in a thread")
    comment(db, "nobody asked")
    comment(db, "of last month", ("safety", INSULT), posted_at=NOW - timedelta(days=30))
    with db.write() as session:
        add_report(session, "reported", reporter="r1", reason="insult")
    for comment_id in ("flagged", "reported", "drawn", "met in a thread", "of last month"):
        decide(db, comment_id, "remove")
    decide(db, "court", "keep")
    decide(db, "doubt", "escalate")
    with db.read() as session:
        found = read_strata(session, WEEK)
    assert found == Strata(
        comments=9,
        asked={
            "machine": Stratum(1, 0, 1),
            "rule": Stratum(0, 1, 0),
            "reader": Stratum(1, 0, 0),
            "doubt": Stratum(0, 0, 1),
        },
        found=Stratum(1, 0, 0),
        rest=3,
        draws=(Draw(0.05, True), Draw(0.05, None)),
    )


@pytest.mark.usefixtures("bridge")
def test_a_decision_that_was_taken_back_does_not_count(db: Database) -> None:
    comment(db, "flagged", ("safety", INSULT))
    first = decide(db, "flagged", "remove")
    decide(db, "flagged", "undo", undoes=first)
    with db.read() as session:
        assert read_strata(session, WEEK).asked["machine"] == Stratum(0, 0, 1)
        assert work_of(read_decisions(session, WEEK), [], WEEK).people == ()


@pytest.mark.usefixtures("bridge")
def test_a_report_waits_until_a_decision_that_saw_it(db: Database) -> None:
    comment(db, "c1")
    with db.write() as session:
        for minutes in (50, 30, 10):
            session.add(
                ReportRow(comment_id="c1", reporter="r1", reason="insult", created_at=NOW - timedelta(minutes=minutes))
            )
    decide(db, "c1", "keep", last_report=1, decided_at=NOW - timedelta(minutes=40))
    decide(db, "c1", "remove", last_report=2, decided_at=NOW - timedelta(minutes=20))
    with db.read() as session:
        answers = read_answers(session, WEEK)
    assert answers == [ReportWait(600.0), ReportWait(600.0), ReportWait(None)]


@pytest.mark.usefixtures("bridge")
def test_of_a_brigade_s_reports_the_latest_are_looked_at(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.insights.queries.MOST_REPORTS", 3)
    comment(db, "c1")
    with db.write() as session:
        for minutes in (50, 40, 30, 20, 10):
            at = NOW - timedelta(minutes=minutes)
            session.add(ReportRow(comment_id="c1", reporter=f"r{minutes}", reason="insult", created_at=at))
    decide(db, "c1", "keep", last_report=4, decided_at=NOW)
    with db.read() as session:
        assert read_answers(session, WEEK) == [ReportWait(1800.0), ReportWait(1200.0), ReportWait(None)]
        assert read_strata(session, WEEK).asked["reader"] == Stratum(0, 1, 0)


# What moderators did


def made(number: int, verdict: str, moderator: str = "isla", **fields: Any) -> Made:
    usual = Made(
        id=number,
        comment_id=f"c{number}",
        revision=1,
        verdict=verdict,
        moderator=moderator,
        decided_at=NOW,
        rule=None,
        stream="safety",
        opened_at=NOW - timedelta(seconds=30),
        batch=None,
        blind=False,
        last_report=0,
        undoes=None,
    )
    return replace(usual, **fields)


def test_decisions_by_rule_and_by_moderator() -> None:
    decisions = [
        made(1, "remove", rule="2"),
        made(2, "remove", rule="2"),
        made(3, "remove", "rory"),
        made(4, "keep", "rory"),
        made(5, "escalate"),
        made(6, "keep", decided_at=WEEK.start - timedelta(days=1)),
    ]
    work = work_of(decisions, [], WEEK)
    assert work.rules == (("2", 2), (None, 1))
    people = [(one.name, one.kept, one.removed, one.escalated, one.seconds) for one in work.people]
    assert people == [("isla", 0, 2, 1, 30.0), ("rory", 1, 1, 0, 30.0)]


@pytest.mark.parametrize(
    ("later", "overturned"),
    [
        pytest.param(made(2, "remove", "rory", comment_id="c1"), 1, id="another moderator says the opposite"),
        pytest.param(made(2, "keep", "rory", comment_id="c1"), 0, id="another moderator agrees"),
        pytest.param(made(2, "remove", "isla", comment_id="c1"), 0, id="a change of mind"),
        pytest.param(made(2, "remove", "rory", comment_id="c1", revision=2), 0, id="about an edited text"),
        pytest.param(made(2, "escalate", "rory", comment_id="c1"), 0, id="no verdict yet"),
    ],
)
def test_what_counts_as_overturned(later: Made, overturned: int) -> None:
    work = work_of([made(1, "keep"), later], [], WEEK)
    assert sum(person.overturned for person in work.people) == overturned


def pairs(same: int, other: int) -> list[Made]:
    decisions = []
    for number in range(same + other):
        first = "remove" if number % 2 else "keep"
        second = first if number < same else {"keep": "remove", "remove": "keep"}[first]
        decisions += [
            made(2 * number, first, comment_id=f"c{number}"),
            made(2 * number + 1, second, "rory", comment_id=f"c{number}"),
        ]
    return decisions


def test_agreement_on_items_decided_twice() -> None:
    found = work_of(pairs(30, 10), [], WEEK).agreement
    assert isinstance(found, Agreement)
    # Half of each are removals, so half of the pairs would agree by chance: (0.75 - 0.5) / 0.5.
    assert (found.pairs, found.same.value) == (40, 0.75)
    assert found.kappa == pytest.approx(0.5)


def test_agreement_needs_pairs() -> None:
    assert work_of(pairs(29, 0), [], WEEK).agreement == NotEnough(29, 30)


def test_agreement_where_all_say_the_same_has_no_kappa() -> None:
    decisions = [replace(one, verdict="keep") for one in pairs(30, 0)]
    found = work_of(decisions, [], WEEK).agreement
    assert isinstance(found, Agreement)
    assert (found.same.value, found.kappa) == (1.0, None)


def test_anchoring_is_held_by_its_interval() -> None:
    # With the scores in sight 10 of 100 more are removed.
    chance = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        blind = chance.random(900) < 0.2
        removed = chance.random(900) < np.where(blind, 0.4, 0.5)
        decisions = [
            made(number, "remove" if out else "keep", blind=bool(hidden))
            for number, (out, hidden) in enumerate(zip(removed, blind, strict=True))
        ]
        found = work_of(decisions, [], WEEK).anchoring
        assert isinstance(found, Anchoring)
        held += found.difference.low <= 0.1 <= found.difference.high
    assert held >= 272


def test_a_second_verdict_is_no_evidence_of_anchoring() -> None:
    blind = [made(number, "remove" if number % 2 else "keep", blind=True) for number in range(1000, 1100)]
    shown = [made(number, "remove" if number % 2 else "keep") for number in range(100)]
    # What readers reported after it was kept, and a colleague removed: always with the scores in sight.
    again = [replace(one, id=one.id + 2000, verdict="remove") for one in shown if one.verdict == "keep"]
    found = work_of([*shown, *blind, *again], [], WEEK).anchoring
    assert isinstance(found, Anchoring)
    assert (found.shown.value, found.shown.n) == (0.5, 100)


def test_anchoring_needs_blind_decisions() -> None:
    decisions = [made(number, "keep", blind=number < 20) for number in range(200)]
    assert work_of(decisions, [], WEEK).anchoring == NotEnough(20, 30)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param([10, 20, 30, 40, 50, 60, 70, 80, 90, 100], (50, 90), id="all decided"),
        pytest.param([10, 20, 30, 40, 50, 60, 70, 80, None, None], (50, None), id="the slowest still wait"),
        pytest.param([10, None, None], (None, None), id="most still wait"),
        pytest.param([], (None, None), id="no reports"),
    ],
)
def test_from_a_report_to_its_decision(
    seconds: list[float | None], expected: tuple[float | None, float | None]
) -> None:
    delay = work_of([], [ReportWait(one) for one in seconds], WEEK).delay
    assert (delay.median, delay.late) == expected
    assert (delay.reports, delay.waiting) == (len(seconds), seconds.count(None))


# The page


def logged_in(app: Flask, db: Database, name: str, role: str = "moderator") -> FlaskClient:
    with db.write() as session:
        password = create_user(session, name, role)
    client = app.test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/review/login").text)
    assert found
    client.post("/review/login", data={"csrf_token": found[1], "name": name, "password": password})
    return client


@pytest.mark.usefixtures("bridge")
def test_a_moderator_sees_their_own_row_and_a_lead_sees_all(app: Flask, db: Database) -> None:
    comment(db, "c1", ("safety", INSULT))
    decide(db, "c1", "keep", "isla")
    decide(db, "c1", "remove", "rory", rule="2")
    rows = {}
    for name, role in (("isla", "moderator"), ("rory", "moderator"), ("mhairi", "lead")):
        page = logged_in(app, db, name, role).get("/review/numbers").text
        rows[name] = re.findall(r'<th scope="row"><bdi>(\w+)</bdi></th>', page)
    assert rows == {"isla": ["isla"], "rory": ["rory"], "mhairi": ["isla", "rory"]}


@pytest.mark.usefixtures("bridge")
def test_the_page_has_tables_charts_and_no_inline_style(app: Flask, db: Database) -> None:
    for number in range(100):
        comment(db, f"drawn {number}", ("random", []))
        decide(db, f"drawn {number}", "remove" if number < 3 else "keep", rule="2" if number < 3 else None)
    for number in range(40):
        comment(db, f"flagged {number}", ("safety", INSULT))
        decide(db, f"flagged {number}", "remove" if number < 20 else "keep")
    page = logged_in(app, db, "mhairi", "lead").get("/review/numbers?kept=5&removed=1").text
    assert page.count("<svg") == page.count("<desc") == 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert "not enough evidence" in page
    plain = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "Flags for nothing 47.9%" in plain


@pytest.mark.parametrize(
    "query",
    ["", "?from=x&to=y", "?from=2026-11-20&to=2026-11-01", "?from=0001-01-01&to=9999-12-31", "?kept=nan&removed=-1"],
)
def test_a_made_up_period_is_no_error(app: Flask, db: Database, query: str) -> None:
    answer = logged_in(app, db, "mhairi", "lead").get(f"/review/numbers{query}")
    assert (answer.status_code, "not enough evidence" in answer.text) == (200, True)


def test_the_numbers_are_behind_the_log_in(client: FlaskClient) -> None:
    assert client.get("/review/numbers").status_code == 303
