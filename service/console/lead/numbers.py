"""The page of numbers: what is seen and what is missed, and what moderators did in a period."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from service.console import login
from service.console.lead.charts import Chart, bars, columns, intervals
from service.insights.coverage import Errors, Seen, what_is_seen
from service.insights.estimates import Estimate
from service.insights.queries import (
    MOST_REPORTS,
    Made,
    Period,
    not_taken_back,
    read_answers,
    read_decisions,
    read_strata,
)
from service.insights.work import Work, work_of
from service.moderation.rules import current_rules
from service.web.current import database, newsroom
from service.wording.catalogue import gettext as _
from service.wording.dates import long_day, number, percent, short_day

bp = Blueprint("numbers", __name__)

_USUAL_DAYS = 28
_MOST_DAYS = 366
_MOST_ERRORS = 49.0


@bp.get("/numbers")
def show() -> Response:
    """Show the numbers for a period: the last four weeks, or the days asked for."""
    zone = newsroom().zone
    first, last = _days(datetime.now(UTC).astimezone(zone).date())
    period = Period(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))
    errors = Errors(_percent("kept"), _percent("removed"))
    with database().read() as session:
        strata = read_strata(session, period)
        decisions = read_decisions(session, period)
        answers = read_answers(session, period)
        titles = {rule.number: rule.title for rule in current_rules(session).rules}
    work, seen = work_of(decisions, answers, period), what_is_seen(strata, errors)
    by_day = _by_day(decisions, period, first, last, zone)
    if not login.may("lead"):
        # What others decided is for them and for the lead.
        work = replace(work, people=tuple(person for person in work.people if person.name == login.moderator()))
    return make_response(
        render_template(
            "console/numbers.html",
            first=first,
            last=last,
            presets=_presets(datetime.now(UTC).astimezone(zone).date()),
            errors=errors,
            strata=strata,
            seen=seen,
            most_reports=MOST_REPORTS,
            work=work,
            titles=titles,
            zone=zone,
            shares=_shares(seen),
            rules=_rules(work),
            by_day=by_day,
            per_day=_per_day(by_day),
        ),
    )


def _days(today: date) -> tuple[date, date]:
    """Read which days were asked for; what makes no sense counts as not given."""
    try:
        last = date.fromisoformat(request.args.get("to", ""))
    except ValueError:
        last = today
    try:
        first = date.fromisoformat(request.args.get("from", ""))
    except ValueError:
        first = last - timedelta(days=_USUAL_DAYS - 1)
    last = min(max(last, date(2000, 1, 1)), today)
    return min(max(first, last - timedelta(days=_MOST_DAYS - 1)), last), last


def _presets(today: date) -> list[tuple[str, date, date]]:
    """Return the periods that the page of numbers offers."""
    return [(_("Last %(num)s days", num=days), today - timedelta(days=days - 1), today) for days in (7, 28, 91)]


def _percent(name: str) -> float:
    """Read a share in percent from the page's address; 0 if it is none."""
    try:
        given = float(request.args.get(name, ""))
    except ValueError:
        return 0.0
    return min(given, _MOST_ERRORS) / 100 if given > 0 else 0.0


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day of the newsroom begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _shares(seen: Seen) -> Chart | None:
    """Draw the shares of breaches seen, of flags for nothing, and of what was fine yet flagged."""
    rows = [
        (_("Breaches seen"), seen.recall),
        (_("Flags for nothing"), seen.false_discovery),
        (_("Fine, yet flagged"), seen.false_positive),
    ]
    found = [(name, estimate) for name, estimate in rows if isinstance(estimate, Estimate)]
    if not found:
        return None
    said = "; ".join(
        _(
            "%(name)s %(share)s, between %(low)s and %(high)s",
            name=name,
            share=percent(one.value, 1),
            low=percent(one.low, 1),
            high=percent(one.high, 1),
        )
        for name, one in found
    )
    return intervals(_("Shares with their %(level)s intervals", level=percent(0.95)), f"{said}.", found)


def _rules(work: Work) -> Chart | None:
    """Draw how often each rule was cited."""
    rows = [(_("Rule %(rule)s", rule=rule) if rule else _("No rule cited"), float(count)) for rule, count in work.rules]
    if not rows:
        return None
    most = _("Most often: %(rule)s, %(num)s times.", rule=rows[0][0], num=number(rows[0][1]))
    return bars(_("Removals by rule"), most, rows)


def _by_day(decisions: list[Made], period: Period, first: date, last: date, zone: ZoneInfo) -> dict[date, int]:
    """Count decisions by the newsroom's days."""
    counts = dict.fromkeys((first + timedelta(days=number) for number in range((last - first).days + 1)), 0)
    for one in not_taken_back(decisions):
        if period.holds(one.decided_at):
            counts[one.decided_at.astimezone(zone).date()] += 1
    return counts


def _per_day(counts: dict[date, int]) -> Chart | None:
    """Draw how many decisions each day had."""
    busiest = max(counts, key=lambda day: counts[day])
    if not counts[busiest]:
        return None
    most_on = long_day(busiest)
    return columns(
        _("Decisions by day"),
        _("%(all)s in all; most, %(num)s, on %(day)s.", all=sum(counts.values()), num=counts[busiest], day=most_on),
        [(short_day(day), float(count)) for day, count in counts.items()],
        every=max(1, -(-len(counts) // 6)),
    )
