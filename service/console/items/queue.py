"""The lists of what waits for a person and of what was decided."""

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES
from service.console.filters import arguments_of, cursor_of, query_of, wanted_of
from service.console.items.item import card_of, undoable
from service.staffing.budget import reached
from service.triage import claims, listing
from service.triage.listing import Wanted
from service.web.current import current_scorer, database, kept_budget, newsroom

bp = Blueprint("queue", __name__)

PAGE = 25


@bp.get("")
def show() -> Response:
    """List the comments waiting for a person, the next one first, or those decided on."""
    wanted, cursor = wanted_of(request.args), cursor_of(request.args)
    with database().read() as session:
        page = listing.list_items(session, wanted, cursor=cursor, limit=PAGE)
        waiting = listing.waiting(session, Wanted())
        narrowed = listing.waiting(session, wanted) if wanted.narrowed and wanted.state == "open" else waiting
        escalated = listing.count(session, Wanted("escalated"))
        held = claims.holders(session, [str(item.comment.id) for item in page.items])
        articles = listing.articles_in(session, wanted.state)
        sections = listing.sections(session)
        recent = undoable(session)
        budget = kept_budget().find(session, current_scorer().manifest.thresholds)
        reach = reached(session, budget) if budget else 0
    return make_response(
        render_template(
            "console/queue.html",
            cards=[card_of(item) for item in page.items],
            wanted=wanted,
            here=arguments_of(wanted),
            query=query_of(wanted),
            waiting=waiting,
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
