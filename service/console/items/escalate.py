"""What an escalation needs before it is recorded: to whom, and why."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.console import drafts, login
from service.console.filters import arguments_of, wanted_of_query
from service.console.items.forms import given_note, given_picks
from service.console.items.item import card_of
from service.moderation.comments import get_item
from service.moderation.escalations import names_of_leads
from service.storage.items import load_items
from service.storage.records import Item, Verdict
from service.storage.tables.comments import CommentRow
from service.web.current import database

_ASKED = ("csrf_token", "verdict", "to", "note")


def lacks_something(verdict: Verdict) -> bool:
    """Return whether a form escalates and says neither to whom nor why."""
    return verdict == "escalate" and (given_note() is None or "to" not in request.form)


def given_lead() -> str | None:
    """Read whom an escalation asks; None asks any lead."""
    return request.form.get("to", "").replace("\0", "") or None


def ask() -> Response:
    """Ask for what is lacking; the form's other fields are kept."""
    draft = drafts.draft_of(drafts.place())
    drafts.keep()
    comment_id, again = request.form.get("comment_id"), "to" in request.form
    with database().read() as session:
        leads = names_of_leads(session)
        about = [get_item(session, comment_id)] if comment_id else _ticked(session)
    page = render_template(
        "console/escalate.html",
        kept=[(name, value) for name, value in request.form.items(multi=True) if name not in _ASKED],
        leads=leads,
        to=given_lead() or draft.to,
        note=given_note() or draft.note,
        missing=again,
        cards=[card_of(item) for item in about],
        comment_id=comment_id,
        list_at=login.local(request.form.get("onward") or request.form.get("back")),
        here=arguments_of(wanted_of_query(request.form.get("filters", ""))),
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if again else HTTPStatus.OK)


def _ticked(session: Session) -> Sequence[Item]:
    """Load the items that are ticked."""
    ids = [comment_id for _, comment_id in given_picks()]
    return load_items(session, session.scalars(select(CommentRow).where(CommentRow.id.in_(ids))).all())
