"""Where long work reports its progress, a line at a time."""

from collections.abc import Callable

Progress = Callable[[str], None]


def silent(message: str) -> None:
    """Print nothing."""
    del message
