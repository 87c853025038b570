"""Where the newsroom is: its time zone and its bank holidays."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from service.staffing.rota import no_holidays

#: Days in which every bank holiday of a year lies.
_YEAR = 366


@dataclass(frozen=True)
class Newsroom:
    """Its time zone, and what names a day that is a bank holiday there."""

    zone: ZoneInfo
    holiday: Callable[[date], str | None]

    def next_holidays(self, today: date, most: int) -> tuple[tuple[date, str], ...]:
        """Return the next bank holidays with their names, today's included."""
        days = (today + timedelta(days=number) for number in range(_YEAR))
        return tuple(islice(((day, name) for day in days if (name := self.holiday(day))), most))


@lru_cache(maxsize=8)
def find_newsroom(timezone: str, region: str) -> Newsroom:
    """Return the newsroom that a time zone and a region of bank holidays name; raise ValueError if one is none."""
    return Newsroom(_zone(timezone), _holidays(region))


def _zone(name: str) -> ZoneInfo:
    """Find a time zone by its name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("it should be a time zone such as Europe/London.") from None


def _holidays(region: str) -> Callable[[date], str | None]:
    """Return what names the holiday of a day in a region."""
    if region == "none":
        return no_holidays
    # Not above: the command line's --help need not wait for it.
    import holidays  # noqa: PLC0415
    from holidays.registry import EntityLoader  # noqa: PLC0415

    country, _, part = region.partition("/")
    calendar = None
    if country in EntityLoader.get_country_codes():
        with suppress(NotImplementedError):
            calendar = holidays.country_holidays(country, subdiv=part or None)
    if calendar is None:
        raise ValueError("it should be a country such as IE, a country and its region such as GB/Scotland, or none.")

    def name(day: date) -> str | None:
        found = calendar.get(day)
        return None if found is None else str(found)

    return name
