"""Who works when: wall-clock patterns, changes, bank holidays, and minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.staffing.rota import DAYS, Change, Pattern, Rota

GLASGOW = ZoneInfo("Europe/London")
WEEKDAYS = frozenset(DAYS[:5])
EVERY_DAY = frozenset(DAYS)


def at(day: str, clock: str) -> datetime:
    """Return a moment of Glasgow's wall clock."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=GLASGOW)


def bank_holiday(day: date) -> str | None:
    return {date(2026, 11, 30): "Saint Andrew's Day"}.get(day)


OFFICE = Pattern("isla", WEEKDAYS, time(9), time(18))
EVENING = Pattern("rory", WEEKDAYS, time(19), time(22))
WEEKEND = Pattern("rory", frozenset({"sat", "sun", "holiday"}), time(10), time(14))
NIGHT = Pattern("mhairi", EVERY_DAY, time(22), time(6))
ROTA = Rota((OFFICE, EVENING, WEEKEND), zone=GLASGOW, holiday=bank_holiday)


@pytest.mark.parametrize(
    ("day", "minutes"),
    [
        pytest.param("2026-11-23", 12 * 60, id="a Monday: office hours and evening"),
        pytest.param("2026-11-28", 4 * 60, id="a Saturday"),
        pytest.param("2026-11-30", 4 * 60, id="a Monday that is a bank holiday: as the pattern has it for holidays"),
    ],
)
def test_minutes_of_a_day(day: str, minutes: float) -> None:
    assert ROTA.minutes(at(day, "00:00"), at(day, "00:00") + timedelta(days=1)) == minutes


def test_bank_holidays_are_those_of_the_region() -> None:
    saint_andrew = date(2026, 11, 30)
    minutes = {}
    for region in ("SCT", "ENG"):
        rota = Rota((OFFICE,), zone=GLASGOW, holiday=holidays.country_holidays("GB", subdiv=region).get)
        minutes[region] = sum(shift.minutes for shift in rota.shifts_on(saint_andrew))
    assert minutes == {"SCT": 0, "ENG": 540}


@pytest.mark.parametrize(
    ("evening", "hours"),
    [
        pytest.param("2026-03-28", 7, id="summer time begins"),
        pytest.param("2026-10-24", 9, id="summer time ends"),
        pytest.param("2026-06-01", 8, id="any other night"),
    ],
)
def test_a_night_shift_is_as_long_as_the_night(evening: str, hours: int) -> None:
    rota = Rota((NIGHT,), zone=GLASGOW)
    (shift,) = rota.shifts_on(date.fromisoformat(evening))
    assert shift.minutes == hours * 60
    assert shift.ends.astimezone(GLASGOW).time() == time(6)


def test_office_hours_stay_on_the_wall_clock_across_the_change_to_summer_time() -> None:
    friday, monday = ROTA.shifts_on(date(2026, 3, 27))[0], ROTA.shifts_on(date(2026, 3, 30))[0]
    assert (friday.starts.hour, monday.starts.hour) == (9, 8)
    assert (friday.minutes, monday.minutes) == (540, 540)


def test_a_shift_within_the_hour_that_is_skipped_has_no_minutes() -> None:
    rota = Rota((Pattern("isla", EVERY_DAY, time(1, 15), time(2)),), zone=GLASGOW)
    assert rota.shifts_on(date(2026, 3, 29)) == ()


def test_a_day_off_and_an_extra_shift() -> None:
    monday, saturday = date(2026, 11, 23), date(2026, 11, 28)
    changes = (Change("isla", monday), Change("isla", saturday, time(9), time(12)))
    rota = Rota((OFFICE,), changes, zone=GLASGOW)
    assert rota.shifts_on(monday) == ()
    assert [shift.minutes for shift in rota.shifts_on(saturday)] == [180]


def test_a_day_off_with_other_times_instead() -> None:
    monday = date(2026, 11, 23)
    rota = Rota((OFFICE,), (Change("isla", monday), Change("isla", monday, time(13), time(15))), zone=GLASGOW)
    assert [shift.minutes for shift in rota.shifts_on(monday)] == [120]


def test_nobody_works_twice_at_once_but_two_count_twice() -> None:
    overlapping = Pattern("isla", WEEKDAYS, time(17), time(19))
    other = Pattern("rory", WEEKDAYS, time(9), time(10))
    rota = Rota((OFFICE, overlapping, other), zone=GLASGOW)
    assert rota.minutes(at("2026-11-23", "09:00"), at("2026-11-23", "19:00")) == 600 + 60


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        pytest.param("2026-11-23 08:59", "2026-11-22 10:00", "2026-11-23 09:00", id="a minute before nine"),
        pytest.param("2026-11-23 09:00", "2026-11-23 09:00", "2026-11-24 09:00", id="at nine"),
        pytest.param("2026-11-23 23:30", "2026-11-23 09:00", "2026-11-24 09:00", id="at night"),
        pytest.param("2026-11-27 23:30", "2026-11-27 09:00", "2026-11-28 10:00", id="before a weekend"),
        pytest.param("2026-11-29 23:30", "2026-11-29 10:00", "2026-11-30 10:00", id="before a bank holiday"),
    ],
)
def test_dawn_is_the_beginning_of_the_first_shift_of_a_day(now: str, before: str, after: str) -> None:
    day, clock = now.split()
    found = ROTA.dawn_before(at(day, clock)), ROTA.dawn_after(at(day, clock))
    assert found == (at(*before.split()), at(*after.split()))


@pytest.mark.parametrize(
    ("shifts", "dawn"),
    [
        pytest.param([(0, 6), (9, 17)], "09:00", id="a night shift that begins at midnight"),
        pytest.param([(1, 8), (9, 17)], "09:00", id="a night shift that begins at one"),
        pytest.param([(4, 13), (13, 22)], "04:00", id="somebody comes very early"),
        pytest.param([(5, 13), (9, 17)], "05:00", id="an early shift"),
        pytest.param([(0, 6)], "00:00", id="nobody but by night"),
        pytest.param([(0, 6), (18, 22)], "18:00", id="by night and in the evening"),
    ],
)
def test_a_night_shift_is_the_end_of_the_day_before(shifts: list[tuple[int, int]], dawn: str) -> None:
    names = ("isla", "rory")
    rota = Rota(
        tuple(
            Pattern(name, EVERY_DAY, time(start), time(end)) for name, (start, end) in zip(names, shifts, strict=False)
        ),
        zone=GLASGOW,
    )
    assert rota.dawn_before(at("2026-11-26", "23:30")) == at("2026-11-26", dawn)
    assert rota.dawn_after(at("2026-11-26", "23:30")) == at("2026-11-27", dawn)


def test_a_night_shift_is_one_though_its_moderator_goes_on_working() -> None:
    shifts = (Pattern("isla", EVERY_DAY, time(1), time(6)), Pattern("isla", EVERY_DAY, time(6), time(14)))
    assert Rota(shifts, zone=GLASGOW).dawn_after(at("2026-11-26", "23:30")) == at("2026-11-27", "06:00")


def test_without_shifts_there_is_no_dawn() -> None:
    rota = Rota()
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert (rota.dawn_before(now), rota.dawn_after(now), rota.minutes(now, now + timedelta(days=7))) == (None, None, 0)


# What holds for any rota

TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
PATTERNS = st.builds(
    Pattern, st.sampled_from(["isla", "rory", "mhairi"]), st.frozensets(st.sampled_from(DAYS)), TIMES, TIMES
)
CHANGES = st.builds(
    Change, st.sampled_from(["isla", "rory"]), st.dates(date(2026, 3, 25), date(2026, 4, 2)), st.none() | TIMES, TIMES
)
ROTAS = st.builds(
    Rota,
    st.lists(PATTERNS, max_size=5).map(tuple),
    st.lists(CHANGES, max_size=3).map(tuple),
    st.sampled_from([GLASGOW, ZoneInfo("UTC"), ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe")]),
    st.sampled_from([bank_holiday, holidays.country_holidays("GB", subdiv="SCT").get]),
)
# Both changes of the clock of 2026 are within.
MOMENTS = st.builds(
    lambda first, minute: first + timedelta(minutes=minute),
    st.sampled_from([datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 15, tzinfo=UTC)]),
    st.integers(0, 20 * 1440),
)


@given(ROTAS, MOMENTS, MOMENTS, MOMENTS)
def test_minutes_add_up_and_are_never_more_than_everybody_awake(
    rota: Rota, one: datetime, two: datetime, three: datetime
) -> None:
    start, middle, end = sorted((one, two, three))
    whole = rota.minutes(start, end)
    assert whole == pytest.approx(rota.minutes(start, middle) + rota.minutes(middle, end))
    people = {pattern.moderator for pattern in rota.patterns} | {change.moderator for change in rota.changes}
    assert 0 <= whole <= len(people) * (end - start).total_seconds() / 60 + 1e-6


@given(ROTAS, MOMENTS)
def test_now_is_between_two_dawns_with_work_from_each(rota: Rota, now: datetime) -> None:
    before, after = rota.dawn_before(now), rota.dawn_after(now)
    for dawn in (before, after):
        assert dawn is None or rota.minutes(dawn, dawn + timedelta(minutes=1)) > 0
    assert before is None or before <= now
    assert after is None or after > now
    if before is not None and after is not None:
        assert rota.dawn_after(before) == after


@given(ROTAS, MOMENTS)
def test_a_moderators_shifts_never_overlap(rota: Rota, now: datetime) -> None:
    shifts = rota.shifts(now, now + timedelta(days=3))
    for one in shifts:
        assert one.starts < one.ends
        assert not [
            other for other in shifts if other.moderator == one.moderator and one.starts < other.starts < one.ends
        ]
