"""What the newsroom chooses: how much is flagged, what is shown of it, whether slurs are masked, its clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console import login
from service.insights.preview import preview
from service.staffing.choices import BROWSERS, NAMES, SLURS
from service.staffing.choices_store import who_chose
from service.staffing.languages import languages
from service.triage.order import STREAMS
from service.web.current import current_choices, current_scorer, database, kept_choices
from service.wording.catalogue import gettext as _
from service.wording.catalogue import name_of_language
from service.wording.sentences import told

bp = Blueprint("settings", __name__)

_HOLIDAYS = 3


@bp.get("/settings")
@login.needs("admin")
def show() -> Response:
    """Show what the newsroom chose, and how many flags each operating point would have made last week."""
    return _page()


@bp.post("/settings")
@login.needs("admin")
def change() -> Response:
    """Change a setting; every process follows within seconds."""
    wanted = _wanted()
    if not wanted:
        abort(HTTPStatus.BAD_REQUEST)
    try:
        changed = kept_choices().change(wanted, who=login.moderator())
    except InvalidInput as error:
        return _page(told(error), wrong=next(iter(wanted)))
    flash(_("Saved. It takes effect everywhere within seconds.") if changed else _("It was already set like that."))
    return redirect(url_for(".show"), HTTPStatus.SEE_OTHER)


def _wanted() -> Mapping[str, str]:
    """Return what the form chooses, as the environment would have it."""
    given = {name: request.form[name].strip() for name in NAMES if name in request.form}
    if any(stream in request.form for stream in STREAMS):
        given["shares"] = ",".join(request.form.get(stream, "").strip() for stream in STREAMS)
    return given


def _page(error: str | None = None, wrong: str | None = None) -> Response:
    """Show the page of settings, with what each would flag."""
    manifest, now, in_force = current_scorer().manifest, datetime.now(UTC), current_choices()
    points = manifest.operating_points
    with database().read() as session:
        counted = preview(session, manifest.version, {name: point.thresholds for name, point in points.items()}, now)
        chosen = who_chose(session)
    newsroom = in_force.newsroom
    page = render_template(
        "console/settings.html",
        now=in_force,
        fixed=kept_choices().fixed,
        chosen=chosen,
        points=points,
        counted=counted,
        slurs=SLURS,
        streams=STREAMS,
        languages=[(name, name_of_language(name)) for name in languages()],
        browsers=BROWSERS,
        coming=newsroom.next_holidays(now.astimezone(newsroom.zone).date(), _HOLIDAYS),
        error=error,
        wrong=wrong,
        given=request.form,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)
