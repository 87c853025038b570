"""What moderators ask their leads: a queue of its own, and the way back to who asked."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.console import login
from service.console.items.item import card_of
from service.moderation import escalations
from service.moderation.escalations import Answer, Escalation
from service.triage import claims
from service.web.current import database
from service.wording.catalogue import gettext as _

bp = Blueprint("escalations", __name__)

_LONGEST_NUMBER = 9


@bp.get("/escalations")
@login.needs("lead")
def show() -> Response:
    """List what moderators ask this lead, and what they ask the others."""
    with database().read() as session:
        mine = escalations.list_escalations(session, login.moderator())
        others = escalations.list_escalations(session, login.moderator(), others=True)
        ids = [str(one.item.comment.id) for one in (*mine, *others)]
        held = claims.holders(session, ids)
        waiting = escalations.questions_to(session, login.moderator())
    page = render_template(
        "console/escalations.html", mine=_cards(mine), others=_cards(others), held=held, waiting=waiting
    )
    return make_response(page)


@bp.get("/escalations/next")
@login.needs("lead")
def open_next() -> Response:
    """Open what this lead was asked about first."""
    with database().read() as session:
        comment_id = escalations.next_for(session, login.moderator())
    if comment_id is None:
        flash(_("No escalation is left for you."))
        return redirect(url_for(".show"), HTTPStatus.SEE_OTHER)
    return redirect(url_for("console.item.show", comment_id=comment_id, state="escalated"), HTTPStatus.SEE_OTHER)


@bp.post("/escalations/heard")
def hear() -> Response:
    """Note that a moderator has read the answers to what they asked."""
    numbers = [int(one) for one in request.form.getlist("number") if one.isdecimal() and len(one) <= _LONGEST_NUMBER]
    with database().write() as session:
        escalations.hear(session, login.moderator(), numbers[: escalations.MOST])
    return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)


def answers() -> tuple[Answer, ...]:
    """Return the answers that who is logged in has not heard yet; a template calls it."""
    if not login.moderator():
        return ()
    with database().read() as session:
        return escalations.answers_for(session, login.moderator())


def _cards(found: tuple[Escalation, ...]) -> list[tuple[Escalation, object]]:
    """Return escalations, each with the card of its comment."""
    return [(one, card_of(one.item)) for one in found]
