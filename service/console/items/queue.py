"""The lists of what waits for a person and of what was decided."""

from flask import Blueprint, jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES
from service.console import login
from service.console.filters import arguments_of, cursor_of, query_of, wanted_of
from service.console.items.item import card_of
from service.console.items.refused import warnings
from service.console.items.undo import undoable
from service.moderation.rules import current_rules
from service.staffing.budget import reached
from service.triage import claims, listing
from service.triage.listing import ItemFilter
from service.web.current import current_choices, current_scorer, database, kept_budget, newsroom

bp = Blueprint("queue", __name__)

PAGE = 25


@bp.get("")
def show() -> Response:
    """List the comments waiting for a person, the next one first, or those decided on."""
    wanted, cursor = wanted_of(request.args), cursor_of(request.args)
    with database().read() as session:
        page = listing.list_items(session, wanted, cursor=cursor, limit=PAGE)
        waiting = listing.waiting(session, ItemFilter())
        filtered = wanted.narrowed or wanted.stream is not None
        narrowed = listing.waiting(session, wanted) if filtered and wanted.state == "open" else waiting
        escalated = listing.count(session, ItemFilter("escalated"))
        held = claims.holders(session, [str(item.comment.id) for item in page.items])
        articles = listing.articles_in(session, wanted.state)
        sections = listing.sections(session)
        recent, rules = undoable(session), current_rules(session)
        thresholds = current_scorer().manifest.thresholds
        budget = kept_budget().find(session, newsroom(), thresholds=thresholds, shares=current_choices().shares)
        reach = reached(session, budget) if budget else 0
    return make_response(
        render_template(
            "console/queue.html",
            refused=warnings() if login.may("lead") else [],
            cards=[card_of(item) for item in page.items],
            wanted=wanted,
            rules=rules,
            here=arguments_of(wanted),
            query=query_of(wanted),
            waiting=waiting,
            filtered=filtered,
            narrowed=narrowed,
            escalated=escalated,
            held=held,
            articles=articles,
            sections=sections,
            attributes=ATTRIBUTES,
            first=cursor is None,
            following=page.next_cursor,
            recent=recent,
            budget=budget,
            reach=reach,
            zone=newsroom().zone,
        ),
    )


@bp.get("/counts")
def counts() -> Response:
    """Return how many wait, for a list that is left open."""
    with database().read() as session:
        waiting = listing.waiting(session, ItemFilter())
        escalated = listing.count(session, ItemFilter("escalated"))
    return jsonify({**waiting.streams, "total": waiting.total, "escalated": escalated})
