from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier, Event, Thread
from time import monotonic, sleep

import pytest

from service.scoring.admission import TURN, AdmissionQueue, Overloaded, admission_queue

LONG = 60.0


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = monotonic() + LONG
    while not is_so():
        assert monotonic() < deadline
        sleep(0.001)


def test_no_more_work_at_a_time_than_there_are_turns() -> None:
    line = AdmissionQueue(at_once=2, most_waiting=100, longest_wait=LONG)
    both = Barrier(2, timeout=LONG)
    working: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        with line.take(1):
            working.append(number)
            both.wait()
            most.append(len(working))
            both.wait()
            working.remove(number)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(work, range(10)))

    assert max(most) == 2
    assert len(most) == 10


def test_turns_go_by_who_came_first() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=100, longest_wait=LONG)
    order: list[int] = []

    def work(number: int) -> None:
        with line.take(1, patient=True):
            order.append(number)

    with ExitStack() as first:
        first.enter_context(line.take(1))
        threads = []
        for number in range(20):
            thread = Thread(target=work, args=(number,))
            thread.start()
            wait_until(lambda number=number: line.waiting == number + 1)  # type: ignore[misc]
            threads.append(thread)
    for thread in threads:
        thread.join(LONG)

    assert order == list(range(20))


def test_who_finds_the_line_full_is_refused_at_once() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=1, longest_wait=LONG)
    done = Event()

    def work() -> None:
        with line.take(1):
            done.set()

    with line.take(1):
        second = Thread(target=work)
        second.start()
        wait_until(lambda: line.waiting == 1)
        # Who waited instead would do so for ever: it is this thread that has the turn.
        with pytest.raises(Overloaded), line.take(1):
            pytest.fail("it was let in")
        assert not done.is_set()
    assert done.wait(LONG)
    second.join(LONG)


def test_who_would_have_to_wait_too_long_is_refused_though_the_line_is_short() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=100, longest_wait=0.1)
    with line.take(1):
        sleep(0.2)  # this is what one piece is now known to take

    with line.take(1), pytest.raises(Overloaded), line.take(1):
        pytest.fail("it was let in")


def test_a_large_piece_of_work_does_not_make_small_ones_look_slow() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=100, longest_wait=0.1)
    with line.take(1000):
        sleep(0.2)
    done = Event()

    def work() -> None:
        with line.take(1):
            done.set()

    with line.take(1):
        second = Thread(target=work)
        second.start()
        wait_until(lambda: line.waiting == 1)
    assert done.wait(LONG)
    second.join(LONG)


def test_who_was_let_in_before_is_never_refused() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=0, longest_wait=0.0)
    done = Event()

    def work() -> None:
        with line.take(1, patient=True):
            done.set()

    with line.take(1):
        second = Thread(target=work)
        second.start()
        wait_until(lambda: line.waiting == 1)
    assert done.wait(LONG)
    second.join(LONG)


def test_work_that_fails_gives_its_turn_back() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=0, longest_wait=LONG)

    with pytest.raises(ValueError, match="no text"), line.take(1):
        raise ValueError("no text")

    with line.take(1):
        assert line.waiting == 0


@pytest.mark.parametrize(
    ("cores", "workers", "threads", "at_once", "most_waiting"),
    [
        (2, 1, 32, 2, 22),
        (2, 2, 32, 1, 23),
        (2, 4, 32, 1, 23),
        (16, 4, 32, 4, 20),
        (2, 1, 1, 2, 0),
    ],
)
def test_the_machine_is_shared_out(
    cores: int, workers: int, threads: int, at_once: int, most_waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.scoring.admission.cores", lambda: cores)

    line = admission_queue(workers, threads)

    assert (line.at_once, line.most_waiting) == (at_once, most_waiting)


def test_who_has_waited_long_elsewhere_is_refused_if_others_are_at_work() -> None:
    line = AdmissionQueue(at_once=1, most_waiting=100, longest_wait=LONG)

    with line.take(1, waited=1.0):
        assert not line.is_full()
        assert line.is_full(waited=1.0)
        with pytest.raises(Overloaded), line.take(1, waited=1.0):
            pytest.fail("it was let in")
    assert not line.is_full(waited=1.0)


@pytest.mark.parametrize(("at_once", "long_ones"), [(1, 1), (2, 1), (4, 3)])
def test_one_turn_is_kept_from_very_long_texts(at_once: int, long_ones: int) -> None:
    line = AdmissionQueue(at_once=at_once, most_waiting=100, longest_wait=LONG)

    with ExitStack() as working:
        for _ in range(long_ones):
            working.enter_context(line.take(TURN + 1))
        with pytest.raises(Overloaded), line.take(TURN + 1):
            pytest.fail("it was let in")
        if at_once > 1:
            with line.take(TURN):
                assert line.waiting == 0
    with line.take(TURN + 1):
        assert line.waiting == 0


def test_a_very_long_text_of_a_call_that_was_let_in_waits_until_another_is_done() -> None:
    line = AdmissionQueue(at_once=2, most_waiting=100, longest_wait=LONG)
    done = Event()

    def work() -> None:
        with line.take(TURN + 1, patient=True):
            done.set()

    with line.take(TURN + 1):
        thread = Thread(target=work)
        thread.start()
        with line.take(1):
            assert not done.wait(0.05)
    thread.join(LONG)

    assert done.is_set()
