"""A text that a transform cannot take is scored as it was written: nobody escapes a score by breaking a parser."""

import logging
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from model.reading.text import NormalisedText, TextNormaliser

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Fallback:
    """Runs the steps that read hostile texts, and goes on where one fails.

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


class FallbackNormaliser:
    """Normalises texts, and takes one that cannot be normalised as it was written.

    Parameters
    ----------
    normaliser
        What normalises them.
    fallback
        What runs it.
    """

    def __init__(self, normaliser: TextNormaliser, fallback: Fallback) -> None:
        self._normaliser, self._fallback = normaliser, fallback

    def normalise_many(self, texts: Sequence[str]) -> list[NormalisedText]:
        """Normalise texts, in their order."""
        found = self._fallback.run("reading", partial(self._normaliser.normalise_many, texts), None)
        if found is not None:
            return found
        # One of them must not take the disguises of the others for plain text.
        return [
            self._fallback.run("reading", partial(self._normaliser.normalise, text), NormalisedText(_encodable(text)))
            for text in texts
        ]


def _encodable(text: str) -> str:
    """Return a text without halves of surrogate pairs, character for character."""
    return text.encode("utf-8", "replace").decode()
