"""Forgetting what an author wrote, for good."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import UnknownRecord
from service.console import login
from service.moderation import retention
from service.web.current import database

bp = Blueprint("erase", __name__)


@bp.get("/erase")
@login.needs("admin")
def form() -> Response:
    """Ask whose comments to erase."""
    return make_response(render_template("console/erase.html", author="", error=None))


@bp.post("/erase")
@login.needs("admin")
def erase() -> Response:
    """Erase everything an author wrote."""
    author, error = request.form.get("author", "").replace("\0", ""), None
    if request.form.get("sure") != "yes":
        error = "Tick the box to confirm: this cannot be undone."
    else:
        try:
            with database().write() as session:
                comments, reports = retention.erase_author(session, author, who=login.moderator())
        except UnknownRecord as unknown:
            error = str(unknown)
    if error:
        return make_response(render_template("console/erase.html", author=author, error=error), HTTPStatus.BAD_REQUEST)
    database().scrub()
    flash(f"Erased: {_count(comments, 'comment')} and {_count(reports, 'report')}.")
    return redirect(url_for("console.erase.form"), HTTPStatus.SEE_OTHER)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
