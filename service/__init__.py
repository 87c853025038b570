"""The service: HTTP, the moderators' console, the database."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Mapping[str, Any] | None = None) -> "Flask":
    """Build the application; nothing happens at import.

    Parameters
    ----------
    config
        Settings that go before those of the environment (see
        `service.settings`, in capitals and without `BELOWLINE_`), and whatever else Flask knows. `SCORER` is a loaded
        bundle, where several applications share one.
    """
    from service.app import build  # noqa: PLC0415 - the command line's --help must not wait for Flask

    return build(config or {})
