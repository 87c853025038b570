"""What all pages share: forgery protection and errors."""

import hashlib
import traceback
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NotInTime
from werkzeug.exceptions import HTTPException

from model.errors import BelowlineError, UnknownRecord
from service.console import drafts
from service.console.disguise import shown
from service.console.marking import label, tall
from service.storage.records import Conflict, Erased
from service.web.problems import DATABASE_AWAY, Problem
from service.wording.catalogue import gettext as _
from service.wording.sentences import told

csrf = CSRFProtect()


def install(app: Flask) -> None:
    """Prepare an app for the console's pages and forms."""
    # The APIs take keys, not cookies: only the console checks tokens.
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # A token lives as long as the session: a list left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    drafts.install(app)
    app.add_template_filter(anchor)
    app.add_template_filter(label, "label")
    app.add_template_filter(shown, "shown")
    app.add_template_test(tall, "tall")


def guard(blueprint: Blueprint) -> None:
    """Install error pages that people understand on a blueprint and those within it."""
    blueprint.after_request(_forget)
    blueprint.register_error_handler(CSRFError, _stale_form)
    blueprint.register_error_handler(HTTPException, _http_error)
    blueprint.register_error_handler(UnknownRecord, _unknown)
    blueprint.register_error_handler(BelowlineError, _refused)
    blueprint.register_error_handler(DBAPIError, _away)
    blueprint.register_error_handler(NotInTime, _away)
    blueprint.register_error_handler(DataError, _bug)
    blueprint.register_error_handler(IntegrityError, _bug)
    blueprint.register_error_handler(Exception, _bug)


def message_page(status: HTTPStatus, title: str, text: str, **context: Any) -> Response:
    """Return a page that says one thing and shows a way on; what was written in a form is kept."""
    drafts.keep()
    context = {"look": _opened(), "kept": drafts.kept_here(), **context}
    return make_response(render_template("console/message.html", title=title, text=text, **context), status)


def problem_page(problem: Problem) -> Response:
    """Return a page for a problem with an address that no view has."""
    # What was raised says it in English, for a program; what has no cause is a sentence of ours.
    said = told(problem.detail) if problem.cause is None else ""
    return _down(HTTPStatus(problem.status), *_words(problem.status, said))


def _words(status: int, said: str = "") -> tuple[str, str]:
    """Return the title and text of a page about a request that failed; `said` is what is known beyond its status."""
    texts = {
        HTTPStatus.NOT_FOUND: (_("Page not found"), _("The address may have been cut short. Nothing is lost.")),
        HTTPStatus.INTERNAL_SERVER_ERROR: (
            _("Something went wrong"),
            _("The fault is Belowline’s, not yours, and is in the log. Your last action was not recorded."),
        ),
        HTTPStatus.SERVICE_UNAVAILABLE: (
            _("The database is not responding"),
            _("Your last action may not have been recorded. Please try again in a moment."),
        ),
    }
    refused = _("Belowline refused the request (HTTP %(status)s). Nothing was recorded.", status=int(status))
    return texts.get(HTTPStatus(status), (_("Something went wrong"), said or refused))


def anchor(comment_id: str) -> str:
    """Name a comment's place on a page: ids of other systems may hold any character."""
    return "c-" + hashlib.blake2s(comment_id.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _forget(response: Response) -> Response:
    """Keep browsers from storing the console's pages."""
    if response.mimetype == "text/html":
        # After log-out the back button must not show readers' comments.
        response.headers["Cache-Control"] = "no-store"
    return response


def _stale_form(_error: CSRFError) -> Response:
    """Show that a form's page has expired."""
    nothing = _("Nothing was recorded. This happens when you log in again in another window.")
    again = _("Open the comment again and try again.")
    return message_page(HTTPStatus.BAD_REQUEST, _("This page has expired"), f"{nothing} {again}")


def _opened() -> str | None:
    """Return the address of the comment that a form was about, or None."""
    opened, start = request.form.get("back", ""), f"{request.script_root}/review"
    return opened if opened.startswith((f"{start}/comments/", f"{start}/amend/")) else None


def _http_error(error: HTTPException) -> Response:
    """Show an HTTP error as a page of the console."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    return message_page(HTTPStatus(error.code), *_words(error.code))


def _unknown(error: UnknownRecord) -> Response:
    """Show that a comment, rule or decision does not exist, or was erased."""
    if request.method == "POST":
        # It may be the rule that is not there any more, or the decision.
        return message_page(HTTPStatus.NOT_FOUND, _("That was not recorded"), told(error))
    if isinstance(error, Erased):
        return message_page(
            HTTPStatus.NOT_FOUND,
            _("This comment was erased"),
            " ".join([told(error), _("Its text is gone; decisions on it stay in the audit.")]),
        )
    if request.endpoint == "console.author.show":
        title, text = _("Author not found"), _("Belowline has no comment by anybody of this name.")
    elif request.endpoint == "console.commented.show":
        title = _("Article not found")
        text = _("Belowline has no article with this id. Your site may not have sent it yet.")
    else:
        title = _("Comment not found")
        text = _("Belowline has no comment with this id. Your site may not have sent it yet.")
    return message_page(HTTPStatus.NOT_FOUND, title, text)


def _refused(error: BelowlineError) -> Response:
    """Show why what a moderator sent was not recorded."""
    status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.BAD_REQUEST
    return message_page(status, _("That was not recorded"), told(error))


def _away(error: DBAPIError | NotInTime) -> Response:
    """Show that the database does not respond."""
    why = error.orig if isinstance(error, DBAPIError) else error
    current_app.logger.error("The database failed in request %s: %s", g.get("request_id"), why)
    page = _down(HTTPStatus.SERVICE_UNAVAILABLE, *_words(HTTPStatus.SERVICE_UNAVAILABLE))
    page.headers["Retry-After"] = str(DATABASE_AWAY)
    return page


def _bug(error: Exception) -> Response:
    """Log a bug without the error's text, and show that something went wrong."""
    # Not the error's own text: it may hold a comment.
    frames = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s in request %s:\n%s", type(error).__name__, g.get("request_id"), frames)
    return _down(HTTPStatus.INTERNAL_SERVER_ERROR, *_words(HTTPStatus.INTERNAL_SERVER_ERROR))


def _down(status: HTTPStatus, title: str, text: str) -> Response:
    """Show a page that needs neither the database nor the log-in."""
    drafts.keep()
    down = current_app.jinja_env.get_template("console/down.html")
    page = down.render(title=title, text=text, kept=drafts.kept_here(), opened=_opened())
    return make_response(page, status)
