"""One item before one moderator: opened, held, taken over, let go."""

from http import HTTPStatus

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES
from service.console import drafts, login
from service.console.cards import Card, card, quote
from service.console.disguise import lookalikes
from service.console.filters import arguments_of, query_of, wanted_of, wanted_of_query
from service.console.items.forms import given_number
from service.console.items.undo import undoable
from service.insights.blind import is_blind
from service.moderation import threads
from service.moderation.comments import lock_comment
from service.moderation.rules import current_rules
from service.storage.records import Item
from service.triage import claims, listing
from service.triage.claims import Claim
from service.triage.listing import ItemFilter
from service.web.current import current_choices, current_scorer, database
from service.wording.catalogue import gettext as _
from service.wording.catalogue import ngettext

bp = Blueprint("item", __name__)


@bp.get("/next")
def next_item() -> Response:
    """Find the next item and lead to its address, which is the same for everybody."""
    wanted = wanted_of(request.args)
    with database().write() as session:
        claim = listing.next_for(
            session,
            login.moderator(),
            wanted,
            shares=current_choices().shares,
            lease=current_app.config["LEASE"],
        )
    if claim is None:
        return _nothing_left(wanted)
    return redirect(url_for(".show", comment_id=claim.comment_id, **arguments_of(wanted)), HTTPStatus.SEE_OTHER)


@bp.get("/comments/<id:comment_id>")
def show(comment_id: str) -> Response:
    """Open one comment, waiting or not."""
    claim = None
    with database().write() as session:
        row = lock_comment(session, comment_id)
        if row.state in ("open", "escalated"):
            claim = claims.claim(session, row, login.moderator(), current_app.config["LEASE"])
    return _page(comment_id, claim, wanted_of(request.args))


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
        held = claims.extend(session, given_number("claim"), login.moderator(), current_app.config["LEASE"])
    return make_response("", HTTPStatus.NO_CONTENT if held else HTTPStatus.CONFLICT)


@bp.post("/claims/close")
def close() -> Response:
    """Release an item that nobody is looking at any more."""
    with database().write() as session:
        claims.release(session, given_number("claim"), login.moderator(), "closed")
    return make_response("", HTTPStatus.NO_CONTENT)


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


def _page(comment_id: str, claim: Claim | None, wanted: ItemFilter) -> Response:
    """Show an item with its thread and the form for decisions."""
    with database().read() as session:
        found, thread = threads.item_in_thread(session, comment_id)
        quotes = [quote(other) for other in thread]
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
            thread=quotes,
            above=quotes[: thread.index(found)],
            twin=threads.other_author(session, lookalikes(found.comment.author or "")),
            history=threads.history_of(session, found),
            scores=threads.scores_of(session, comment_id),
            edits=threads.edits_of(session, comment_id),
            rules=current_rules(session),
            recent=undoable(session),
            draft=drafts.draft_of(comment_id),
            attributes=[attribute.name for attribute in ATTRIBUTES],
        )
    return make_response(page)


def _nothing_left(wanted: ItemFilter) -> Response:
    """Say why there is no next item, and go to the queue."""
    with database().read() as session:
        left = listing.waiting(session, wanted).total
    if left:
        flash(
            ngettext(
                "Nothing here for you: the %(num)s comment left is with a colleague, or skipped by you.",
                "Nothing here for you: the %(num)s comments left are with a colleague, or skipped by you.",
                left,
            )
        )
    else:
        flash(_("That was the last one. Nothing else is waiting here."))
    return redirect(url_for("console.queue.show", **arguments_of(wanted)), HTTPStatus.SEE_OTHER)
