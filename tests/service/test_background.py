import threading

import pytest
from sqlalchemy.exc import OperationalError

from service.background import BackgroundLoop

PATIENCE = 30


class Counted:
    """A step that fails as often as it is told, and says when it has been taken."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.taken = threading.Event()

    def step(self) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.taken.set()


def run(counted: Counted) -> None:
    """Run a loop until its step succeeds."""
    loop = BackgroundLoop("counted", counted.step, 0.001, "Cannot count")
    loop.start()
    assert counted.taken.wait(PATIENCE)
    loop.stop()


def test_a_step_is_taken_again_and_again_until_the_loop_is_stopped() -> None:
    counted = Counted()
    loop = BackgroundLoop("counted", counted.step, 0.001, "Cannot count")
    loop.start()
    for _ in range(3):
        assert counted.taken.wait(PATIENCE)
        counted.taken.clear()
    loop.stop()
    counted.taken.clear()

    assert not counted.taken.wait(0.1)


def test_a_database_that_is_away_costs_a_line_of_log_and_one_step(caplog: pytest.LogCaptureFixture) -> None:
    run(Counted(OperationalError("SELECT secret", {}, OSError("secret")), PermissionError("secret")))

    assert caplog.messages == ["Cannot count: OperationalError", "Cannot count: PermissionError"]


def test_a_mistake_of_ours_ends_no_loop_and_is_logged_without_what_it_was_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    run(Counted(KeyError("the text of a comment")))

    (told,) = caplog.messages
    assert told.startswith("Cannot count: KeyError\n")
    assert "in step" in told
    assert "the text of a comment" not in told
