"""The form behind "report this comment": a page that a newspaper links to, or shows in a frame.

It needs no account and no cookie. Its one script tells the page around it how high to make the frame; without
JavaScript the form works as well.
"""

import hashlib
import hmac
from http import HTTPStatus

from flask import Blueprint, Flask, Response, current_app, make_response, render_template, request
from itsdangerous import BadData, URLSafeTimedSerializer

from model.errors import UnknownRecord
from service.accounts import throttle
from service.moderation.reports import REASONS, add_report
from service.storage.tables.comments import CommentRow
from service.triage.credibility import form_reporter
from service.web.current import caller, callers_network, database
from service.web.problems import Problem, write_problems
from service.wording.catalogue import gettext as _
from service.wording.catalogue import ngettext

bp = Blueprint("reporting", __name__, url_prefix="/report")

LONGEST_NOTE = 1000
_TOKEN_SECONDS = 24 * 3600


def install(app: Flask) -> None:
    """Register the form, and what it says when something goes wrong."""
    app.register_blueprint(bp)
    write_problems(app, "/report", _problem)


@bp.get("/<id:comment_id>")
def form(comment_id: str) -> Response:
    """Ask a reader what is wrong with a comment."""
    _check(comment_id)
    return _page(comment_id)


@bp.post("/<id:comment_id>")
def report(comment_id: str) -> Response:
    """Record a reader's report."""
    _check(comment_id)
    reason, note = request.form.get("reason", ""), request.form.get("note", "").replace("\0", "").strip()
    if reason not in REASONS:
        return _page(comment_id, error=_("Please choose what is wrong with the comment."))
    if not _is_ours(request.form.get("token", ""), comment_id):
        return _page(
            comment_id,
            error=_("This page was open too long, or your connection has changed. Please send it again."),
        )
    with database().write() as session:
        wait = throttle.take(session, [(throttle.REPORT, caller())])
        if not wait:
            add_report(session, comment_id, reporter=_reporter(), reason=reason, note=note[:LONGEST_NOTE] or None)
    if wait:
        answer = _page(
            comment_id,
            error=ngettext(
                "Too many reports from your connection. Please wait a second and send it again.",
                "Too many reports from your connection. Please wait %(num)s seconds and send it again.",
                wait,
            ),
        )
        answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
        answer.headers["Retry-After"] = str(wait)
        return answer
    return _message(
        HTTPStatus.CREATED,
        _("Thank you"),
        _("We have your report, and a person will look at the comment. Nothing happens to it until then."),
    )


@bp.after_request
def _let_frame(response: Response) -> Response:
    """Let the newspaper's own sites show the form in a frame."""
    sites = " ".join(current_app.config["FRAME_ANCESTORS"]) or "'none'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {sites}"
    )
    return response


def _check(comment_id: str) -> None:
    """Refuse a report of a comment that is not stored, or was erased."""
    if "\0" in comment_id:
        raise UnknownRecord("There is no such comment.")
    with database().read() as session:
        row = session.get(CommentRow, comment_id)
    if row is None or row.erased_at is not None:
        raise UnknownRecord("There is no such comment.")


def _page(comment_id: str, error: str | None = None) -> Response:
    """Show readers the report form."""
    page = render_template(
        "report/form.html",
        reasons=REASONS,
        chosen=request.form.get("reason"),
        note=request.form.get("note", "")[:LONGEST_NOTE],
        longest=LONGEST_NOTE,
        token=_signer().dumps([comment_id, _reporter()]),
        error=error,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _message(status: int, title: str, text: str) -> Response:
    """Show readers a message in place of the form."""
    return make_response(render_template("report/message.html", title=title, text=text), status)


def _problem(problem: Problem) -> Response:
    """Show readers of the report form what went wrong."""
    texts = {
        HTTPStatus.NOT_FOUND: (_("Comment not found"), _("It may have been taken down already.")),
        HTTPStatus.SERVICE_UNAVAILABLE: (_("Please try again"), _("We could not save your report just now.")),
    }
    title, text = texts.get(HTTPStatus(problem.status), (_("Something went wrong"), _("Your report was not saved.")))
    return _message(problem.status, title, text)


def _reporter() -> str:
    """Name whoever sends this by network and address, of which neither is kept; by nothing that they may choose."""
    return form_reporter(_pseudonym(callers_network()), _pseudonym(caller()))


def _pseudonym(address: str) -> str:
    """Return a reader's pseudonym, by their address."""
    return hmac.new(_secret(), address.encode(), hashlib.sha256).hexdigest()


def _signer() -> URLSafeTimedSerializer:
    """Return what signs the report form's token."""
    return URLSafeTimedSerializer(_secret(), salt="report form")


def _is_ours(token: str, comment_id: str) -> bool:
    """Return whether a token was given to this reader for this comment, not long ago."""
    # Bound to the sender: a token that another site has fetched is of no use in its visitors' browsers.
    try:
        return bool(_signer().loads(token, max_age=_TOKEN_SECONDS) == [comment_id, _reporter()])
    except BadData:
        return False


def _secret() -> bytes:
    """Return the service's secret key as bytes."""
    secret: str | bytes = current_app.config["SECRET_KEY"]
    return secret.encode() if isinstance(secret, str) else secret
