"""The moderators' console: who may come in, and the lists of what waits and of what was decided.

A decision here is only recorded. Nothing is deleted or hidden.
"""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES
from service.console import layout, login, oidc
from service.console.filters import arguments_of, cursor_of, query_of, wanted_of
from service.console.items import article, batch, item
from service.console.items.item import card_of, undoable
from service.console.lead import audit, drift, erase, numbers, reporters, rota, rules, shadow
from service.staffing.budget import reached
from service.storage.tables import UserRow
from service.triage import claims, listing
from service.triage.listing import Wanted
from service.web.current import current_scorer, database, kept_budget, newsroom
from service.web.problems import write_problems

bp = Blueprint("console", __name__, url_prefix="/review", static_folder="static", static_url_path="/static")
for part in (login, oidc, rules, reporters, audit, erase, item, batch, article, rota, numbers, drift, shadow):
    bp.register_blueprint(part.bp)
layout.guard(bp)

PAGE = 25
_WITHOUT_LOG_IN = ("console.login.form", "console.login.log_in", "console.oidc.leave", "console.oidc.come_back")


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    layout.install(app)
    write_problems(app, "/review", layout.problem_page)
    login.install(app)
    oidc.install(app)


@bp.before_request
def _let_in() -> Response | None:
    # Refusing is the rule: a page added later is behind the log-in unless it is named above.
    if request.endpoint == "console.static":
        return None
    if request.endpoint not in _WITHOUT_LOG_IN and not login.moderator():
        return login.to_log_in()
    layout.csrf.protect()
    if any("\0" in name for name in (*(request.view_args or {}).values(), request.form.get("comment_id", ""))):
        # PostgreSQL refuses the question itself.
        abort(HTTPStatus.NOT_FOUND)
    return None


@bp.context_processor
def _common() -> dict[str, object]:
    """Give every page who is logged in and what they chose."""
    return {
        "moderator": login.moderator(),
        "may": login.may,
        "words_shown": current_user.is_authenticated and current_user.words_shown,
        "back": login.local(request.full_path.rstrip("?")),
    }


@bp.get("")
def queue() -> Response:
    """List what waits for a person, the next one first, or what was decided."""
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


@bp.post("/words")
def choose_words() -> Response:
    """Remember whether this moderator wants marked words masked."""
    with database().write() as session:
        session.get_one(UserRow, current_user.number).words_shown = request.form.get("words") == "shown"
    return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)


@bp.get("/<path:_rest>")
def nothing(_rest: str) -> Response:
    """Answer an unknown address with a page rather than with the API's JSON."""
    abort(HTTPStatus.NOT_FOUND)
