"""The brake on guessing passwords."""

from service.throttle import Throttle

SOMEBODY = ("isla", "192.0.2.7")


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_five_failures_are_free() -> None:
    throttle = Throttle(Clock())
    for _ in range(4):
        throttle.failed(SOMEBODY)
    assert throttle.wait(SOMEBODY) == 0


def test_each_further_failure_doubles_the_wait() -> None:
    throttle = Throttle(Clock())
    waits = []
    for _ in range(8):
        throttle.failed(SOMEBODY)
        waits.append(throttle.wait(SOMEBODY))
    assert waits == [0, 0, 0, 0, 5, 10, 20, 40]


def test_the_wait_ends() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(5):
        throttle.failed(SOMEBODY)
    clock.now += 5.0
    assert throttle.wait(SOMEBODY) == 0


def test_the_wait_is_never_more_than_five_minutes() -> None:
    throttle = Throttle(Clock())
    for _ in range(100):
        throttle.failed(SOMEBODY)
    assert throttle.wait(SOMEBODY) == 300


def test_the_same_name_from_elsewhere_need_not_wait() -> None:
    throttle = Throttle(Clock())
    for _ in range(9):
        throttle.failed(SOMEBODY)
    assert throttle.wait(("isla", "192.0.2.8")) == 0


def test_success_forgets_the_failures() -> None:
    throttle = Throttle(Clock())
    for _ in range(9):
        throttle.failed(SOMEBODY)
    throttle.succeeded(SOMEBODY)
    assert throttle.wait(SOMEBODY) == 0
