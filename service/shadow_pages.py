"""The leads' page of a challenger that looks on: what would have been otherwise."""

from datetime import UTC, datetime

from flask import Blueprint, abort, make_response, render_template, request
from werkzeug.wrappers import Response

from service import login
from service.budget import pace_of
from service.database import database
from service.shadow import challengers, compare

bp = Blueprint("shadow", __name__)

_MOST = 100


@bp.get("/shadow")
@login.needs("lead")
def show() -> Response:
    """Show what the latest challenger would have flagged otherwise, or the one that is asked for."""
    asked = request.args.get("version")
    with database().read() as session:
        known = challengers(session)
        chosen = next((one for one in known if asked in (None, one.version)), None)
        if asked is not None and chosen is None:
            abort(404)
        minutes = round(pace_of(session, datetime.now(UTC)).seconds / 60, 2)
        found = compare(session, chosen.version, minutes=minutes) if chosen else None
    return make_response(
        render_template("console/shadow.html", known=known, chosen=chosen, found=found, most=_MOST),
    )
