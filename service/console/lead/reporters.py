"""Who reports: how often, how far it proved right, and who reports together."""

from collections import Counter
from datetime import UTC, datetime

from flask import Blueprint, current_app, make_response, render_template
from werkzeug.wrappers import Response

from service.console import login
from service.triage.credibility import HALF_LIVES, brigades, credibilities, history
from service.web.current import database

bp = Blueprint("reporters", __name__)

_MOST = 500


@bp.get("/reporters")
@login.needs("lead")
def show() -> Response:
    """List who reported how often, how often they proved right, and who reports together."""
    half_life = current_app.config["REPORTER_HALF_LIFE"]
    now = datetime.now(UTC)
    with database().read() as session:
        reported = history(session, now - HALF_LIVES * half_life)
    groups = brigades(reported)
    in_group = {reporter: number for number, group in enumerate(groups, 1) for reporter in group}
    counts = Counter((report.reporter, report.reason) for report in reported)
    known = credibilities(reported, now, half_life)
    rows = [
        (reporter, reason, count, known[reporter, reason]) for (reporter, reason), count in counts.most_common(_MOST)
    ]
    return make_response(render_template("console/reporters.html", rows=rows, groups=groups, in_group=in_group))
