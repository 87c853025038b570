"""The ways back: an undo, a skip taken back, a colleague overruled."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from service.moderation.comments import get_item
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.records import Decision

Flag = Callable[..., None]


def decisions(db: Database, comment_id: str) -> tuple[Decision, ...]:
    with db.read() as session:
        return get_item(session, comment_id).decisions


def overrules(person: Any, comment_id: str, verdict: str) -> None:
    asked = person.decides(comment_id, verdict)
    assert person.presses(person.form_of(asked), verdict, note="Not so.").status_code == 303


def state(db: Database, comment_id: str) -> str | None:
    with db.read() as session:
        return get_item(session, comment_id).state


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
    overrules(rory, "c1", "1")
    taken_back = isla.sends("/review/undo", "/review", comment_id="c1", decision=decisions(db, "c1")[0].id)
    assert "Another decision on the comment stands." in isla.reads(taken_back.location).text
    assert state(db, "c1") == "decided"


def test_an_undo_of_an_undone_decision_is_refused(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    (decision,) = decisions(db, "c1")
    answers = [isla.sends("/review/undo", "/review", comment_id="c1", decision=decision.id) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]


def test_a_skip_is_told_and_taken_back(isla: Any, flag: Flag) -> None:
    flag("c1", score=0.9)
    flag("c2", score=0.8)
    isla.decides("c2", "keep")
    isla.presses(isla.opens("c1"), "skip")
    assert isla.is_shown_next() is None
    page = isla.reads("/review")
    told = " ".join(re.sub(r"<[^>]+>", "", page.text).split())
    assert "You skipped the comment by by c1." in told
    # The key takes back what was done last, and nothing before it.
    last = re.search(
        r'<form method="post" action="([^"]+)">[^/]*<input type="hidden" name="skip" value="(\d+)">', page.text
    )
    assert last
    assert page.text.index('name="skip"') < page.text.index('data-key="u"') < page.text.index('name="decision"')
    answer = isla.sends(last[1], "/review", skip=last[2])
    assert answer.location == "/review/comments/c1"
    assert isla.is_shown_next() == "c1"
    again = isla.sends(last[1], "/review", skip=last[2])
    assert (again.status_code, "can no longer be undone" in again.text) == (409, True)


def test_nobody_takes_back_a_colleagues_skip(isla: Any, rory: Any, flag: Flag) -> None:
    flag("c1")
    isla.presses(isla.opens("c1"), "skip")
    number = re.findall(r'name="skip" value="(\d+)"', isla.reads("/review").text)[0]
    assert rory.sends("/review/skip/undo", "/review", skip=number).status_code == 409
    assert isla.is_shown_next() is None


def test_to_undo_a_colleagues_decision_asks_whose_it_was_and_needs_a_reason(
    isla: Any, rory: Any, flag: Flag, db: Database
) -> None:
    flag("c1")
    isla.decides("c1", "2", note="a plain insult")
    assert "Overrule <bdi>isla</bdi> …" in rory.reads("/review/comments/c1").text
    (decision,) = decisions(db, "c1")
    undo = {"comment_id": "c1", "decision": str(decision.id)}
    asked = rory.sends("/review/undo", "/review", **undo)
    assert (asked.status_code, "Overrule <bdi>isla</bdi>?" in asked.text) == (409, True)
    assert "a plain insult" in asked.text
    assert re.search('id="note"[^>]* autofocus', asked.text)
    empty = rory.presses_in(asked, "/review/undo", note="  ")
    assert (empty.status_code, "Please give a reason" in empty.text) == (409, True)
    assert state(db, "c1") == "decided"

    done = rory.presses_in(empty, "/review/undo", note="It quotes the minister.")
    assert "isla’s decision undone. The comment is back in the queue." in rory.reads(done.location).text
    undone = decisions(db, "c1")[-1]
    assert (undone.verdict, undone.moderator, undone.note) == ("undo", "rory", "It quotes the minister.")


def test_to_decide_otherwise_than_a_colleague_asks_and_needs_a_reason(
    isla: Any, rory: Any, flag: Flag, db: Database
) -> None:
    flag("c1")
    isla.decides("c1", "2")
    asked = rory.decides("c1", "keep")
    assert (asked.status_code, "Overrule <bdi>isla</bdi>?" in asked.text) == (409, True)
    empty = rory.presses(rory.form_of(asked), "keep")
    assert (empty.status_code, "Please give a reason" in empty.text) == (409, True)
    assert len(decisions(db, "c1")) == 1
    assert rory.presses(rory.form_of(empty), "keep", note="It quotes the minister.").status_code == 303
    assert decisions(db, "c1")[-1].note == "It quotes the minister."


def test_a_colleagues_decision_that_a_report_reopened_is_nobodys_to_be_asked_for(
    isla: Any, rory: Any, flag: Flag, db: Database
) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat")
    assert rory.decides("c1", "1").status_code == 303


@pytest.mark.parametrize(("number", "status"), [("", 400), ("x", 400), ("-1", 400), ("0", 404), ("9" * 5000, 400)])
def test_an_undo_of_a_made_up_decision_is_refused(isla: Any, flag: Flag, number: str, status: int) -> None:
    flag("c1")
    assert isla.sends("/review/undo", "/review", comment_id="c1", decision=number).status_code == status
