"""The ways back: a decision undone, a skip taken back, a colleague overruled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from service.console import drafts, login
from service.console.filters import wanted_of_query
from service.console.items.forms import given_note, given_number, go_on
from service.moderation import threads
from service.moderation.comments import get_comment, get_item, lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.storage.records import Conflict, Decision
from service.triage import claims
from service.triage.claims import Claim
from service.web.current import database
from service.wording.catalogue import gettext as _
from service.wording.catalogue import lazy_gettext

bp = Blueprint("undo", __name__)

_UNDO_FOR = timedelta(hours=1)
_UNDO_MOST = 5
_AFTER_UNDO: dict[str | None, object] = {
    "open": lazy_gettext("The comment is back in the queue."),
    "escalated": lazy_gettext("An earlier decision stands: the comment is escalated."),
    "decided": lazy_gettext("Another decision on the comment stands."),
    None: lazy_gettext("Nothing calls for a review of the comment, so it is not in the queue."),
}


@dataclass(frozen=True, slots=True)
class Undoable:
    """What can be taken back: a decision, with how many comments it decided, or a skip; and whose comment it was."""

    at: datetime
    author: str | None
    decision: Decision | None = None
    decided: int = 1
    skip: Claim | None = None


def undoable(session: Session) -> tuple[Undoable, ...]:
    """Return what this moderator did last, latest first."""
    since, who = datetime.now(UTC) - _UNDO_FOR, login.moderator()
    decided = [
        Undoable(
            decision.decided_at,
            author,
            decision,
            len(threads.decisions_of_batch(session, decision.batch)) if decision.batch else 1,
        )
        for decision, author in threads.last_decisions(session, who, since=since, most=_UNDO_MOST)
    ]
    skipped = [
        Undoable(at, author, skip=skip)
        for skip, at, author in claims.last_skips(session, who, since=since, most=_UNDO_MOST)
    ]
    return tuple(sorted(decided + skipped, key=lambda one: one.at, reverse=True)[:_UNDO_MOST])


@bp.post("/skip")
def skip() -> Response:
    """Leave an item to somebody else, or for later."""
    with database().write() as session:
        claims.release(session, given_number("claim"), login.moderator(), "skipped")
    return go_on(wanted_of_query(request.form.get("filters", "")))


@bp.post("/skip/undo")
def take_up() -> Response:
    """Take back a skip, and open the item again."""
    with database().write() as session:
        comment_id = claims.take_up(session, given_number("skip"), login.moderator())
    if comment_id is None:
        raise Conflict(_("This skip can no longer be undone."))
    flash(_("Skip undone. The comment is yours again, unless a colleague has opened it."))
    return redirect(url_for("console.item.show", comment_id=comment_id), HTTPStatus.SEE_OTHER)


@bp.post("/undo")
def undo() -> Response:
    """Undo a decision, or all of one batch: this adds entries and erases none. A colleague's needs a reason."""
    comment_id, batch, reason = request.form.get("comment_id", ""), request.form.get("batch"), given_note()
    with database().write() as session:
        if batch:
            taken_back = [(one.comment_id, one.id) for one in threads.decisions_of_batch(session, batch)]
            if not taken_back:
                raise Conflict(_("None of these decisions can still be undone."))
        else:
            taken_back = [(comment_id, given_number("decision"))]
        overruled = [one for about, number in taken_back for one in _colleagues(session, about, number)]
        asks = bool(overruled) and reason is None
        note = reason if overruled else None
        for about, number in [] if asks else taken_back:
            undoing = NewDecision(verdict="undo", moderator=login.moderator(), undoes=number, note=note)
            add_decision(session, about, undoing)
        states = [get_comment(session, about).state for about, _ in taken_back]
    if asks:
        page = render_template(
            "console/overrule.html",
            overruled=overruled,
            missing="asked" in request.form,
            draft=drafts.draft_of(drafts.place()),
        )
        return make_response(page, HTTPStatus.CONFLICT)
    drafts.forget()
    if batch:
        back = states.count("open")
        flash(_("%(num)s decisions undone. Comments back in the queue: %(back)s.", num=len(states), back=back))
        return redirect(url_for("console.queue.show"), HTTPStatus.SEE_OTHER)
    colleagues = _("%(who)s’s decision undone.", who=overruled[0].moderator) if overruled else ""
    whose = colleagues or _("Decision undone.")
    flash(f"{whose} {_AFTER_UNDO[states[0]]}")
    return redirect(url_for("console.item.show", comment_id=comment_id), HTTPStatus.SEE_OTHER)


def _colleagues(session: Session, comment_id: str, number: int) -> list[Decision]:
    """Return the decision of this number if a colleague made it, and it still can be undone."""
    lock_comment(session, comment_id)
    decisions = get_item(session, comment_id).decisions
    undone = {one.undoes for one in decisions} | {one.id for one in decisions if one.verdict == "undo"}
    return [
        one for one in decisions if one.id == number and one.moderator != login.moderator() and number not in undone
    ]
