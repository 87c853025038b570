"""Who reports rightly, who does not, and who reports together: against a known truth."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.storage.database import Database
from service.triage.brigades import brigades
from service.triage.credibility import Credibility, Reported, credibilities, form_reporter, history, weight
from service.triage.reweighing import regroup, reweigh

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HALF_LIFE = timedelta(days=90)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
REPORTERS = ("r1", "r2")


def judged(upheld: int, dismissed: int, *, days_ago: float = 0) -> list[Reported]:
    """Return reports by isla that were decided some days ago."""
    verdicts = [True] * upheld + [False] * dismissed
    at = NOW - timedelta(days=days_ago)
    return [Reported("isla", "insult", f"c{number}", verdict, at) for number, verdict in enumerate(verdicts)]


def comments_of(reported: list[Reported]) -> dict[str, set[str]]:
    """Return the comments that each has reported."""
    found: dict[str, set[str]] = {report.reporter: set() for report in reported}
    for report in reported:
        found[report.reporter].add(report.comment_id)
    return found


def catch_up(db: Database) -> None:
    """Do what a running service does within a second."""
    for _ in reweigh(db):
        pass


@pytest.mark.parametrize(
    ("reports", "mean"),
    [
        ([], 0.5),
        (judged(1, 0), 2 / 3),
        (judged(0, 1), 1 / 3),
        (judged(8, 2), 9 / 12),
        # a half-life ago each counts half, two half-lives ago a quarter
        (judged(8, 2, days_ago=90), 5 / 7),
        (judged(8, 0, days_ago=180), 3 / 4),
        # what nobody has decided tells nothing
        ([Reported("isla", "insult", "c1")], 0.5),
    ],
)
def test_the_mean_is_that_of_a_beta_posterior(reports: list[Reported], mean: float) -> None:
    known = credibilities(reports, NOW, HALF_LIFE)

    assert known.get(("isla", "insult"), Credibility()).mean == pytest.approx(mean)


def test_reasons_are_apart() -> None:
    known = credibilities(
        [Reported("isla", "insult", "c1", True, NOW), Reported("isla", "off_topic", "c2", False, NOW)], NOW, HALF_LIFE
    )

    assert {reason: round(found.mean, 2) for (_, reason), found in known.items()} == {"insult": 0.67, "off_topic": 0.33}


@pytest.mark.parametrize("right", [0.9, 0.5, 0.05])
def test_the_mean_converges_to_how_often_somebody_is_right(right: float) -> None:
    draw = random.Random(7)
    for count, tolerance in ((20, 0.25), (200, 0.08), (2000, 0.03)):
        verdicts = [draw.random() < right for _ in range(count)]
        reports = [Reported("r", "insult", str(n), verdict, NOW) for n, verdict in enumerate(verdicts)]
        assert credibilities(reports, NOW, HALF_LIFE)["r", "insult"].mean == pytest.approx(right, abs=tolerance)


def test_ordering_by_weight_finds_more_breaches_than_counting_reports() -> None:
    """300 honest readers are right 4 times in 5, a brigade of 12 and 60 grumblers once in 20."""
    draw = random.Random(11)
    honest, grumblers = [f"h{n}" for n in range(300)], [f"g{n}" for n in range(60)]
    brigade = [f"b{n}" for n in range(12)]

    def day(first: int) -> dict[str, tuple[bool, list[str]]]:
        comments = {}
        for number in range(first, first + 400):
            is_breach = draw.random() < 0.15
            reporters = [reader for reader in honest if draw.random() < (0.012 if is_breach else 0.0006)]
            reporters += [reader for reader in grumblers if draw.random() < 0.02]
            if not is_breach and draw.random() < 0.06:
                reporters += [reader for reader in brigade if draw.random() < 0.95]
            if reporters:
                comments[f"c{number}"] = (is_breach, reporters)
        return comments

    past = [
        Reported(reporter, "insult", comment_id, is_breach, NOW)
        for comment_id, (is_breach, reporters) in day(0).items()
        for reporter in reporters
    ]
    known, together = credibilities(past, NOW, HALF_LIFE), brigades(comments_of(past))
    today = day(400)

    def precision(value: Callable[[list[str]], float]) -> float:
        ranked = sorted(today.values(), key=lambda found: -value(found[1]))
        return sum(is_breach for is_breach, _ in ranked[:40]) / 40

    by_count = precision(len)
    by_weight = precision(lambda reporters: weight({key: ["insult"] for key in reporters}, known, together))

    assert together == (frozenset(brigade),)
    assert max(known[reader, "insult"].mean for reader in brigade) < 0.1
    assert by_weight >= 0.75
    assert by_weight >= by_count + 0.2
    assert min(weight({key: ["insult"] for key in names}, known, together) for _, names in today.values()) > 0


@pytest.mark.parametrize(
    ("reports", "found"),
    [
        ({"a": "123", "b": "123", "c": "123"}, [{"a", "b", "c"}]),
        ({"a": "1234", "b": "1235"}, [{"a", "b"}]),
        # one in between holds a group together
        ({"a": "1234", "b": "12345", "c": "2345"}, [{"a", "b", "c"}]),
        # two comments in common may be chance
        ({"a": "12", "b": "12"}, []),
        # those who report much meet often, and report other things too
        ({"a": "123456789", "b": "123abcdef"}, []),
        ({"a": "123", "b": "123456789"}, []),
        ({"a": "123", "b": "123", "c": "789", "d": "789", "e": "789"}, [{"c", "d", "e"}, {"a", "b"}]),
    ],
)
def test_who_reports_the_same_comments_is_shown_as_a_group(reports: dict[str, str], found: list[set[str]]) -> None:
    assert list(brigades(reports)) == found


def test_a_group_counts_as_its_most_credible_member() -> None:
    known = {("a", "insult"): Credibility(8, 0), ("b", "insult"): Credibility(), ("c", "insult"): Credibility(0, 8)}
    reports = {name: ["insult"] for name in "abc"}

    assert weight(reports, known, []) == pytest.approx(2 * (9 / 10 + 1 / 2 + 1 / 10))
    assert weight(reports, known, [frozenset("bc")]) == pytest.approx(2 * (9 / 10 + 1 / 2))
    assert weight(reports, known, [frozenset("abcd")]) == pytest.approx(2 * 9 / 10)


def test_strangers_who_report_with_a_reader_do_not_take_his_place() -> None:
    stranger = form_reporter("0" * 64, "1" * 64)
    known = {("isla", "insult"): Credibility(0, 2), (stranger, "insult"): Credibility(8, 0)}
    reports = {"isla": ["insult"], stranger: ["insult"]}

    assert weight(reports, known, [frozenset(reports)]) == pytest.approx(2 * 1 / 4)


@pytest.mark.usefixtures("article")
def test_a_decision_judges_earlier_reports_and_an_undo_takes_that_back(client: FlaskClient, db: Database) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": "Shut up, all of you."})

    def verdicts() -> list[bool | None]:
        with db.read() as session:
            return [report.upheld for report in history(session, LONG_AGO, REPORTERS)]

    def decide(**how: Any) -> int:
        with db.write() as session:
            return add_decision(session, "c1", NewDecision(moderator="isla", **how)).id

    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="insult")
    assert verdicts() == [None]
    removed = decide(verdict="remove")
    with db.write() as session:
        add_report(session, "c1", reporter="r2", reason="insult")
    assert verdicts() == [True, None]
    decide(verdict="keep")
    assert verdicts() == [False, False]
    decide(verdict="undo")
    assert verdicts() == [True, None]
    decide(verdict="undo", undoes=removed)
    assert verdicts() == [None, None]
    decide(verdict="escalate")
    assert verdicts() == [None, None]


@pytest.mark.usefixtures("article")
def test_a_report_of_a_text_that_was_edited_since_is_not_judged(client: FlaskClient, db: Database) -> None:
    comment = {"id": "c1", "article_id": "a1", "text": "Shut up, all of you."}
    client.post("/v1/comments", json=comment)
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="insult")
    client.post("/v1/comments", json={**comment, "text": "I disagree."})
    with db.write() as session:
        add_decision(session, "c1", NewDecision(verdict="keep", moderator="isla"))

    with db.read() as session:
        assert [report.upheld for report in history(session, LONG_AGO, REPORTERS)] == [None]


@pytest.mark.usefixtures("article")
def test_a_lead_sees_who_is_right_and_who_reports_together(
    client: FlaskClient, db: Database, person: Callable[..., Any]
) -> None:
    for number in range(3):
        client.post("/v1/comments", json={"id": f"c{number}", "article_id": "a1", "text": "I do not agree with that."})
        with db.write() as session:
            for reporter in ("sock-1", "sock-2", "sock-3"):
                add_report(session, f"c{number}", reporter=reporter, reason="insult")
            add_decision(session, f"c{number}", NewDecision(verdict="keep", moderator="isla"))
    catch_up(db)
    for _ in regroup(db):
        pass
    page = person("mhairi", "lead").reads("/review/reporters").text

    assert "3 readers: <bdi>sock-1</bdi>, <bdi>sock-2</bdi>, <bdi>sock-3</bdi>" in page
    assert page.count("<td>20%</td>") == 3
    assert person("isla").reads("/review/reporters").status_code == 403


@pytest.mark.usefixtures("article")
def test_a_decision_reorders_what_else_its_reporters_have_reported(client: FlaskClient, db: Database) -> None:
    for number in range(4):
        client.post("/v1/comments", json={"id": f"c{number}", "article_id": "a1", "text": "I do not agree with that."})

    def report(comment_id: str, reporter: str) -> None:
        with db.write() as session:
            add_report(session, comment_id, reporter=reporter, reason="insult")

    def waiting() -> list[str]:
        return [item["id"] for item in client.get("/v1/flags").get_json()["items"]]

    def decide(comment_id: str, verdict: str) -> None:
        with db.write() as session:
            add_decision(session, comment_id, NewDecision(verdict=verdict, moderator="isla"))  # type: ignore[arg-type]
        catch_up(db)

    for comment_id, reporter in (("c0", "honest"), ("c1", "grumbler"), ("c2", "honest"), ("c3", "grumbler")):
        report(comment_id, reporter)
    decide("c0", "remove")
    decide("c1", "keep")
    assert waiting() == ["c2", "c3"]

    decide("c0", "undo")
    decide("c1", "undo")
    decide("c0", "keep")
    decide("c1", "remove")
    # nothing is hidden: who was wrong comes later
    assert waiting() == ["c3", "c2"]
