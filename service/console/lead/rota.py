"""Pages for the rota: who works when, how much they will get through, and what the night left."""

from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console import login
from service.console.items.item import card_of
from service.console.lead.charts import Chart, columns
from service.staffing import rota_store
from service.staffing.budget import Budget, find_budget
from service.staffing.dawn import dawn_list
from service.staffing.rota import DAYS, Change, Pattern, Rota
from service.triage import claims
from service.web.current import current_choices, current_scorer, database, kept_budget, newsroom
from service.wording.catalogue import gettext as _
from service.wording.catalogue import lazy_gettext
from service.wording.dates import clock, number
from service.wording.sentences import told

bp = Blueprint("rota", __name__)

DAY_NAMES = {
    "mon": lazy_gettext("Monday"),
    "tue": lazy_gettext("Tuesday"),
    "wed": lazy_gettext("Wednesday"),
    "thu": lazy_gettext("Thursday"),
    "fri": lazy_gettext("Friday"),
    "sat": lazy_gettext("Saturday"),
    "sun": lazy_gettext("Sunday"),
    "holiday": lazy_gettext("Bank holiday"),
}
_SHOWN_DAYS = 14
_LARGEST = 2**31 - 1


@bp.get("/rota")
def show() -> Response:
    """Show who works when, and what their minutes will cover."""
    return _page(None)


@bp.get("/dawn")
def dawn() -> Response:
    """Show what was waiting when the day's work began."""
    now = datetime.now(UTC)
    with database().read() as session:
        found = dawn_list(session, rota_store.load_rota(session, newsroom()), now)
        items = found.items if found else ()
        held = claims.holders(session, [str(item.comment.id) for item in items])
    cards = [card_of(item) for item in items]
    return make_response(
        render_template("console/dawn.html", found=found, cards=cards, held=held, zone=newsroom().zone)
    )


@bp.post("/rota/shifts")
@login.needs("lead")
def add_shift() -> Response:
    """Add a weekly shift."""
    try:
        pattern = Pattern(
            _moderator(),
            frozenset(request.form.getlist("day")),
            _time("starts"),
            _time("ends"),
        )
        with database().write() as session:
            rota_store.add_pattern(session, pattern, who=login.moderator())
    except InvalidInput as error:
        return _page(told(error))
    return _done(_("Shift added to the rota."))


@bp.post("/rota/changes")
@login.needs("lead")
def add_change() -> Response:
    """Add a day off or an extra shift."""
    try:
        extra = request.form.get("kind") == "extra"
        change = Change(
            _moderator(),
            _date(),
            _time("starts") if extra else None,
            _time("ends") if extra else None,
        )
        with database().write() as session:
            rota_store.add_change(session, change, who=login.moderator())
    except InvalidInput as error:
        return _page(told(error))
    return _done(_("Extra shift added to the rota.") if extra else _("Day off added to the rota."))


@bp.post("/rota/removals")
@login.needs("lead")
def remove() -> Response:
    """Take a shift or a change off the rota."""
    number = request.form.get("number", type=int)
    if number is None or not 0 < number <= _LARGEST:
        abort(HTTPStatus.BAD_REQUEST)
    take_off = rota_store.remove_change if request.form.get("what") == "change" else rota_store.remove_pattern
    with database().write() as session:
        take_off(session, number, who=login.moderator())
    return _done(_("Removed from the rota."))


def _page(error: str | None) -> Response:
    """Show the rota, and what it leaves time for."""
    where, now = newsroom(), datetime.now(UTC)
    with database().read() as session:
        rota = rota_store.load_rota(session, where)
        entries = rota_store.entries(session)
        people = rota_store.moderators(session)
        found = find_budget(
            session,
            rota,
            now,
            thresholds=current_scorer().manifest.thresholds,
            shares=current_choices().shares,
        )
    today = rota.day_of(now)
    page = render_template(
        "console/rota.html",
        entries=entries,
        changes=rota_store.current_changes(entries, today),
        people=people,
        days=_days(rota, today),
        day_names=DAY_NAMES,
        all_days=DAYS,
        zone=where.zone,
        region=current_choices().holidays,
        budget=found,
        chart=_chart(found) if found else None,
        error=error,
        given=request.form,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _days(rota: Rota, today: date) -> list[dict[str, object]]:
    """Return the next days with their shifts."""
    days = [today + timedelta(days=number) for number in range(_SHOWN_DAYS)]
    return [{"day": day, "holiday": rota.holiday(day), "shifts": rota.shifts_on(day)} for day in days]


def _chart(budget: Budget) -> Chart:
    """Draw how many flags are expected in each hour, and which hours are staffed."""
    staffed = sum(hour.minutes > 0 for hour in budget.hours)
    return columns(
        _("Flags expected until the next working day"),
        _(
            "One column an hour for the next %(hours)s hours; the %(staffed)s shaded ones are staffed. %(flags)s flags "
            "in all, including those waiting now.",
            hours=len(budget.hours),
            staffed=staffed,
            flags=number(budget.forecast.flags),
        ),
        [(clock(hour.starts), round(hour.flags, 2)) for hour in budget.hours],
        shaded=[hour.minutes > 0 for hour in budget.hours],
        every=max(1, -(-len(budget.hours) // 6)),
    )


def _moderator() -> str:
    """Read a moderator's name from the rota's form."""
    return request.form.get("moderator", "").replace("\0", "")


def _time(name: str) -> time:
    """Read a time of the day from the rota's form."""
    given = request.form.get(name, "")
    try:
        return time.fromisoformat(given).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise InvalidInput(
            _("Give both times, such as 09:00 and 18:00; “%(given)s” is not a time.", given=given[:20])
        ) from None


def _date() -> date:
    """Read a day from the rota's form."""
    given = request.form.get("date", "")
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InvalidInput(_("Give a day, such as 2026-12-24; “%(given)s” is not a date.", given=given[:20])) from None


def _done(message: str) -> Response:
    """Say what changed in the rota, and show it."""
    kept_budget().forget()
    flash(message)
    return redirect(url_for("console.rota.show"), HTTPStatus.SEE_OTHER)
