"""Moments, days, spans of time and numbers, as the language of the page writes them, by the newsroom's clock."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from babel.dates import format_date, get_timezone_name
from babel.numbers import format_decimal
from flask import Flask

from service.web.current import newsroom
from service.wording.catalogue import gettext as _
from service.wording.catalogue import locale


def install(app: Flask) -> None:
    """Prepare an app for pages with dates and numbers."""
    for write in (moment, day, weekday, weekday_in_year, long_weekday, ago, duration, number, percent):
        app.add_template_filter(write)
    for write_clock in (clock, weekday_clock, far_clock, short_weekday_clock):
        app.add_template_filter(write_clock)


def moment(value: datetime) -> str:
    """Write a moment by the newsroom's clock, which is named."""
    here = value.astimezone(newsroom().zone)
    zone = get_timezone_name(here, "short", locale=locale())
    # What the language has no name for, its own country has.
    named = here.tzname() if zone[:1] in "+-" else zone
    # Translators: dates in Babel's pattern: d is the day, MMM the short and MMMM the long month, EEE and EEEE the
    # weekday, y the year
    day_of_it = _written(here, _("d MMM y"))
    return f"{day_of_it}, {clock(here)} {named}"


def day(value: date) -> str:
    """Write a day, or that of a moment by the newsroom's calendar."""
    return _written(value, _("d MMMM y"))


def short_day(value: date) -> str:
    """Write a day without its year."""
    return _written(value, _("d MMM"))


def long_day(value: date) -> str:
    """Write a day without its year, the month in full."""
    return _written(value, _("d MMMM"))


def weekday(value: date) -> str:
    """Write a day that is near with its weekday."""
    return _written(value, _("EEE d MMM"))


def weekday_in_year(value: date) -> str:
    """Write a day with its weekday and year, in short."""
    return _written(value, _("EEE d MMM y"))


def long_weekday(value: date) -> str:
    """Write a day in full."""
    return _written(value, _("EEEE d MMMM y"))


def clock(value: datetime | time) -> str:
    """Write the hour and minute."""
    here = value.astimezone(newsroom().zone) if isinstance(value, datetime) else value
    return f"{here:%H:%M}"


def weekday_clock(value: datetime) -> str:
    """Write the weekday, hour and minute of a moment."""
    return f"{_written(value, 'EEEE')}, {clock(value)}"


def far_clock(value: datetime) -> str:
    """Write a moment in the next weeks."""
    day_of_it = _written(value, _("EEEE d MMMM"))
    return f"{day_of_it}, {clock(value)}"


def short_weekday_clock(value: datetime) -> str:
    """Write the weekday in short, hour and minute of a moment."""
    return f"{_written(value, 'EEE')} {clock(value)}"


def ago(value: datetime, now: datetime | None = None) -> str:
    """Return how long ago something was, in the two largest units."""
    minutes = max(0, int(((now or datetime.now(UTC)) - value).total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    # Translators: the short unit, which is the same for one and for many
    in_days, in_hours = _("%(days)s d", days=days), _("%(hours)s h", hours=hours)
    in_minutes = _("%(minutes)s min", minutes=minutes)
    if days:
        return f"{in_days} {in_hours}" if hours else in_days
    if hours:
        return f"{in_hours} {in_minutes}" if minutes else in_hours
    # Translators: a span of time, as in "waiting less than a minute" and "less than a minute ago"
    return in_minutes if minutes else _("less than a minute")


def duration(seconds: float) -> str:
    """Write a span of time in the unit that suits it."""
    if seconds < 90:
        return _("%(seconds)s s", seconds=number(seconds))
    if seconds < 90 * 60:
        return _("%(minutes)s min", minutes=number(seconds / 60))
    if seconds < 48 * 3600:
        return _("%(hours)s h", hours=number(seconds / 3600, 1))
    return _("%(days)s days", days=number(seconds / 86400, 1))


def number(value: float, places: int | None = 0) -> str:
    """Write a number with so many decimal places; None writes those that tell something."""
    # Rounded as Python does, then written as the language does.
    if places is None:
        return str(format_decimal(Decimal(f"{value:g}"), decimal_quantization=False, locale=locale()))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return str(format_decimal(Decimal(f"{value:.{places}f}"), pattern, locale=locale()))


def percent(share: float, places: int = 0) -> str:
    """Write a share of 1 in per cent."""
    return _("%(number)s%%", number=number(100 * share, places))


def _written(value: date, pattern: str) -> str:
    """Write a day by a pattern, in the newsroom's time and the page's language."""
    here = value.astimezone(newsroom().zone) if isinstance(value, datetime) else value
    return format_date(here, pattern, locale=locale())
