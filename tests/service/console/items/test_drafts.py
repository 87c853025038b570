"""What a moderator wrote is not lost: the session ended, a colleague was first, the comment or the database changed."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.accounts.users import reset_password
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.storage.database import Database

Flag = Callable[..., None]
COMMENT = "You stupid wanker, the bridge is late and you know it."
AMENDED = "The bridge is late,\nand you know it."
NO_NOTE = 'id="note" name="note" value=""'
TICKED = 'autocomplete="off" checked'
KEPT = "What you wrote is kept."


@pytest.fixture
def comment(flag: Flag) -> str:
    """Flag a comment."""
    flag("c1", text=COMMENT, author="Tam", spans=())
    return "c1"


def logs_in(person: Any, db: Database) -> None:
    with db.write() as session:
        password = reset_password(session, "isla")
    assert person.sends("/review/login", name="isla", password=password).status_code == 303


def ends(person: Any, back: str) -> None:
    """End a session, as if its cookie had grown old."""
    with person.client.session_transaction() as cookie:
        cookie.clear()
    assert person.reads(back).status_code == 303


def amending(person: Any, **fields: Any) -> dict[str, Any]:
    """Open the form of an amendment and fill it in."""
    form = person.form_of(person.reads("/review/amend/c1"))
    return {**form, "verdict": "amend", "rule": "3", "amended_text": COMMENT, **fields}


def says(page: Any, value: str, name: str = "note") -> bool:
    return f'id="{name}" name="{name}" value="{value}"' in page.text


def test_a_note_outlives_the_session(isla: Any, db: Database, flag: Flag, comment: str) -> None:
    flag("c2")
    form = isla.opens(comment)
    ends(isla, "/review")
    told = isla.reads(isla.presses(form, "keep", note="Second time, fed up.").location)
    assert KEPT in told.text
    logs_in(isla, db)
    assert NO_NOTE in isla.reads("/review/comments/c2").text
    assert says(isla.reads("/review/comments/c1"), "Second time, fed up.")
    isla.decides("c2", "keep")
    assert says(isla.reads("/review/comments/c1"), "Second time, fed up.")
    isla.decides("c1", "keep")
    assert NO_NOTE in isla.reads("/review/comments/c1").text


@pytest.mark.parametrize("path", ["/review/logout", "/review/login"])
def test_a_note_outlives_a_log_in_in_another_window(isla: Any, db: Database, comment: str, path: str) -> None:
    form = isla.opens(comment)
    if path == "/review/logout":
        isla.sends(path, "/review")
    logs_in(isla, db)
    page = isla.presses(form, "keep", note="x" * 900 + "🌊" * 100)
    assert (page.status_code, KEPT in page.text) == (400, True)
    assert 'href="/review/comments/c1"' in page.text
    assert says(isla.reads("/review/comments/c1"), "x" * 900 + "🌊" * 100)


@pytest.mark.parametrize(
    ("fields", "shown", "hidden"),
    [
        ({"amended_text": AMENDED.replace("\n", "\r\n")}, [f">\n{AMENDED}</textarea>", "<details open>"], [TICKED]),
        (
            {"strike": ["4-10", "11-18"]},
            ['value="4-10" autocomplete="off" checked', 'value="11-18" autocomplete="off" checked', f">\n{COMMENT}<"],
            ['value="0-3" autocomplete="off" checked', "<details open>"],
        ),
    ],
)
def test_an_amendment_outlives_the_session(
    isla: Any, db: Database, comment: str, fields: dict[str, Any], shown: list[str], hidden: list[str]
) -> None:
    form = amending(isla, note="The rest is fair.", **fields)
    ends(isla, "/review")
    answer = isla.client.post("/review/decisions", data=form)
    assert answer.location == "/review/login?next=/review/amend/c1"
    assert KEPT in isla.reads(answer.location).text
    logs_in(isla, db)

    assert 'href="/review/amend/c1">Go on with it' in isla.reads(f"/review/comments/{comment}").text
    page = isla.reads("/review/amend/c1")
    assert [part for part in shown if part not in page.text] == []
    assert [part for part in hidden if part in page.text] == []
    assert says(page, "The rest is fair.")
    assert '<option value="3" selected>' in page.text


def test_an_amendment_of_what_is_edited_meanwhile_is_shown_as_it_was_to_stand(
    isla: Any, client: FlaskClient, comment: str
) -> None:
    form = amending(isla, strike=["4-10", "11-18"])
    client.post("/v1/comments", json={"id": comment, "article_id": "bridge", "text": "The bridge is late, wanker."})
    answer = isla.client.post("/review/decisions", data=form)
    assert answer.status_code == 409

    # Who looks at it in full first, and does not record it at once, finds it again.
    page = isla.reads("/review/amend/c1").text
    assert "The author has edited the comment since." in page
    assert ">\nYou […] the bridge is late and you know it.</textarea>" in page
    assert TICKED not in page


def test_an_amendment_after_a_colleagues_decision_is_recorded_on_a_second_press(
    isla: Any, db: Database, comment: str
) -> None:
    form = amending(isla, amended_text=AMENDED)
    with db.write() as session:
        add_decision(session, comment, NewDecision(verdict="keep", moderator="anna"))
    asked = isla.client.post("/review/decisions", data=form)
    assert (asked.status_code, "Overrule anna" in asked.text or "anna has since decided" in asked.text) == (409, True)
    assert f">\n{AMENDED}</textarea>" in isla.reads("/review/amend/c1").text

    again = {**isla.form_of(asked), "verdict": "amend", "note": "It names nobody."}
    assert isla.client.post("/review/decisions", data=again).status_code == 303
    with db.read() as session:
        assert get_item(session, comment).decisions[-1].amended_text == AMENDED
    assert "Go on with it" not in isla.reads("/review/comments/c1").text


def test_an_escalation_outlives_the_session_and_a_colleagues_decision(
    isla: Any, person: Callable[..., Any], db: Database, comment: str
) -> None:
    person("mhairi", "lead")
    form = isla.opens(comment)
    ends(isla, "/review")
    isla.presses(form, "escalate", to="mhairi", note="Is this contempt of court?")
    logs_in(isla, db)
    form = isla.opens(comment)
    asked = isla.client.post("/review/decisions", data={**form, "verdict": "escalate"})
    assert says(asked, "Is this contempt of court?")
    assert "<option selected>mhairi</option>" in asked.text

    with db.write() as session:
        add_decision(session, comment, NewDecision(verdict="keep", moderator="anna"))
    overtaken = isla.presses(form, "escalate", to="mhairi", note="Is this contempt of court?")
    assert overtaken.status_code == 409
    again = {**isla.form_of(overtaken), "verdict": "escalate", "note": "Is this contempt of court?"}
    assert isla.client.post("/review/decisions", data=again).status_code == 303
    with db.read() as session:
        last = get_item(session, comment).decisions[-1]
    assert (last.verdict, last.note) == ("escalate", "Is this contempt of court?")


def test_who_goes_back_from_an_escalation_finds_the_reason_in_the_note(isla: Any, comment: str) -> None:
    isla.presses(isla.opens(comment), "escalate", to="", note=" ")
    form = isla.opens(comment)
    asked = isla.client.post("/review/decisions", data={**form, "verdict": "escalate", "note": "Look at this."})
    assert says(asked, "Look at this.")
    assert says(isla.reads("/review/comments/c1"), "Look at this.")


def test_the_reason_for_an_overruling_outlives_the_session(isla: Any, rory: Any, db: Database, comment: str) -> None:
    rory.decides(comment, "keep")
    with db.read() as session:
        (decision,) = get_item(session, comment).decisions
    back = {"comment_id": comment, "decision": str(decision.id), "back": "/review/comments/c1"}
    asked = isla.sends("/review/undo", "/review", **back)
    ends(isla, "/review")
    isla.client.post("/review/undo", data={**isla.form_of(asked), "note": "He names her."})
    logs_in(isla, db)
    assert says(isla.sends("/review/undo", "/review", **back), "He names her.")


@pytest.mark.parametrize(
    ("page", "path", "fields"),
    [
        ("/review/batch?author=Tam", "/review/batch", {"pick": "1.0.0 c1", "verdict": "keep"}),
        ("/review/authors/Tam", "/review/author-notes", {"author": "Tam"}),
    ],
)
def test_a_note_on_several_or_on_an_author_outlives_the_session(
    isla: Any, db: Database, comment: str, page: str, path: str, fields: dict[str, str]
) -> None:
    assert f'name="back" value="{page}"' in isla.reads(page).text
    ends(isla, "/review")
    answer = isla.client.post(path, data={**fields, "back": page, "note": f"All of {comment}’s kind."})
    assert KEPT in isla.reads(answer.location).text
    logs_in(isla, db)
    assert f'value="All of {comment}’s kind."' in isla.reads(page).text
    assert isla.sends(path, page, **fields, back=page, note="All of a kind.").status_code == 303
    assert "of a kind" not in isla.reads("/review").text


@pytest.mark.usefixtures("comment")
def test_a_note_is_not_lost_because_nothing_was_ticked(isla: Any) -> None:
    page = "/review/batch?author=Tam"
    isla.sends("/review/batch", page, verdict="keep", back=page, note="All of a kind.")
    assert 'value="All of a kind."' in isla.reads(page).text


def test_what_is_refused_can_be_mended(isla: Any, comment: str) -> None:
    page = isla.client.post("/review/decisions", data=amending(isla, amended_text=AMENDED, rule="77"))
    assert (page.status_code, KEPT in page.text, 'href="/review/amend/c1"' in page.text) == (404, True, True)
    assert f">\n{AMENDED}</textarea>" in isla.reads(f"/review/amend/{comment}").text


def test_what_is_too_long_for_a_cookie_is_shown_to_be_copied(isla: Any, comment: str) -> None:
    long = secrets.token_hex(6_000) + "\nand <so> on"
    form = amending(isla, amended_text=long)
    refused = isla.client.post("/review/decisions", data={**form, "rule": "77"})
    ends(isla, "/review")
    ended = isla.client.post("/review/decisions", data=form)
    for page in (refused, ended):
        assert KEPT not in page.text
        assert f">\n{long.replace('<', '&lt;').replace('>', '&gt;')}</textarea>" in page.text
    assert ended.status_code == 401
    assert f'href="/review/login?next=/review/amend/{comment}"' in ended.text


def test_what_another_site_sends_is_neither_kept_nor_shown(isla: Any, comment: str) -> None:
    ends(isla, "/review")
    fields = {"comment_id": comment, "note": "Not mine."}
    answer = isla.client.post("/review/decisions", data=fields, headers={"Sec-Fetch-Site": "cross-site"})
    assert KEPT not in isla.reads(answer.location).text
