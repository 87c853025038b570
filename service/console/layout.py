"""What all pages for people share: forgery protection, errors, words for times."""

import hashlib
import traceback
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException

from model.errors import BelowlineError, UnknownRecord
from service.console.marking import label
from service.storage.records import Conflict, Erased
from service.web.problems import Problem

csrf = CSRFProtect()


def install(app: Flask) -> None:
    """Prepare an app for pages with forms."""
    # The APIs take keys, not cookies: only the console checks tokens.
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # A token lives as long as the session: a list left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    app.add_template_filter(ago)
    app.add_template_filter(moment)
    app.add_template_filter(anchor)
    app.add_template_filter(label, "label")


def guard(blueprint: Blueprint) -> None:
    """Install error pages that people understand on a blueprint and those within it."""
    blueprint.after_request(_forget)
    blueprint.register_error_handler(CSRFError, _stale_form)
    blueprint.register_error_handler(HTTPException, _http_error)
    blueprint.register_error_handler(UnknownRecord, _unknown)
    blueprint.register_error_handler(BelowlineError, _refused)
    blueprint.register_error_handler(OperationalError, _away)
    blueprint.register_error_handler(ProgrammingError, _away)
    blueprint.register_error_handler(Exception, _bug)


def message_page(status: HTTPStatus, title: str, text: str, **context: Any) -> Response:
    """Return a page that says one thing and shows a way on."""
    return make_response(render_template("console/message.html", title=title, text=text, **context), status)


def problem_page(problem: Problem) -> Response:
    """Return a page for a problem with an address that no view has."""
    return _down(HTTPStatus(problem.status), problem.title, problem.detail)


def anchor(comment_id: str) -> str:
    """Name a comment's place on a page: ids of other systems may hold any character."""
    return "c-" + hashlib.blake2s(comment_id.encode("utf-8", "replace"), digest_size=6).hexdigest()


def moment(value: datetime | None) -> str:
    """Write a moment for people; the page's script turns it into local time."""
    return "at an unknown time" if value is None else f"{value.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def ago(value: datetime, now: datetime | None = None) -> str:
    """Return how long ago something was, in the two largest units."""
    minutes = max(0, int(((now or datetime.now(UTC)) - value).total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"


def _forget(response: Response) -> Response:
    if response.mimetype == "text/html":
        # After log-out the back button must not show readers' comments.
        response.headers["Cache-Control"] = "no-store"
    return response


def _stale_form(_error: CSRFError) -> Response:
    return message_page(
        HTTPStatus.BAD_REQUEST,
        "This page has expired",
        "Nothing was recorded. This happens when you log in again in another window. Reopen the list and try again.",
    )


def _http_error(error: HTTPException) -> Response:
    if error.code == HTTPStatus.NOT_FOUND:
        return message_page(
            HTTPStatus.NOT_FOUND,
            "Page not found",
            "The address may have been cut short. Nothing is lost.",
        )
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    status = HTTPStatus(error.code)
    return message_page(status, "Something went wrong", f"{status.phrase}. Nothing was recorded.")


def _unknown(error: UnknownRecord) -> Response:
    if request.method == "POST":
        # It may be the rule that is not there any more, or the decision.
        return message_page(HTTPStatus.NOT_FOUND, "That was not recorded", str(error))
    if isinstance(error, Erased):
        return message_page(
            HTTPStatus.NOT_FOUND,
            "This comment was erased",
            f"{error} Its text is gone; decisions on it stay in the audit.",
        )
    return message_page(
        HTTPStatus.NOT_FOUND,
        "Comment not found",
        "Belowline has no comment with this id. Your site may not have sent it yet.",
    )


def _refused(error: BelowlineError) -> Response:
    status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.BAD_REQUEST
    return message_page(status, "That was not recorded", str(error))


def _away(error: OperationalError | ProgrammingError) -> Response:
    current_app.logger.error("The database failed in request %s: %s", g.get("request_id"), error.orig)
    return _down(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The database is not responding",
        "Your last action may not have been recorded. Please try again in a moment.",
    )


def _bug(error: Exception) -> Response:
    # Not the error's own text: it may hold a comment.
    frames = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s in request %s:\n%s", type(error).__name__, g.get("request_id"), frames)
    return _down(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong",
        "The fault is Belowline's, not yours, and is in the log. Your last action was not recorded.",
    )


def _down(status: HTTPStatus, title: str, text: str) -> Response:
    page = current_app.jinja_env.get_template("console/down.html").render(title=title, text=text)
    return make_response(page, status)
