"""Whose turn it is to use the processor: a short line, and a refusal if it would be long."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore
from time import perf_counter, sleep

from model.cores import cores

#: Characters of a comment that are one piece of work, and the pieces that one turn should not exceed.
PIECE, TURN = 250, 32
#: How much the latest turn weighs in what one piece of work is expected to take.
_LATEST = 0.1
#: Where a request's environment tells how many seconds it waited for a thread.
WAITED = "belowline.waited"
#: Seconds that a request may have waited for a thread while others are scored: a refusal is to be told within 100 ms.
_LONGEST_IN_FRONT = 0.05
#: Seconds. With it, whoever is let in is answered well before comment software gives up.
_LONGEST_WAIT = 0.25
#: Seconds between two turns while the line is full.
_BREATH = 0.001


class Overloaded(Exception):
    """The line is too long to wait in."""


class AdmissionQueue:
    """Lets `at_once` threads work, in the order in which they came.

    Who comes is told at once that the line is too long, rather than late:
    a newspaper's server waits 800 ms and then publishes without a score. One
    of the turns is kept from those that are longer than `TURN`, so that a few
    very long comments do not hold up all the short ones.

    Parameters
    ----------
    at_once
        Threads that work at the same time.
    most_waiting
        Threads that may wait: the others are needed to refuse, and for what is not scored.
    longest_wait
        Seconds that a thread may have to expect.
    """

    def __init__(self, at_once: int, most_waiting: int, longest_wait: float) -> None:
        self.at_once = at_once
        self.most_waiting = most_waiting
        self._longest_wait = longest_wait
        self._lock = Lock()
        self._working = 0
        self._waiting: deque[Lock] = deque()
        # What stands in line, those that work included, in pieces of work.
        self._ahead = 0
        self._long_turns = Semaphore(max(1, at_once - 1))
        # Seconds that a piece takes, as lately measured; nothing is refused before the first one.
        self._pace = 0.0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def is_full(self, waited: float = 0.0) -> bool:
        """Return whether somebody who comes now, and has waited some seconds elsewhere, would be refused."""
        with self._lock:
            return self._working >= self.at_once and self._is_long(waited)

    @contextmanager
    def take(self, pieces: int, *, patient: bool = False, waited: float = 0.0) -> Iterator[None]:
        """Wait for a turn, which lasts as long as the block.

        Parameters
        ----------
        pieces
            How much work it is.
        patient
            Wait however long the line is; for who has been let in before.
        waited
            Seconds that they have waited elsewhere.

        Raises
        ------
        Overloaded
            At once, if there are too many in line.
        """
        is_long = pieces > TURN
        if is_long and not self._long_turns.acquire(blocking=patient):
            raise Overloaded
        try:
            self._wait(pieces, patient=patient, waited=waited)
            start = perf_counter()
            try:
                yield
            finally:
                self._leave(pieces, perf_counter() - start)
        finally:
            if is_long:
                self._long_turns.release()

    def _wait(self, pieces: int, *, patient: bool, waited: float) -> None:
        """Wait for a turn to score; refuse at once if it would take too long."""
        with self._lock:
            if self._working < self.at_once:
                self._working += 1
                self._ahead += pieces
                return
            if not patient and self._is_long(waited):
                raise Overloaded
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
            self._ahead += pieces
        # Who leaves hands the turn over, so that nobody who comes later can take it.
        mine.acquire()

    def _is_long(self, waited: float) -> bool:
        """Return whether the queue is too long to wait in."""
        expected = self._pace * self._ahead / self.at_once
        return len(self._waiting) >= self.most_waiting or expected > self._longest_wait or waited > _LONGEST_IN_FRONT

    def _leave(self, pieces: int, seconds: float) -> None:
        """Let whoever waits next take a turn, and learn how fast scoring is."""
        if self.waiting >= self.most_waiting > 0:
            # Scoring keeps the interpreter busy: those who only refuse get it to themselves for a moment.
            sleep(_BREATH)
        with self._lock:
            self._ahead -= pieces
            if pieces:
                each = seconds / pieces
                self._pace = each if self._pace == 0.0 else self._pace + _LATEST * (each - self._pace)
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._working -= 1


def admission_queue(workers: int, threads: int) -> AdmissionQueue:
    """Share out the machine: as many comments are scored at a time as there are cores.

    Parameters
    ----------
    workers
        Processes that share the machine.
    threads
        Requests that one process works on at a time. A quarter of them stays
        free, to refuse others at once and for what is not scored.
    """
    at_once = max(1, cores() // workers)
    return AdmissionQueue(at_once, max(0, threads - at_once - max(1, threads // 4)), _LONGEST_WAIT)
