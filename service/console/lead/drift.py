"""The leads' page of drift: what has changed since the weeks before, and what to do about it."""

from datetime import UTC, datetime

from flask import Blueprint, make_response, render_template
from werkzeug.wrappers import Response

from model.watching.drift import ACT, WATCH, Signal
from service.console import login
from service.console.lead.charts import Chart, bars
from service.console.marking import label
from service.insights.drift import CURRENT, REFERENCE
from service.web.current import current_scorer, kept_drift
from service.wording.catalogue import gettext as _
from service.wording.dates import number

bp = Blueprint("drift", __name__)


@bp.get("/drift")
@login.needs("lead")
def show() -> Response:
    """Show leads what has drifted."""
    found = kept_drift().find(current_scorer(), datetime.now(UTC))
    return make_response(
        render_template(
            "console/drift.html",
            drift=found,
            current=CURRENT.days,
            reference=REFERENCE.days,
            chart=_chart([signal for signal in found.signals if signal.subject == "scores"]),
        )
    )


def _chart(signals: list[Signal]) -> Chart | None:
    """Draw how far each attribute's scores have drifted."""
    rows = [(label(str(one.attribute)), round(one.distance, 3)) for one in signals if one.level != "too few"]
    if not rows:
        return None
    farthest = max(rows, key=lambda row: row[1])
    said = _(
        "Furthest: %(attribute)s, %(distance)s. Watch from %(watch)s, act from %(act)s.",
        attribute=farthest[0],
        distance=number(farthest[1], None),
        watch=number(WATCH, None),
        act=number(ACT, None),
    )
    return bars(_("How far the scores have moved"), said, rows)
