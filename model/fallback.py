"""A text that a transform cannot take is scored as it was written: nobody escapes a score by breaking a parser."""

import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Fallback:
    """Runs what reads hostile texts, and goes on where it fails.

    Every such failure is a bug of ours, and none may cost a comment its
    score: most programs publish what a service refused.

    Attributes
    ----------
    note
        Called with the name of each step that failed; counts nothing unless replaced.
    """

    def __init__(self) -> None:
        self.note: Callable[[str], object] = lambda _step: None

    def run(self, step: str, transform: Callable[[], T], otherwise: T) -> T:
        """Return what a transform returns, or `otherwise` if it raises, which is logged without the text.

        Parameters
        ----------
        step
            What the transform is called in the log and in the metrics.
        transform
            Takes the text from where it stands.
        otherwise
            What the text is without the transform.
        """
        try:
            return transform()
        except Exception as error:  # noqa: BLE001 - whatever it is, the comment is scored
            # Not the error's own text, which may quote the comment.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _log.error("%s failed on a text, which is scored as written: %s\n%s", step, type(error).__name__, frames)
            self.note(step)
            return otherwise
