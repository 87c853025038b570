"""Escalations: asked of a lead, answered by the next decision, heard by whoever asked."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from model.errors import InvalidInput, UnknownRecord
from service.accounts.users import set_role
from service.moderation import escalations
from service.moderation.decisions import NewDecision, add_decision
from service.storage import audit
from service.storage.database import Database
from service.storage.records import Decision


@pytest.fixture(autouse=True)
def _newsroom(person: Callable[..., Any], flag: Callable[..., None]) -> None:
    person("mhairi", "lead")
    person("callum", "admin")
    for name in ("c1", "c2", "c3"):
        flag(name)


def decide(db: Database, comment_id: str, verdict: Any, moderator: str, **more: Any) -> Decision:
    with db.write() as session:
        return add_decision(session, comment_id, NewDecision(verdict, moderator, **more))


def asked(db: Database, who: str, *, others: bool = False) -> list[tuple[str, str, str | None, str | None]]:
    with db.read() as session:
        found = escalations.list_escalations(session, who, others=others)
    return [(str(one.item.comment.id), one.asked_by, one.asked_to, one.why) for one in found]


def heard(db: Database, who: str) -> list[tuple[str, str, str | None]]:
    with db.read() as session:
        found = escalations.answers_for(session, who)
    return [(one.decision.comment_id, one.decision.verdict, one.decision.note) for one in found]


def test_one_lead_is_asked_or_any(db: Database) -> None:
    decide(db, "c1", "escalate", "isla", note="Is this a threat?", to="mhairi")
    decide(db, "c2", "escalate", "rory", note="Satire?")

    assert asked(db, "mhairi") == [("c1", "isla", "mhairi", "Is this a threat?"), ("c2", "rory", None, "Satire?")]
    assert asked(db, "callum") == [("c2", "rory", None, "Satire?")]
    assert asked(db, "callum", others=True) == [("c1", "isla", "mhairi", "Is this a threat?")]
    with db.read() as session:
        assert [escalations.next_for(session, who) for who in ("mhairi", "callum")] == ["c1", "c2"]
        assert escalations.questions_to(session, "mhairi").total == 2
        whys = [entry.why for entry in audit.entries(session) if entry.what == "decision.escalate"]
    assert whys == ["to mhairi", None]


def test_the_answer_goes_back_to_who_asked(db: Database) -> None:
    question = decide(db, "c1", "escalate", "isla", note="Is this a threat?", to="mhairi")
    decide(db, "c1", "remove", "callum", rule="1", note="Yes: he names her street.")

    assert asked(db, "mhairi") == []
    assert heard(db, "isla") == [("c1", "remove", "Yes: he names her street.")]
    assert heard(db, "rory") == heard(db, "callum") == []
    with pytest.raises(UnknownRecord, match=f"You have no escalation {question.id}"), db.write() as session:
        escalations.hear(session, "rory", [question.id])
    with db.write() as session:
        escalations.hear(session, "isla", [question.id])
    assert heard(db, "isla") == []
    with db.read() as session:
        (entry,) = audit.latest(session, before=None, most=1)
    assert (entry.what, entry.who, entry.about) == ("escalation.heard", "isla", "c1")


def test_a_lead_passes_it_on(db: Database) -> None:
    decide(db, "c1", "escalate", "isla", note="Is this a threat?", to="mhairi")
    decide(db, "c1", "escalate", "mhairi", note="Ask the lawyer?", to="callum")
    decide(db, "c1", "keep", "callum", note="No.")

    assert heard(db, "isla") == [("c1", "escalate", "Ask the lawyer?")]
    assert heard(db, "mhairi") == [("c1", "keep", "No.")]


def test_what_a_lead_asks_any_other_is_not_asked_of_themselves(db: Database) -> None:
    decide(db, "c1", "escalate", "mhairi", note="Satire?")

    assert asked(db, "mhairi") == []
    assert asked(db, "mhairi", others=True) == asked(db, "callum") == [("c1", "mhairi", None, "Satire?")]
    with db.read() as session:
        assert escalations.next_for(session, "mhairi") is None


def test_nobody_is_told_of_their_own_answer(db: Database) -> None:
    decide(db, "c1", "escalate", "isla", note="Hm.")
    decide(db, "c1", "keep", "isla")

    assert (asked(db, "mhairi"), heard(db, "isla")) == ([], [])


def test_what_is_undone_asks_nobody_and_answers_nothing(db: Database) -> None:
    decide(db, "c1", "escalate", "isla", note="Hm.")
    decide(db, "c1", "undo", "isla")
    decide(db, "c2", "escalate", "isla", note="Hm.")
    decide(db, "c2", "keep", "mhairi")
    decide(db, "c2", "undo", "mhairi")

    assert asked(db, "mhairi") == [("c2", "isla", None, "Hm.")]
    assert heard(db, "isla") == []


def test_by_the_console_an_escalation_says_to_whom_and_why(person: Callable[..., Any], db: Database) -> None:
    isla = person("isla")
    asks = isla.decides("c1", "escalate", to="", note="")
    assert (asks.status_code, "Say why" in asks.text) == (400, True)
    form = {**isla.opens("c1"), "verdict": "escalate"}
    first = isla.client.post("/review/decisions", data=form)
    assert (first.status_code, "Escalate to whom, and why?" in first.text) == (200, True)
    assert re.findall(r"<option[^>]*>([^<]+)</option>", first.text) == ["Any lead", "callum", "mhairi"]
    assert asked(db, "mhairi") == []

    isla.client.post("/review/decisions", data={**form, "to": "mhairi", "note": "Is this a threat?"})
    assert asked(db, "mhairi") == [("c1", "isla", "mhairi", "Is this a threat?")]


def test_a_lead_answers_one_after_the_other_and_the_asker_reads_it(person: Callable[..., Any], db: Database) -> None:
    lead, isla = person("fiona", "lead"), person("isla")
    for name in ("c1", "c2"):
        decide(db, name, "escalate", "isla", note="Satire?")
    assert "2</strong> escalated to you" in lead.reads("/review/lead").text
    assert "asked any lead" in lead.reads("/review/escalations").text
    assert 'href="/review/escalations/next" data-key="n"' in lead.reads("/review?state=escalated").text
    there = "/review/comments/c1?state=escalated"
    assert lead.reads("/review/escalations/next").location == there
    panel, question = (lead.reads(there).text.index(words) for words in ("<h2", "Satire?"))
    assert question < panel
    on = lead.presses(lead.form_of(lead.reads(there)), "keep", note="Fair comment.")
    assert on.location == "/review/escalations/next"
    assert lead.reads(on.location).location == "/review/comments/c2?state=escalated"

    page = " ".join(isla.reads("/review").text.split())
    assert "<bdi>fiona</bdi> kept the comment by" in page
    assert "Fair comment." in page
    number = re.findall(r'name="number" value="(\d+)"', page)
    isla.sends("/review/escalations/heard", form="/review", number=number)
    assert "Fair comment." not in isla.reads("/review").text


def test_a_moderator_has_no_queue_of_escalations(person: Callable[..., Any]) -> None:
    isla = person("isla")
    for path in ("/review/lead", "/review/escalations", "/review/escalations/next"):
        assert isla.reads(path).status_code == 403
    assert isla.sends("/review/escalations/heard", form="/review", number="7").status_code == 404


def test_only_a_lead_can_be_asked_and_one_who_has_left_asks_the_others(db: Database) -> None:
    with pytest.raises(InvalidInput, match="'isla' is not a lead"):
        decide(db, "c1", "escalate", "rory", to="isla")
    decide(db, "c1", "escalate", "rory", to="mhairi")
    with db.write() as session:
        set_role(session, "mhairi", "none")

    assert asked(db, "callum") == [("c1", "rory", "mhairi", None)]
