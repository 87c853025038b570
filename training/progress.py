"""Whom long work tells how far it is: a line at a time."""

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(message: str) -> None:
    """Print nothing."""
    del message
