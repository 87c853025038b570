"""A verdict on one item: recorded, unless others were there first."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, flash, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from model.attributes import BY_NAME
from service.console import drafts, login
from service.console.cards import seen
from service.console.filters import arguments_of, wanted_of_query
from service.console.items import escalate
from service.console.items.amend import given_amended
from service.console.items.forms import given_note, given_verdict, go_on
from service.console.items.item import card_of, hidden
from service.moderation.comments import LastSeen, get_item, last_seen, lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.storage.records import Decision, Item, Verdict
from service.storage.tables.comments import CommentRow
from service.triage import claims
from service.triage.claims import Claim
from service.web.current import database
from service.wording.catalogue import gettext as _
from service.wording.catalogue import lazy_gettext
from service.wording.dates import moment
from service.wording.sentences import verdict_name

bp = Blueprint("decide", __name__)
_SAME = {
    "keep": lazy_gettext("%(who)s decided the same: kept it."),
    "remove": lazy_gettext("%(who)s decided the same: removed it under rule %(rule)s."),
    "amend": lazy_gettext("%(who)s decided the same: amended it under rule %(rule)s."),
    "escalate": lazy_gettext("%(who)s decided the same: escalated it."),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a moderator wants to decide, and how things stand.

    Attributes
    ----------
    verdict, rule, note, amended
        Their decision; with the text that is to stand, if they amend it.
    last
        What lies before whoever decides now.
    held
        Who has the item open; None if nobody has.
    found
        The item as it is.
    """

    verdict: Verdict
    rule: str | None
    note: str | None
    amended: str | None
    last: LastSeen
    held: Claim | None
    found: Item

    @property
    def fresh(self) -> bool:
        """Whether the page showed the item as it is."""
        return seen(self.found.revision, self.last.decision, self.last.report) == request.form.get("seen")

    @property
    def clear(self) -> bool:
        """Whether no colleague has the item open, or this moderator knows that one has."""
        return self.held is None or self.held.moderator == login.moderator() or "knowingly" in request.form

    @property
    def colleagues(self) -> Decision | None:
        """The decision in force, if it is a colleague's."""
        holds = self.found.decision_in_force
        return None if holds is None or holds.moderator == login.moderator() else holds

    @property
    def same(self) -> bool:
        """Whether a colleague has decided the same since the page was opened, and nothing else has happened."""
        holds = self.colleagues
        if holds is None or holds.id != self.last.decision or self.note is not None or self.amended is not None:
            return False
        before = [seen(self.found.revision, one, self.last.report) for one in self._decisions_before(holds)]
        return (holds.verdict, holds.rule) == (self.verdict, self.rule) and request.form.get("seen") in before

    @property
    def overruled(self) -> Decision | None:
        """The colleague's decision that this one would replace, though nothing calls for another look."""
        holds = self.colleagues
        wish = (self.verdict, self.rule, self.amended)
        if holds is None or self.found.state != "decided" or (holds.verdict, holds.rule, holds.amended_text) == wish:
            return None
        return holds

    @property
    def permitted(self) -> bool:
        """Whether nobody is overruled, or knowingly and with a reason."""
        holds = self.overruled
        return holds is None or (request.form.get("overrules") == str(holds.id) and self.note is not None)

    def _decisions_before(self, holds: Decision) -> list[int]:
        """Return the numbers of the decisions before the one that holds."""
        return [0, *(one.id for one in self.found.decisions if one.id < holds.id)]


@bp.post("/decisions")
def decide() -> Response:
    """Record a verdict, unless another moderator decided or holds the item, or it has changed since it was shown."""
    comment_id, moderator = request.form.get("comment_id", ""), login.moderator()
    verdict, rule = given_verdict()
    if escalate.lacks_something(verdict):
        return escalate.ask()
    with database().write() as session:
        row = lock_comment(session, comment_id)
        wish = _wish(session, row, verdict, rule)
        as_wished = wish.clear and wish.fresh and wish.permitted
        if as_wished:
            _record(session, wish)
        elif wish.same and wish.held is not None:
            claims.release(session, wish.held.id, moderator, "closed")
    if not as_wished and not wish.same:
        return _overtaken(wish)
    drafts.forget()
    if not as_wished and wish.colleagues is not None:
        flash(str(_SAME[verdict]) % {"who": wish.colleagues.moderator, "rule": rule})
    return go_on(wanted_of_query(request.form.get("filters", "")))


def _wish(session: Session, row: CommentRow, verdict: Verdict, rule: str | None) -> Wish:
    """Read what a moderator wishes to decide, and what holds meanwhile."""
    held, last = claims.holder(session, row.id), last_seen(session, row.id)
    amended = given_amended(row.text) if verdict == "amend" else None
    return Wish(verdict, rule, given_note(), amended, last, held, get_item(session, row.id))


def _record(session: Session, wish: Wish) -> None:
    """Record a moderator's decision, with all that their form says of it."""
    comment_id, moderator = str(wish.found.comment.id), login.moderator()
    knowingly = "knowingly" in request.form
    add_decision(
        session,
        comment_id,
        NewDecision(
            verdict=wish.verdict,
            moderator=moderator,
            rule=wish.rule,
            note=wish.note,
            amended_text=wish.amended,
            # What nobody named is unknown, which is not the same as "is not".
            attributes={name: 1 for name in request.form.getlist("is") if name in BY_NAME},
            opened_at=claims.finish(session, comment_id, moderator, knowingly=knowingly),
            blind=request.form.get("blind") == "yes" and hidden(wish.found),
            to=escalate.given_lead() if wish.verdict == "escalate" else None,
        ),
    )


def _overtaken(wish: Wish) -> Response:
    """Show that a colleague decided first, and ask whether to overrule them."""
    drafts.keep()
    filters = request.form.get("filters", "")
    page = render_template(
        "console/overtaken.html",
        what=_what_happened(wish),
        overruled=wish.overruled,
        missing=wish.note is None and "overrules" in request.form,
        card=card_of(wish.found),
        verdict=wish.verdict,
        rule=wish.rule,
        note=wish.note,
        to=escalate.given_lead() or "" if wish.verdict == "escalate" else None,
        amended=wish.amended,
        named=[name for name in request.form.getlist("is") if name in BY_NAME],
        filters=filters,
        here=arguments_of(wanted_of_query(filters)),
    )
    return make_response(page, HTTPStatus.CONFLICT)


def _what_happened(wish: Wish) -> str | None:
    """Return what others did since the page was opened; None if nothing but that a colleague decided before that."""
    if wish.fresh and wish.clear:
        return None
    was, found, held = request.form.get("seen", "").split("."), wish.found, wish.held
    if held is not None and held.moderator != login.moderator():
        return _("%(who)s has had it open since %(time)s.", who=held.moderator, time=moment(held.opened_at))
    if found.decisions and was[1:2] != [str(found.decisions[-1].id)]:
        return _what_was_decided(found.decisions[-1])
    if was[0] != str(found.revision):
        return _("Its author has edited it since you opened the page.")
    return _("Another reader has reported it since you opened the page.")


def _what_was_decided(last: Decision) -> str:
    """Say who has decided meanwhile, and what."""
    verdict = verdict_name(last.verdict)
    if last.verdict == "undo":
        return _("%(who)s has since undone a decision on it.", who=last.moderator)
    if last.moderator == login.moderator():
        return _("You have already decided on it (%(verdict)s), perhaps in another window.", verdict=verdict)
    return _("%(who)s has since decided on it (%(verdict)s).", who=last.moderator, verdict=verdict)
