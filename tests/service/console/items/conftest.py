"""Who sits at the console."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


@pytest.fixture
def rory(person: Callable[..., Any]) -> Any:
    """Log rory in."""
    return person("rory")
