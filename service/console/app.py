"""The moderators' console: its pages put together, and who may come in.

A decision here is only recorded. Nothing is deleted or hidden.
"""

from http import HTTPStatus
from typing import cast

from apiflask import APIFlask
from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.wrappers import Response

from service.console import layout, login, oidc, reports
from service.console.admin import keys, people, settings, webhooks
from service.console.finding import article as commented
from service.console.finding import author, history, search
from service.console.items import amend, article, batch, decide, item, queue, undo
from service.console.lead import audit, drift, erase, escalations, numbers, overview, reporters, rota, rules, shadow
from service.staffing.languages import languages
from service.storage.tables.accounts import UserRow
from service.web.current import current_choices, database, newsroom
from service.web.problems import write_problems
from service.wording.catalogue import gettext as _
from service.wording.catalogue import speak

bp = Blueprint("console", __name__, url_prefix="/review", static_folder="../static", static_url_path="/static")
_ON_COMMENTS = (queue, item, decide, undo, amend, batch, article)
_ON_WHAT_IS_STORED = (search, author, commented, history)
_FOR_ADMINS = (people, keys, webhooks, settings)
_FOR_LEADS = (overview, escalations, rules, reporters, audit, erase, rota, numbers, drift, shadow)
for part in (login, oidc, *_ON_COMMENTS, *_ON_WHAT_IS_STORED, *_FOR_LEADS, *_FOR_ADMINS):
    bp.register_blueprint(part.bp)
layout.guard(bp)

_WITHOUT_LOG_IN = (
    "console.login.form",
    "console.login.log_in",
    "console.oidc.go_to_provider",
    "console.oidc.come_back",
)


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    """Set up log-in, errors and the start page for the console."""
    app = cast("APIFlask", state.app)
    app.add_url_rule("/", "start", app.doc(hide=True)(_start))
    layout.install(app)
    reports.install(app)
    write_problems(app, "/review", layout.problem_page)
    login.install(app)
    oidc.install(app)


def _start() -> Response:
    """Lead whoever opens the bare address to the console."""
    return redirect(url_for("console.queue.show"), HTTPStatus.SEE_OTHER)


@bp.before_request
def _let_in() -> Response | None:
    """Ask who is not logged in to log in, and refuse a form from elsewhere."""
    # Refusing is the rule: a page added later is behind the log-in unless it is named above.
    if request.endpoint == "console.static":
        return None
    if request.endpoint not in _WITHOUT_LOG_IN and not login.moderator():
        return login.to_log_in()
    if current_user.is_authenticated:
        speak(current_user.language)
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
        "words_shown": current_user.is_authenticated and (current_user.slurs or current_choices().slurs) == "shown",
        "zone": newsroom().zone,
        "answers": escalations.answers,
        "back": login.here(),
    }


@bp.post("/words")
def choose_masking() -> Response:
    """Remember whether this moderator wants slurs masked."""
    with database().write() as session:
        shown = request.form.get("words") == "shown"
        session.get_one(UserRow, current_user.number).slurs = "shown" if shown else "masked"
    return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)


@bp.post("/language")
def choose_language() -> Response:
    """Remember in which language this moderator wants pages; none is the newsroom's."""
    wanted = request.form.get("language", "")
    own = wanted if wanted in languages() else None
    with database().write() as session:
        session.get_one(UserRow, current_user.number).language = own
    speak(own)
    flash(_("The console is in this language for you from now on."))
    return redirect(url_for("console.login.password_form"), HTTPStatus.SEE_OTHER)


@bp.get("/<path:_rest>")
def nothing(_rest: str) -> Response:
    """Answer an unknown address with a page, not with the API's JSON."""
    abort(HTTPStatus.NOT_FOUND)
