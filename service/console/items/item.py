"""One item before one moderator: opened, held, decided on, skipped, taken back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import cast

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES, BY_NAME
from service.console import layout, login
from service.console.cards import Card, card, quote, seen
from service.console.filters import arguments_of, query_of, wanted_of, wanted_of_query
from service.insights.blind import is_blind
from service.moderation import threads
from service.moderation.comments import get_comment, get_item, last_seen, lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.rules import current_rules
from service.storage.records import Conflict, Decision, Item, Verdict
from service.triage import claims, listing
from service.triage.claims import Claim
from service.triage.listing import Wanted
from service.web.current import current_scorer, database

bp = Blueprint("item", __name__)

LONGEST_NOTE = 1000
_LONGEST_NUMBER = 18
_UNDO_FOR = timedelta(hours=1)
_UNDO_MOST = 5
_AFTER_UNDO: dict[str | None, str] = {
    "open": "The comment is back in the queue.",
    "escalated": "An earlier decision stands: the comment is escalated.",
    "decided": "Another decision on the comment stands.",
    None: "Nothing calls for a review of the comment, so it is not in the queue.",
}


@dataclass(frozen=True, slots=True)
class Undoable:
    """A decision that can be taken back, who wrote the comment that it is about, and how many it decided."""

    decision: Decision
    author: str | None
    decided: int


@bp.get("/next")
def next_item() -> Response:
    """Open the next item."""
    wanted = wanted_of(request.args)
    with database().write() as session:
        claim = listing.next_for(
            session,
            login.moderator(),
            wanted,
            shares=current_app.config["SHARES"],
            lease=current_app.config["LEASE"],
        )
    if claim is None:
        return _nothing_left(wanted)
    return _page(claim.comment_id, claim, wanted)


@bp.get("/comments/<id:comment_id>")
def show(comment_id: str) -> Response:
    """Open one comment, waiting or not."""
    claim = None
    with database().write() as session:
        row = lock_comment(session, comment_id)
        if row.state in ("open", "escalated"):
            claim = claims.claim(session, row, login.moderator(), current_app.config["LEASE"])
    return _page(comment_id, claim, wanted_of(request.args))


@bp.post("/decisions")
def decide() -> Response:
    """Record a verdict, unless another moderator decided or holds the item, or it has changed since it was shown."""
    comment_id, moderator = request.form.get("comment_id", ""), login.moderator()
    verdict, rule = given_verdict()
    wanted = wanted_of_query(request.form.get("filters", ""))
    with database().write() as session:
        row = lock_comment(session, comment_id)
        held = claims.holder(session, comment_id)
        knowingly = request.form.get("knowingly") == "yes"
        clear = held is None or held.moderator == moderator or knowingly
        last = last_seen(session, comment_id)
        fresh = seen(row.revision, last.decision, last.report) == request.form.get("seen")
        if clear and fresh:
            add_decision(
                session,
                comment_id,
                NewDecision(
                    verdict=verdict,
                    moderator=moderator,
                    rule=rule,
                    note=given_note(),
                    # What nobody named is unknown, which is not the same as "is not".
                    attributes={name: 1 for name in request.form.getlist("is") if name in BY_NAME},
                    opened_at=claims.finish(session, comment_id, moderator, knowingly=knowingly),
                    blind=request.form.get("blind") == "yes" and hidden(get_item(session, comment_id)),
                ),
            )
        else:
            found = get_item(session, comment_id)
    if not clear or not fresh:
        return _overtaken(found, held, verdict, rule)
    return go_on(wanted)


@bp.post("/skip")
def skip() -> Response:
    """Leave an item to somebody else, or for later."""
    with database().write() as session:
        claims.release(session, _number("claim"), login.moderator(), "skipped")
    return go_on(wanted_of_query(request.form.get("filters", "")))


@bp.post("/take")
def take() -> Response:
    """Take an item from the moderator who holds it; they are told."""
    comment_id = request.form.get("comment_id", "")
    with database().write() as session:
        row = lock_comment(session, comment_id)
        claims.claim(session, row, login.moderator(), current_app.config["LEASE"], take=True)
    wanted = wanted_of_query(request.form.get("filters", ""))
    return redirect(url_for(".show", comment_id=comment_id, **arguments_of(wanted)), HTTPStatus.SEE_OTHER)


@bp.post("/claims/extend")
def extend() -> Response:
    """Hold an item longer while somebody is looking at it; 409 if it is no longer held."""
    with database().write() as session:
        held = claims.extend(session, _number("claim"), login.moderator(), current_app.config["LEASE"])
    return make_response("", HTTPStatus.NO_CONTENT if held else HTTPStatus.CONFLICT)


@bp.post("/claims/close")
def close() -> Response:
    """Let go of an item that nobody is looking at any more."""
    with database().write() as session:
        claims.release(session, _number("claim"), login.moderator(), "closed")
    return make_response("", HTTPStatus.NO_CONTENT)


@bp.post("/undo")
def undo() -> Response:
    """Undo a decision, or all of one batch: this adds entries and erases none."""
    comment_id, batch = request.form.get("comment_id", ""), request.form.get("batch")
    with database().write() as session:
        if batch:
            taken_back = [(one.comment_id, one.id) for one in threads.decisions_of_batch(session, batch)]
            if not taken_back:
                raise Conflict("None of these decisions can still be undone.")
        else:
            taken_back = [(comment_id, _number("decision"))]
        for about, decision in taken_back:
            add_decision(session, about, NewDecision(verdict="undo", moderator=login.moderator(), undoes=decision))
        states = [get_comment(session, about).state for about, _ in taken_back]
    if batch:
        flash(f"{len(states)} decisions undone. Comments back in the queue: {states.count('open')}.")
        return redirect(url_for("console.queue.show"), HTTPStatus.SEE_OTHER)
    flash(f"Decision undone. {_AFTER_UNDO[states[0]]}")
    return redirect(url_for(".show", comment_id=comment_id), HTTPStatus.SEE_OTHER)


def given_verdict() -> tuple[Verdict, str | None]:
    """Read from a form what to do, and by which rule: a button for removal names its rule."""
    if rule := request.form.get("remove", "").strip():
        return "remove", rule
    verdict = request.form.get("verdict", "")
    if verdict not in ("keep", "escalate"):
        abort(HTTPStatus.BAD_REQUEST)
    return cast("Verdict", verdict), None


def given_note() -> str | None:
    """Read a form's note."""
    return request.form.get("note", "").replace("\0", "").strip()[:LONGEST_NOTE] or None


def go_on(wanted: Wanted) -> Response:
    """Go to the next item, or back to the list of those that are escalated or decided."""
    view = ".next_item" if wanted.state == "open" else "console.queue.show"
    return redirect(url_for(view, **arguments_of(wanted)), HTTPStatus.SEE_OTHER)


def undoable(session: Session) -> tuple[Undoable, ...]:
    """Return the moderator's last decisions, latest first."""
    since = datetime.now(UTC) - _UNDO_FOR
    decisions = threads.last_decisions(session, login.moderator(), since=since, most=_UNDO_MOST)
    return tuple(
        Undoable(decision, author, len(threads.decisions_of_batch(session, decision.batch)) if decision.batch else 1)
        for decision, author in decisions
    )


def hidden(found: Item) -> bool:
    """Return whether an item's scores are hidden until somebody has decided on it."""
    config = current_app.config
    undecided = found.state == "open" and found.decision_in_force is None
    return undecided and is_blind(str(found.comment.id), secret=config["SECRET_KEY"], share=config["BLIND_SHARE"])


def card_of(found: Item) -> Card:
    """Show an item with the thresholds of the bundle that scored it, or blind."""
    manifest = current_scorer().manifest
    # Another bundle's thresholds say nothing about these scores.
    same = found.judgement.bundle_version == manifest.version
    return card(found, thresholds=manifest.thresholds if same else {}, blind=hidden(found))


def _page(comment_id: str, claim: Claim | None, wanted: Wanted) -> Response:
    with database().read() as session:
        found, thread = threads.item_in_thread(session, comment_id)
        page = render_template(
            "console/item.html",
            card=card_of(found),
            claim=claim if claim is not None and claim.moderator == login.moderator() else None,
            other=claim if claim is not None and claim.moderator != login.moderator() else None,
            lease=int(current_app.config["LEASE"].total_seconds()),
            wanted=wanted,
            here=arguments_of(wanted),
            query=query_of(wanted),
            waiting=listing.waiting(session, wanted) if wanted.state == "open" else None,
            thread=[quote(other) for other in thread],
            history=threads.history_of(session, found),
            scores=threads.scores_of(session, comment_id),
            edits=threads.edits_of(session, comment_id),
            rules=current_rules(session),
            recent=undoable(session),
            attributes=[attribute.name for attribute in ATTRIBUTES],
        )
    return make_response(page)


def _nothing_left(wanted: Wanted) -> Response:
    with database().read() as session:
        left = listing.waiting(session, wanted).total
    if left:
        what = "comment left is" if left == 1 else "comments left are"
        flash(f"Nothing here for you: the {left} {what} with a colleague, or skipped by you.")
    else:
        flash("That was the last one. Nothing else is waiting here.")
    return redirect(url_for("console.queue.show", **arguments_of(wanted)), HTTPStatus.SEE_OTHER)


def _overtaken(found: Item, held: Claim | None, verdict: Verdict, rule: str | None) -> Response:
    was = request.form.get("seen", "").split(".")
    last = found.decisions[-1] if found.decisions and was[1:2] != [str(found.decisions[-1].id)] else None
    if held is not None and held.moderator != login.moderator():
        what = f"{held.moderator} has had it open since {layout.moment(held.opened_at)}."
    elif last is not None and last.verdict == "undo":
        what = f"{last.moderator} has since undone a decision on it."
    elif last is not None and last.moderator != login.moderator():
        what = f"{last.moderator} has since decided on it ({last.verdict})."
    elif last is not None:
        what = f"You have already decided on it ({last.verdict}), perhaps in another window."
    elif was[0] != str(found.revision):
        what = "Its author has edited it since you opened the page."
    else:
        what = "Another reader has reported it since you opened the page."
    page = render_template(
        "console/overtaken.html",
        what=what,
        card=card_of(found),
        verdict=verdict,
        rule=rule,
        note=given_note(),
        named=[name for name in request.form.getlist("is") if name in BY_NAME],
        filters=request.form.get("filters", ""),
        here=arguments_of(wanted_of_query(request.form.get("filters", ""))),
    )
    return make_response(page, HTTPStatus.CONFLICT)


def _number(field: str) -> int:
    given = request.form.get(field, "")
    if not given.isdecimal() or len(given) > _LONGEST_NUMBER:
        abort(HTTPStatus.BAD_REQUEST)
    return int(given)
