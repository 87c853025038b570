"""Two moderators at one item: nothing is decided unknowingly, and nothing is lost."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.records import Decision

Flag = Callable[..., None]


def decisions(db: Database, comment_id: str) -> tuple[Decision, ...]:
    with db.read() as session:
        return get_item(session, comment_id).decisions


def state(db: Database, comment_id: str) -> str | None:
    with db.read() as session:
        return get_item(session, comment_id).state


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

    again = rory.presses(rory.form_of(answer), "1", note="He names the street.")
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


@pytest.mark.parametrize(("button", "told"), [("keep", "kept it"), ("2", "removed it under rule 2")])
def test_who_decides_the_same_as_a_colleague_goes_on(
    isla: Any, rory: Any, flag: Flag, db: Database, button: str, told: str
) -> None:
    flag("c1", score=0.9)
    flag("c2", score=0.8)
    forms = [isla.opens("c1"), rory.opens("c1")]
    assert isla.presses(forms[0], button).status_code == 303
    answer = rory.presses(forms[1], button)
    assert (answer.status_code, answer.location) == (303, "/review/next")
    assert f"isla decided the same: {told}." in rory.reads("/review").text
    assert [one.moderator for one in decisions(db, "c1")] == ["isla"]


def test_a_note_is_not_lost_because_a_colleague_decided_the_same(
    isla: Any, rory: Any, flag: Flag, db: Database
) -> None:
    flag("c1")
    forms = [isla.opens("c1"), rory.opens("c1")]
    isla.presses(forms[0], "keep")
    answer = rory.presses(forms[1], "keep", note="She is his sister.")
    assert (answer.status_code, "She is his sister." in answer.text) == (409, True)
    assert rory.presses(rory.form_of(answer), "keep").status_code == 303
    assert [(one.moderator, one.note) for one in decisions(db, "c1")] == [
        ("isla", None),
        ("rory", "She is his sister."),
    ]


def test_of_two_at_the_same_moment_one_decides(isla: Any, rory: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    forms = [isla.opens("c1"), rory.opens("c1")]
    with ThreadPoolExecutor(2) as pool:
        pairs = zip((isla, rory), forms, ("keep", "1"), strict=True)
        answers = list(pool.map(lambda three: three[0].presses(three[1], three[2]), pairs))
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
