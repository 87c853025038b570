"""One item before one moderator: what is shown, and what becomes of a decision."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from model.records import Article
from service.moderation.articles import save_article
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.records import Decision
from service.storage.tables.comments import DecisionRow

Flag = Callable[..., None]


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


@pytest.fixture
def rory(person: Callable[..., Any]) -> Any:
    """Log rory in."""
    return person("rory")


def decisions(db: Database, comment_id: str) -> tuple[Decision, ...]:
    with db.read() as session:
        return get_item(session, comment_id).decisions


def state(db: Database, comment_id: str) -> str | None:
    with db.read() as session:
        return get_item(session, comment_id).state


# What is shown


def test_the_words_are_marked_masked_and_named(isla: Any, flag: Flag) -> None:
    flag("c1")
    marked = (
        'What a <mark data-label="insult"><span class="masked">n•••••</span><span class="word">numpty</span></mark>.'
    )
    assert marked in isla.reads("/review/comments/c1").text


def test_a_reported_comment_is_masked_though_no_score_reaches_its_threshold(isla: Any, client: FlaskClient) -> None:
    text = "The bridge, the school and the ferry were paid for by us, and the clowns in the council forgot to say so."
    client.put("/v1/articles/a1", json={"title": "The bridge, the school and the ferry", "body": "What they cost."})
    client.post("/v1/comments", json={"id": "quiet", "article_id": "a1", "text": text})
    assert client.get("/v1/flags").get_json()["total"] == 0
    client.post("/v1/reports", json={"comment_id": "quiet", "reporter": "r1", "reason": "insult"})
    assert '<span class="masked">c•••••</span>' in isla.reads("/review/comments/quiet").text


def test_a_moderators_choice_to_see_the_words_is_kept(isla: Any, rory: Any, flag: Flag) -> None:
    flag("c1")
    assert not re.search(r'class="unmask"[^>]* checked', isla.reads("/review/comments/c1").text)
    isla.sends("/review/words", "/review", words="shown", back="/review")
    assert re.search(r'class="unmask"[^>]* checked', isla.reads("/review/comments/c1").text)
    assert not re.search(r'class="unmask"[^>]* checked', rory.reads("/review/comments/c1").text)


def test_the_thread_above_stands_before_the_comment(isla: Any, flag: Flag) -> None:
    flag("first", text="Mend the bridge first.", spans=(), score=0.6)
    flag("second", text="With what money?", spans=(), score=0.6, parent_id="first")
    flag("third", parent_id="second")
    page = isla.reads("/review/comments/third").text
    assert page.index("Mend the bridge first.") < page.index("With what money?") < page.index('class="itself"')


def test_an_item_tells_what_a_moderator_needs(isla: Any, flag: Flag, db: Database) -> None:
    with db.write() as session:
        save_article(
            session, Article(id="long", title="Bridge", body="The council will vote. " * 40, url="https://p.example/2")
        )
    flag("c0", author="Tam", article_id="long")
    flag("c1", author="Tam", article_id="long")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="personal attack", note="He names her.")
    isla.decides("c0", "2")
    page = " ".join(isla.reads("/review/comments/c1").text.split())
    for words in (
        'href="https://p.example/2"',
        "The council will vote. The council",
        "Reads as an insult.",
        "<strong><bdi>personal attack</bdi></strong>, reported by <bdi>r1</bdi>",
        "He names her.",
        "<bdi>Tam</bdi>: 2 comments here, <strong>1 removed</strong>.",
        "Removed earlier: comments by <bdi>Tam</bdi>",
        "90 %",
        "Rules: version 1. Scored by bundle <code>b1</code>.",
    ):
        assert words in page, words


# Decisions


@pytest.mark.parametrize(
    ("button", "verdict", "rule", "expected"),
    [
        ("keep", "keep", None, "decided"),
        ("2", "remove", "2", "decided"),
        ("escalate", "escalate", None, "escalated"),
    ],
)
def test_a_verdict_is_recorded_and_the_next_item_gets_its_turn(
    isla: Any, flag: Flag, db: Database, button: str, verdict: str, rule: str | None, expected: str
) -> None:
    flag("c1")
    flag("c2", score=0.7)
    assert isla.is_shown_next() == "c1"
    answer = isla.decides("c1", button)
    assert (answer.status_code, answer.location) == (303, "/review/next")
    (decision,) = decisions(db, "c1")
    assert (decision.verdict, decision.rule, decision.moderator) == (verdict, rule, "isla")
    assert decision.rules_version == 1
    assert state(db, "c1") == expected
    assert isla.is_shown_next() == "c2"


def test_the_filter_goes_on_with_the_next_item(isla: Any, flag: Flag) -> None:
    flag("c1")
    form = isla.opens("c1", "?about=insult&stream=safety")
    assert isla.presses(form, "keep").location == "/review/next?stream=safety&about=insult"


def test_after_the_last_one_the_list_says_so(isla: Any, flag: Flag) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    answer = isla.reads("/review/next")
    assert answer.status_code == 303
    assert "Nothing else is waiting here" in isla.reads(answer.location).text


@pytest.mark.parametrize("fields", [{"verdict": "delete"}, {"verdict": "remove"}, {"verdict": "undo"}, {}])
def test_an_unknown_verdict_or_a_removal_without_a_rule_is_refused(
    isla: Any, flag: Flag, db: Database, fields: dict[str, str]
) -> None:
    flag("c1")
    answer = isla.client.post("/review/decisions", data={**isla.opens("c1"), **fields})
    assert (answer.status_code, state(db, "c1")) == (400, "open")


def test_a_rule_that_does_not_exist_is_refused(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    answer = isla.decides("c1", "999")
    assert (answer.status_code, "There is no rule" in answer.text, state(db, "c1")) == (404, True, "open")


def test_only_named_attributes_go_with_a_decision(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "9", **{"is": "off_topic", "note": "an advert"})
    (decision,) = decisions(db, "c1")
    assert (dict(decision.attributes), decision.note) == ({"off_topic": 1}, "an advert")


def test_a_decision_keeps_its_stream_and_when_the_item_was_opened(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1", stream="doubt", score=0.45)
    isla.decides("c1", "escalate")
    isla.decides("c1", "keep")
    with db.read() as session:
        rows = session.query(DecisionRow).order_by(DecisionRow.id).all()
    assert [row.stream for row in rows] == ["doubt", "doubt"]
    assert all(row.opened_at is not None and row.opened_at <= row.decided_at for row in rows)


def test_a_report_brings_a_kept_comment_back(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat", note="He means <b>her</b>.")
    assert isla.is_shown_next() == "c1"
    page = isla.reads("/review/comments/c1").text
    assert "Kept by <bdi>isla</bdi>" in page
    assert "He means &lt;b&gt;her&lt;/b&gt;." in page


# Undo


def test_an_undo_brings_the_item_back(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "2")
    page = isla.reads("/review")
    assert "marked" in page.text
    number = re.search(r'name="decision" value="(\d+)"', page.text)
    assert number
    answer = isla.sends("/review/undo", "/review", comment_id="c1", decision=number[1])
    assert answer.location == "/review/comments/c1"
    assert [decision.verdict for decision in decisions(db, "c1")] == ["remove", "undo"]
    assert isla.is_shown_next() == "c1"


def test_the_last_five_can_be_taken_back_latest_first(isla: Any, rory: Any, flag: Flag) -> None:
    for number in range(7):
        flag(f"c{number}")
        isla.decides(f"c{number}", "keep")
    flag("other")
    rory.decides("other", "keep")
    page = isla.reads("/review").text
    offered = re.findall(r'name="comment_id" value="(\w+)">\s*<input type="hidden" name="decision"', page)
    assert offered == ["c6", "c5", "c4", "c3", "c2"]


def test_an_undo_says_that_another_decision_holds(isla: Any, rory: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    rory.decides("c1", "1")
    taken_back = isla.sends("/review/undo", "/review", comment_id="c1", decision=decisions(db, "c1")[0].id)
    assert "Another decision on the comment stands." in isla.reads(taken_back.location).text
    assert state(db, "c1") == "decided"


def test_an_undo_of_an_undone_decision_is_refused(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    (decision,) = decisions(db, "c1")
    answers = [isla.sends("/review/undo", "/review", comment_id="c1", decision=decision.id) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]


@pytest.mark.parametrize(("number", "status"), [("", 400), ("x", 400), ("-1", 400), ("0", 404), ("9" * 5000, 400)])
def test_an_undo_of_a_made_up_decision_is_refused(isla: Any, flag: Flag, number: str, status: int) -> None:
    flag("c1")
    assert isla.sends("/review/undo", "/review", comment_id="c1", decision=number).status_code == status


# Two at once


def test_who_decided_meanwhile_is_named_and_nothing_is_lost(rory: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    form = rory.opens("c1")
    with db.write() as session:
        # As a program of the newsroom's would, which holds nothing.
        add_decision(session, "c1", NewDecision(verdict="keep", moderator="anna"))
    answer = rory.presses(form, "1", note="He names the street.")
    assert answer.status_code == 409
    assert "anna has since decided on it (keep)" in answer.text
    assert "He names the street." in answer.text
    assert [decision.moderator for decision in decisions(db, "c1")] == ["anna"]

    again = rory.presses(rory.form_of(answer), "1")
    assert again.status_code == 303
    assert [(one.moderator, one.rule, one.note) for one in decisions(db, "c1")][1:] == [
        ("rory", "1", "He names the street."),
    ]


def test_who_took_a_decision_back_meanwhile_is_named(isla: Any, rory: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    form = rory.opens("c1")
    isla.sends("/review/undo", "/review", comment_id="c1", decision=decisions(db, "c1")[0].id)
    answer = rory.presses(form, "1")
    assert (answer.status_code, "isla has since undone a decision on it." in answer.text) == (409, True)


def test_an_edit_is_named_though_somebody_decided_before_it(
    isla: Any, rory: Any, flag: Flag, client: FlaskClient
) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    form = rory.opens("c1")
    client.post("/v1/comments", json={"id": "c1", "article_id": "bridge", "text": "What a bridge."})
    answer = rory.presses(form, "1")
    assert (answer.status_code, "Its author has edited it since you opened the page." in answer.text) == (409, True)


def test_who_holds_the_item_is_named_and_may_be_overruled_knowingly(
    isla: Any, rory: Any, flag: Flag, db: Database
) -> None:
    flag("c1")
    held = isla.opens("c1")
    form = rory.opens("c1")
    answer = rory.presses(form, "1")
    assert answer.status_code == 409
    assert "isla has had it open since" in answer.text
    assert decisions(db, "c1") == ()

    assert rory.presses(rory.form_of(answer), "1").status_code == 303
    late = isla.presses(held, "keep")
    assert (late.status_code, "rory has since decided on it (remove)" in late.text) == (409, True)


def test_of_two_at_the_same_moment_one_decides(isla: Any, rory: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    forms = [isla.opens("c1"), rory.opens("c1")]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda pair: pair[0].presses(pair[1], "keep"), zip((isla, rory), forms, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert [decision.moderator for decision in decisions(db, "c1")] == ["isla"]


def test_a_double_click_is_one_decision(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    form = isla.opens("c1")
    answers = [isla.presses(form, "2") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert "You have already decided on it (remove)" in answers[1].text
    assert len(decisions(db, "c1")) == 1


def test_a_report_that_came_in_meanwhile_is_not_decided_away(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    form = isla.opens("c1")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat")
    answer = isla.presses(form, "keep")
    assert (answer.status_code, "Another reader has reported it since you opened" in answer.text) == (409, True)
    assert state(db, "c1") == "open"


def test_a_decision_on_an_unknown_comment_is_refused(isla: Any, flag: Flag) -> None:
    flag("c1")
    assert isla.presses({**isla.opens("c1"), "comment_id": "none"}, "keep").status_code == 404


def test_an_ended_session_loses_no_words_about_the_decision(db: Database, client: FlaskClient, flag: Flag) -> None:
    flag("c1")
    answer = client.post(
        "/review/decisions", data={"comment_id": "c1", "verdict": "keep", "back": "/review?about=insult"}
    )
    assert answer.location == "/review/login?next=/review?about%3Dinsult"
    assert "Your session had ended, so nothing was recorded." in client.get(answer.location).text
    assert state(db, "c1") == "open"


def test_who_logs_in_again_is_back_at_the_item(isla: Any, flag: Flag) -> None:
    flag("c1")
    form = isla.opens("c1", "?about=insult")
    isla.sends("/review/logout", "/review")
    answer = isla.presses(form, "keep")
    assert answer.location == "/review/login?next=/review/comments/c1?about%3Dinsult"


@pytest.mark.parametrize("path", ["/review/logout", "/review/logout-everywhere"])
def test_whoever_logs_out_lets_go_of_what_was_open(isla: Any, rory: Any, flag: Flag, path: str) -> None:
    # The page is left only once the session has ended: what it sends then is no longer heard.
    flag("c1")
    isla.opens("c1")
    assert rory.is_shown_next() is None
    isla.sends(path, "/review")
    assert rory.is_shown_next() == "c1"
