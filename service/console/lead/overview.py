"""The lead's first page: what moderators ask, and what there is to see and to set."""

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from service.console import login
from service.moderation.escalations import questions_to
from service.web.current import database

bp = Blueprint("overview", __name__)


@bp.get("/lead")
@login.needs("lead")
def show() -> Response:
    """Say how many escalations wait, and list the pages for leads."""
    with database().read() as session:
        waiting = questions_to(session, login.moderator())
    return make_response(render_template("console/lead.html", waiting=waiting))
