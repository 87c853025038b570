"""The brake on trying again and again."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.accounts import throttle
from service.accounts.throttle import Brake
from service.storage.database import Database

BRAKE = Brake("test", 5, timedelta(seconds=5), timedelta(minutes=5), timedelta(hours=24))
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """Yield an empty database, without a service around it."""
    db = Database(f"sqlite:///{tmp_path / 'b.db'}")
    db.upgrade()
    yield db
    db.close()


def attempt(db: Database, now: datetime = START, who: str = "isla") -> int:
    with db.write() as session:
        return throttle.take(session, [(BRAKE, who)], now)


def test_five_attempts_are_free_and_each_further_one_waits_twice_as_long(empty: Database) -> None:
    now, waits = START, []
    for _ in range(14):
        wait = attempt(empty, now)
        waits.append(wait)
        now += timedelta(seconds=wait)
        if wait:
            assert attempt(empty, now) == 0
    assert waits == [0, 0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_an_attempt_that_comes_too_early_does_not_count(empty: Database) -> None:
    for _ in range(5):
        attempt(empty)

    assert [attempt(empty, START + timedelta(seconds=second)) for second in (1, 2, 3)] == [4, 3, 2]
    assert attempt(empty, START + timedelta(seconds=5)) == 0


def test_somebody_else_need_not_wait(empty: Database) -> None:
    for _ in range(6):
        attempt(empty)

    assert attempt(empty, who="callum") == 0


def test_after_a_day_of_rest_all_are_free_again(empty: Database) -> None:
    for _ in range(6):
        attempt(empty)

    assert [attempt(empty, START + timedelta(hours=24)) for _ in range(6)] == [0, 0, 0, 0, 0, 5]


def test_a_clock_that_was_ahead_for_a_year_locks_nobody_out_for_a_year(empty: Database) -> None:
    ahead = START + timedelta(days=365)
    for _ in range(6):
        attempt(empty, ahead)

    assert attempt(empty, START) == 5
    assert attempt(empty, START + timedelta(seconds=5)) == 0


def test_success_forgets_the_attempts(empty: Database) -> None:
    for _ in range(5):
        attempt(empty)
    with empty.write() as session:
        throttle.forget(session, BRAKE, "isla")

    assert attempt(empty) == 0


def test_forty_guesses_at_the_same_moment_are_forty(empty: Database) -> None:
    waits: list[int] = []

    def guess() -> None:
        # A process of its own would have an engine of its own.
        db = Database(empty.url)
        waits.extend(attempt(db) for _ in range(5))
        db.close()

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(waits) == [0] * 5 + [5] * 35


def test_what_one_brake_refuses_counts_at_no_other(empty: Database) -> None:
    outer, inner = replace(BRAKE, name="outer", free=50), replace(BRAKE, name="inner")

    def both(who: str) -> int:
        with empty.write() as session:
            return throttle.take(session, [(inner, who), (outer, "all")], START)

    waits = [both("isla") for _ in range(60)]

    assert waits == [0] * 5 + [5] * 55
    # Five were looked at, so 45 of others are free.
    assert [both(f"other {number}") for number in range(46)] == [0] * 45 + [5]
