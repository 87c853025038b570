"""A brake on guessing passwords."""

import time
from collections.abc import Callable

_FREE_FAILURES = 5
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 300.0
_MOST_REMEMBERED = 10_000


class Throttle:
    """Counts failures per name and address, in this process alone.

    After five failures in a row each further attempt must wait, twice as long
    each time. Since the address counts, nobody can lock out a colleague from
    elsewhere.

    Parameters
    ----------
    clock
        Gives seconds that only ever grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def wait(self, who: tuple[str, str]) -> int:
        """Give the seconds until the next attempt is looked at; 0 for now."""
        count, last = self._failures.get(who, (0, 0.0))
        if count < _FREE_FAILURES:
            return 0
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(count - _FREE_FAILURES, 10))
        left = last + pause - self._clock()
        return max(1, round(left)) if left > 0 else 0

    def failed(self, who: tuple[str, str]) -> None:
        """Count a failure."""
        count, _ = self._failures.pop(who, (0, 0.0))
        if len(self._failures) >= _MOST_REMEMBERED:
            # Memory stays bounded whatever names are tried: the one longest quiet is forgotten.
            del self._failures[next(iter(self._failures))]
        self._failures[who] = (count + 1, self._clock())

    def succeeded(self, who: tuple[str, str]) -> None:
        """Forget the failures."""
        self._failures.pop(who, None)
