"""What the forms of an item send, read; and where to go after one."""

from http import HTTPStatus
from typing import cast

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from service.console import login
from service.console.filters import arguments_of
from service.storage.records import Verdict
from service.triage.listing import ItemFilter

LONGEST_NOTE = 1000
_LONGEST_NUMBER = 18


def given_verdict() -> tuple[Verdict, str | None]:
    """Read from a form what to do, and by which rule: a button for removal names its rule."""
    if rule := request.form.get("remove", "").strip():
        return "remove", rule
    verdict = request.form.get("verdict", "")
    if verdict == "amend" and (rule := request.form.get("rule", "").strip()):
        return "amend", rule
    if verdict not in ("keep", "escalate"):
        abort(HTTPStatus.BAD_REQUEST)
    return cast("Verdict", verdict), None


def given_note() -> str | None:
    """Read a form's note."""
    return request.form.get("note", "").replace("\0", "").strip()[:LONGEST_NOTE] or None


def given_number(field: str) -> int:
    """Read a number that a page had put into its form."""
    given = request.form.get(field, "")
    if not given.isdecimal() or len(given) > _LONGEST_NUMBER:
        abort(HTTPStatus.BAD_REQUEST)
    return int(given)


def given_picks() -> list[tuple[str, str]]:
    """Read which items are ticked: of each, what was shown of it, and its comment's id."""
    parts = (one.partition(" ") for one in request.form.getlist("pick"))
    return [(shown, comment_id) for shown, _, comment_id in parts]


def go_on(wanted: ItemFilter) -> Response:
    """Go to the next item, or back to the list of those that are escalated or decided."""
    if wanted.state == "escalated" and login.may("lead"):
        return redirect(url_for("console.escalations.open_next"), HTTPStatus.SEE_OTHER)
    view = "console.item.next_item" if wanted.state == "open" else "console.queue.show"
    return redirect(url_for(view, **arguments_of(wanted)), HTTPStatus.SEE_OTHER)
