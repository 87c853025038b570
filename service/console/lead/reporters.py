"""Who reports: how often, how often they proved right, and who reports together."""

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from service.console import login
from service.triage.credibility import Credibility
from service.triage.reweighing import busiest, groups
from service.web.current import database

bp = Blueprint("reporters", __name__)

_MOST = 500
#: More names of a group help nobody.
_MOST_NAMES = 50


@bp.get("/reporters")
@login.needs("lead")
def show() -> Response:
    """List who reported how often, how often they proved right, and who reports together."""
    with database().read() as session:
        together, known = groups(session), busiest(session, _MOST)
    in_group = {reporter: number for number, group in enumerate(together, 1) for reporter in group}
    rows = [
        (row.name, reason, count, Credibility(upheld, dismissed))
        for row in known
        for reason, (count, upheld, dismissed) in row.known.items()
    ]
    return make_response(
        render_template("console/reporters.html", rows=rows, groups=together, in_group=in_group, most=_MOST_NAMES)
    )
