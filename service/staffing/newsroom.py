"""Where the newsroom is: its time zone and its bank holidays."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from model.errors import BelowlineError
from service.staffing.rota import no_holidays


class NewsroomError(BelowlineError):
    """A time zone or a region that does not exist."""


@dataclass(frozen=True)
class Newsroom:
    """Its time zone, and what names a day that is a bank holiday there."""

    zone: ZoneInfo
    holiday: Callable[[date], str | None]


def find_newsroom(timezone: str, region: str) -> Newsroom:
    """Return the newsroom that two settings name."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NewsroomError(
            f"BELOWLINE_TIMEZONE is {timezone!r}: it should be a time zone such as Europe/London."
        ) from None
    return Newsroom(zone, _holidays(region))


def _holidays(region: str) -> Callable[[date], str | None]:
    if region == "none":
        return no_holidays
    country, _, part = region.partition("/")
    try:
        calendar = holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise NewsroomError(
            f"BELOWLINE_HOLIDAYS is {region!r}: it should be a country such as IE, a country and its region such as "
            "GB/Scotland, or none."
        ) from None

    def name(day: date) -> str | None:
        found = calendar.get(day)
        return None if found is None else str(found)

    return name
