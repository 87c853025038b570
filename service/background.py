"""What a process does beside its requests: a step every few seconds, until it is stopped."""

import logging
import threading
import traceback
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from model.errors import BelowlineError

_LOG = logging.getLogger(__name__)


class BackgroundLoop:
    """Takes a step every few seconds, in a thread of its own, between `start` and `stop`.

    Parameters
    ----------
    name
        The thread's name.
    step
        What is done each time.
    seconds
        The pause before each step, the first one too.
    trouble
        How the log says that a step failed. The next one is taken all the same.
    """

    def __init__(self, name: str, step: Callable[[], object], seconds: float, trouble: str) -> None:
        self._step = step
        self._seconds = seconds
        self._trouble = trouble
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin, in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Take no further step, and wait for the one that is being taken."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        """Take a step again and again, whatever becomes of the one before, until it is stopped."""
        while not self._stopped.wait(self._seconds):
            try:
                self._step()
            except (SQLAlchemyError, OSError, BelowlineError) as error:
                # Not the error's own text, here and below: it may hold what the step was about.
                _LOG.warning("%s: %s", self._trouble, type(error).__name__)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must be logged, and must not end the loop
                frames = "".join(traceback.format_tb(error.__traceback__))
                _LOG.error("%s: %s\n%s", self._trouble, type(error).__name__, frames)
