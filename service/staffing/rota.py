"""Who works when: a weekly pattern, changes to it, bank holidays; and the minutes that this gives.

Times of the pattern are the newsroom's wall clock, so that a shift from 22:00
to 06:00 has seven hours in the night in which summer time begins. Whatever
leaves this module is UTC.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: `holiday` is a day of its own, as in a timetable: on a bank holiday it stands for the day of the week.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
_DAY = timedelta(days=1)
#: A shift that begins before the one and is over by the other belongs to the night.
_NIGHT = (time(5), time(9))
#: A rota in which nobody works for longer than this has no next shift.
_SEARCHED = 31


@dataclass(frozen=True, slots=True)
class Pattern:
    """A weekly shift; one that ends before it begins ends on the next day."""

    moderator: str
    days: frozenset[str]
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Change:
    """One day that differs: an extra shift, or without times a day off."""

    moderator: str
    day: date
    starts: time | None = None
    ends: time | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of work of one moderator, in UTC."""

    moderator: str
    starts: datetime
    ends: datetime

    @property
    def minutes(self) -> float:
        """How long it is."""
        return (self.ends - self.starts).total_seconds() / 60


def no_holidays(_day: date) -> str | None:
    """Know of no bank holiday."""
    return None


@dataclass(frozen=True)
class Rota:
    """Who works when.

    Parameters
    ----------
    patterns, changes
        As the lead entered them.
    zone
        The newsroom's time zone.
    holiday
        Returns a day's name if it is a bank holiday, else None.
    """

    patterns: tuple[Pattern, ...] = ()
    changes: tuple[Change, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    holiday: Callable[[date], str | None] = no_holidays

    def day_of(self, moment: datetime) -> date:
        """Return which day it is in the newsroom."""
        return moment.astimezone(self.zone).date()

    def kind_of(self, day: date) -> str:
        """Return which day of the pattern applies: the day of the week, or `holiday`."""
        return "holiday" if self.holiday(day) else DAYS[day.weekday()]

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """Return the shifts that begin on a day, earliest first; a moderator's that overlap are one."""
        return _merged(self._entered(day))

    def _entered(self, day: date) -> list[Shift]:
        """Return the shifts that begin on a day, one by one as they were entered."""
        off = {change.moderator for change in self.changes if change.day == day and change.starts is None}
        kind = self.kind_of(day)
        found = [
            self._shift(pattern.moderator, day, pattern.starts, pattern.ends)
            for pattern in self.patterns
            if kind in pattern.days and pattern.moderator not in off
        ]
        found += [
            self._shift(change.moderator, day, change.starts, change.ends)
            for change in self.changes
            if change.day == day and change.starts is not None and change.ends is not None
        ]
        # In the hour that summer time skips, a shift can end before it begins: it has no minutes.
        return [shift for shift in found if shift.ends > shift.starts]

    def shifts(self, start: datetime, end: datetime) -> tuple[Shift, ...]:
        """Return the work between two moments, cut to them, earliest first."""
        # A shift of the day before may reach over midnight.
        days = _days(self.day_of(start) - _DAY, self.day_of(end))
        cut = [
            Shift(shift.moderator, max(shift.starts, start.astimezone(UTC)), min(shift.ends, end.astimezone(UTC)))
            for day in days
            for shift in self.shifts_on(day)
        ]
        return _merged(cut)

    def minutes(self, start: datetime, end: datetime) -> float:
        """Add up the minutes of all moderators between two moments."""
        return sum(shift.minutes for shift in self.shifts(start, end))

    def dawn_after(self, moment: datetime) -> datetime | None:
        """Return the beginning of the next day's work after this moment.

        A day's work begins with its first shift, but for one that begins
        before 5:00 and is over by 9:00: that is a night's, unless it is all there is.
        """
        today = self.day_of(moment)
        return next((dawn for dawn in self._dawns(_days(today, today + _SEARCHED * _DAY)) if dawn > moment), None)

    def dawn_before(self, moment: datetime) -> datetime | None:
        """Return the latest beginning of a day's work that is not after this moment."""
        today = self.day_of(moment)
        days = reversed(list(_days(today - _SEARCHED * _DAY, today)))
        return next((dawn for dawn in self._dawns(days) if dawn <= moment), None)

    def _dawns(self, days: Iterable[date]) -> Iterator[datetime]:
        """Yield when work begins on each day."""
        for day in days:
            shifts = self._entered(day)
            # A night shift that begins after midnight is the end of the day before.
            by_day = [shift.starts for shift in shifts if not self._is_night(shift, day)]
            if shifts:
                yield min(by_day or (shift.starts for shift in shifts))

    def _is_night(self, shift: Shift, day: date) -> bool:
        """Return whether a shift belongs to the night before."""
        begins, ends = (datetime.combine(day, moment, self.zone) for moment in _NIGHT)
        return shift.starts < begins and shift.ends <= ends

    def _shift(self, moderator: str, day: date, starts: time, ends: time) -> Shift:
        """Return a moderator's shift on a day; one that ends before it begins ends on the next."""
        last = day if ends > starts else day + _DAY
        return Shift(
            moderator,
            datetime.combine(day, starts, self.zone).astimezone(UTC),
            datetime.combine(last, ends, self.zone).astimezone(UTC),
        )


def _days(first: date, last: date) -> Iterator[date]:
    """Yield the days from the first to the last."""
    return (first + number * _DAY for number in range((last - first).days + 1))


def _merged(shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """Join each moderator's shifts that overlap or touch: nobody works twice at once."""
    by_moderator: dict[str, list[Shift]] = defaultdict(list)
    # Where work is cut to a stretch of time, nothing is left of what lies outside of it.
    for shift in sorted((one for one in shifts if one.ends > one.starts), key=lambda one: one.starts):
        of_one = by_moderator[shift.moderator]
        if of_one and shift.starts <= of_one[-1].ends:
            of_one[-1] = Shift(shift.moderator, of_one[-1].starts, max(of_one[-1].ends, shift.ends))
        else:
            of_one.append(shift)
    joined = (shift for of_one in by_moderator.values() for shift in of_one)
    return tuple(sorted(joined, key=lambda one: (one.starts, one.moderator)))
