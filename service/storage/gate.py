"""How many threads may use the database at a time, so that a database that hangs does not hold them all."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from sqlalchemy.exc import TimeoutError as NotInTime

#: Seconds that somebody waits to be let in: others' transactions take milliseconds.
_PATIENCE = 1.0


class DatabaseGate:
    """Lets half of a process's threads use the database and a quarter wait for it.

    Whoever comes beyond that is refused at once, and who waits after a second:
    while the database hangs, the others still answer whatever does without it.

    Parameters
    ----------
    threads
        Requests that the process works on at a time.
    """

    def __init__(self, threads: int) -> None:
        #: How many may be inside.
        self.most = max(1, threads // 2)
        self._most_waiting = threads // 4
        self._inside = 0
        self.waiting = 0
        self._left = Condition()

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Wait to be let in for the length of the block; raise NotInTime if that takes too long."""
        with self._left:
            if self._inside >= self.most:
                self._wait()
            self._inside += 1
        try:
            yield
        finally:
            with self._left:
                self._inside -= 1
                self._left.notify()

    def _wait(self) -> None:
        """Wait until fewer threads use the database; refuse if too many wait, or too long."""
        if self.waiting >= self._most_waiting:
            raise NotInTime("Too many are waiting for the database.")
        self.waiting += 1
        try:
            if not self._left.wait_for(lambda: self._inside < self.most, _PATIENCE):
                raise NotInTime("The database was not free in time.")
        finally:
            self.waiting -= 1
