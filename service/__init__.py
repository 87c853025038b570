"""The service: HTTP, the moderators' console, the database.

Imports `model` and never `training`; the only package that imports `flask`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Mapping[str, Any] | None = None) -> "Flask":
    """Build the application; nothing happens at import.

    Parameters
    ----------
    config
        Settings that override the environment. Each setting of
        `service.settings` goes by its name in capitals, without `BELOWLINE_`:
        `DATABASE`, `SECRET_KEY`, `RANDOM_RATE`. Flask's own settings are
        passed on, and these have no name in the environment:

        `SCORER`
            A loaded bundle, which several applications can share; else the
            one that the settings name is loaded.
        `KEYS_REQUIRED`
            False lets programs call the API without a key (default: True).
        `RECENT_ARTICLES`
            How many stored articles a comment is held against besides its
            own (default: 100).
        `WORKERS`, `THREADS`
            How it is served, which bounds how many comments wait to be
            scored (default: 1 and 32).

    Raises
    ------
    BelowlineError
        If a setting makes no sense, or the database or the bundle cannot be
        opened.
    """
    from service.app import build  # noqa: PLC0415 - the command line's --help must not wait for Flask

    return build(config or {})
