"""The moderators' console: its pages put together, and who may come in.

A decision here is only recorded. Nothing is deleted or hidden.
"""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, Flask, abort, redirect, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.wrappers import Response

from service.console import layout, login, oidc
from service.console.items import article, batch, item, queue
from service.console.lead import audit, drift, erase, numbers, reporters, rota, rules, shadow
from service.storage.tables.accounts import UserRow
from service.web.current import database
from service.web.problems import write_problems

bp = Blueprint("console", __name__, url_prefix="/review", static_folder="static", static_url_path="/static")
for part in (login, oidc, rules, reporters, audit, erase, queue, item, batch, article, rota, numbers, drift, shadow):
    bp.register_blueprint(part.bp)
layout.guard(bp)

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
    """Return what every page shows: who is logged in and what they chose."""
    return {
        "moderator": login.moderator(),
        "may": login.may,
        "words_shown": current_user.is_authenticated and current_user.words_shown,
        "back": login.local(request.full_path.rstrip("?")),
    }


@bp.post("/words")
def choose_words() -> Response:
    """Remember whether this moderator wants marked words masked."""
    with database().write() as session:
        session.get_one(UserRow, current_user.number).words_shown = request.form.get("words") == "shown"
    return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)


@bp.get("/<path:_rest>")
def nothing(_rest: str) -> Response:
    """Answer an unknown address with a page, not with the API's JSON."""
    abort(HTTPStatus.NOT_FOUND)
