"""Several items at once: of one author, or of one thread."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from model.labels import LabelRow
from service.moderation.comments import get_item
from service.moderation.reports import add_report
from service.moderation.retention import erase_author
from service.storage.database import Database

Flag = Callable[..., None]


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


def picks(page: str) -> list[str]:
    return [unescape(value) for value in re.findall(r'name="pick" value="([^"]+)"', page)]


def verdicts(db: Database, *comment_ids: str) -> list[str | None]:
    with db.read() as session:
        items = [get_item(session, comment_id) for comment_id in comment_ids]
    return [item.decision_in_force.verdict if item.decision_in_force else None for item in items]


@pytest.fixture
def tams(flag: Flag) -> str:
    """Return the address of a batch: three comments of Tam's wait, and one of somebody else's."""
    for number in (1, 2, 3):
        flag(f"c{number}", author="Tam")
    flag("other", author="Una")
    return "/review/batch?author=Tam"


def test_all_that_waits_of_an_author_is_decided_at_once(isla: Any, db: Database, tams: str) -> None:
    found = picks(isla.reads(tams).text)
    answer = isla.sends("/review/batch", tams, pick=found, remove="9", note="spam")
    assert "Decided on 3 together." in isla.reads(answer.location).text
    assert verdicts(db, "c1", "c2", "c3", "other") == ["remove", "remove", "remove", None]


def test_before_several_are_escalated_they_are_shown_with_a_way_back(isla: Any, db: Database, tams: str) -> None:
    found = [value for value in picks(isla.reads(tams).text) if not value.endswith(" c2")]
    asks = isla.sends("/review/batch", tams, pick=found, verdict="escalate", onward="/review?section=News")
    assert [f"by {name}" in asks.text or name in asks.text for name in ("c1", "c3")] == [True, True]
    assert asks.text.count("What a") == 2
    assert 'href="/review?section=News"' in asks.text
    assert verdicts(db, "c1", "c3") == [None, None]


def test_nothing_ticked_is_said_before_anybody_is_asked_why(isla: Any, tams: str) -> None:
    answer = isla.sends("/review/batch", tams, verdict="escalate")
    assert "Nothing was ticked" in isla.reads(answer.location).text


def test_what_was_unticked_is_left_alone(isla: Any, db: Database, tams: str) -> None:
    found = picks(isla.reads(tams).text)
    isla.sends("/review/batch", tams, pick=[value for value in found if not value.endswith(" c2")], verdict="keep")
    assert verdicts(db, "c1", "c2", "c3") == ["keep", None, "keep"]


def test_what_changed_or_is_held_by_another_is_left_out_and_named(
    isla: Any, person: Callable[..., Any], db: Database, tams: str
) -> None:
    found = picks(isla.reads(tams).text)
    person("rory").opens("c1")
    with db.write() as session:
        add_report(session, "c2", reporter="r1", reason="threat")
    answer = isla.sends("/review/batch", tams, pick=found, verdict="keep")
    told = isla.reads(answer.location).text
    assert "Decided on 1 together." in told
    assert "Tam, c1 (rory has it open)" in told
    assert "Tam, c2 (it has changed since you opened the page)" in told
    assert verdicts(db, "c1", "c2", "c3") == [None, None, "keep"]


def test_where_nothing_was_decided_only_what_was_left_out_is_told(
    isla: Any, person: Callable[..., Any], tams: str
) -> None:
    (first, *_) = picks(isla.reads(tams).text)
    person("rory").opens("c1")
    answer = isla.sends("/review/batch", tams, pick=first, verdict="keep")
    told = isla.reads(answer.location).text
    assert ("Left out: Tam, c1 (rory has it open)." in told, "Decided on" in told) == (True, False)


def test_what_is_not_stored_is_left_out_and_named(isla: Any, db: Database, tams: str) -> None:
    found = picks(isla.reads(tams).text)
    answer = isla.sends("/review/batch", tams, pick=[*found, "1.0.0 no such"], verdict="keep")
    told = isla.reads(answer.location).text
    assert "Decided on 3 together. Left out: no such (it was erased, or is not stored)." in told
    assert verdicts(db, "c1", "c2", "c3") == ["keep", "keep", "keep"]


def test_of_a_batch_that_is_taken_back_it_is_told_what_waits(
    isla: Any, person: Callable[..., Any], db: Database, tams: str
) -> None:
    isla.sends("/review/batch", tams, pick=picks(isla.reads(tams).text), verdict="keep")
    rory = person("rory")
    rory.presses(rory.form_of(rory.decides("c2", "1")), "1", note="He means her.")
    (batch,) = set(re.findall(r'name="batch" value="(\w+)"', isla.reads("/review").text))
    taken_back = isla.sends("/review/undo", "/review", batch=batch)
    told = isla.reads(taken_back.location).text
    assert "3 decisions undone. Comments back in the queue: 2." in told
    assert verdicts(db, "c1", "c2", "c3") == [None, "remove", None]


def test_a_batch_without_what_was_erased_is_taken_back(isla: Any, db: Database, flag: Flag, tams: str) -> None:
    flag("c4", author="Gone", parent_id="c3")
    thread = "/review/batch?thread=c3"
    isla.sends("/review/batch", tams, pick=picks(isla.reads(thread).text), verdict="keep")
    (batch,) = set(re.findall(r'name="batch" value="(\w+)"', isla.reads("/review").text))
    with db.write() as session:
        erase_author(session, "Gone")

    isla.sends("/review/undo", "/review", batch=batch)
    assert verdicts(db, "c3") == [None]
    again = isla.sends("/review/undo", "/review", batch=batch)
    assert (again.status_code, "None of these decisions can still be undone" in again.text) == (409, True)


def test_a_batch_is_taken_back_as_one(isla: Any, db: Database, tams: str) -> None:
    isla.sends("/review/batch", tams, pick=picks(isla.reads(tams).text), verdict="keep")
    page = isla.reads("/review").text
    assert "3 comments" in page
    batch = re.search(r'name="batch" value="(\w+)"', page)
    assert batch
    answer = isla.sends("/review/undo", "/review", batch=batch[1])
    assert "3 decisions undone." in isla.reads(answer.location).text
    assert verdicts(db, "c1", "c2", "c3") == [None, None, None]


def test_a_thread_is_what_answers_a_comment_and_what_answers_that(isla: Any, flag: Flag) -> None:
    flag("root")
    flag("child", parent_id="root")
    flag("grandchild", parent_id="child")
    flag("other")
    found = picks(isla.reads("/review/batch?thread=root").text)
    assert [value.split(" ", 1)[1] for value in found] == ["root", "child", "grandchild"]


def test_comments_that_answer_each_other_are_no_endless_thread(isla: Any, flag: Flag) -> None:
    flag("a", parent_id="b")
    flag("b", parent_id="a")
    assert len(picks(isla.reads("/review/batch?thread=a").text)) == 2


def test_nothing_ticked_is_nothing_recorded(isla: Any, db: Database, tams: str) -> None:
    answer = isla.sends("/review/batch", tams, verdict="keep", back=tams)
    assert "Nothing was ticked" in isla.reads(answer.location).text
    assert verdicts(db, "c1") == [None]


def test_a_label_says_that_it_was_made_in_a_batch(isla: Any, client: FlaskClient, tams: str) -> None:
    isla.sends("/review/batch", tams, pick=picks(isla.reads(tams).text), remove="9")
    isla.decides("other", "keep")
    rows = [LabelRow.from_json(line) for line in client.get("/v1/labels").text.split("\n") if line]
    assert {row.comment_id: row.batch for row in rows} == {"c1": True, "c2": True, "c3": True, "other": False}
