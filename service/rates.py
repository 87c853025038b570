"""How many calls a program may make: a limit for each key, and for each address that has none."""

import math
import re
import time
from pathlib import Path
from typing import Literal

from flask import Flask, Response, current_app, g
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from service.config import ConfigError
from service.shared_counts import SharedCounts

Kind = Literal["key", "address"]
_EXTENSION = "belowline.rates"
_FORM = re.compile(r"[1-9]\d{0,8}/(second|minute|hour)")


class Rates:
    """Counts calls.

    Parameters
    ----------
    key, address
        How many calls one key, or one address without a key, may make: such
        as `600/minute`, or `off`.
    counts
        Where they are counted; in this process alone if left out.
    """

    def __init__(self, key: str, address: str, counts: Storage | None = None) -> None:
        self._limits: dict[Kind, RateLimitItem | None] = {
            "key": _read("BELOWLINE_RATE_LIMIT", key),
            "address": _read("BELOWLINE_RATE_LIMIT_ADDRESS", address),
        }
        # Windows that are not extended by refused calls: `Retry-After` is then the truth.
        self._counter = FixedWindowRateLimiter(counts or MemoryStorage())

    def spend(self, kind: Kind, who: str) -> None:
        """Count a call; raise TooManyRequests if there were too many before it."""
        limit = self._limits[kind]
        if limit is None:
            return
        passes = self._counter.hit(limit, kind, who)
        reset, remaining = self._counter.get_window_stats(limit, kind, who)
        seconds = max(1, math.ceil(reset - time.time()))
        # draft-ietf-httpapi-ratelimit-headers-11
        g.rate_headers = {
            "RateLimit-Policy": f'"{kind}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{kind}";r={remaining};t={seconds}',
        }
        if not passes:
            raise TooManyRequests(
                f"Calls are limited to {limit.amount:,} in {limit.get_expiry():,} s for each {kind}; "
                f"the next one is taken in {seconds} s.",
                retry_after=seconds,
            )


def install(app: Flask) -> None:
    """Register the limits, and the headers that tell of them."""
    shared = app.config.get("SHARED_FOLDER")
    counts = SharedCounts(Path(shared) / "rates.sqlite") if shared else None
    app.extensions[_EXTENSION] = Rates(app.config["RATE_LIMIT"], app.config["RATE_LIMIT_ADDRESS"], counts)
    app.after_request(_add_headers)


def rates() -> Rates:
    """Give the current app's limits."""
    found: Rates = current_app.extensions[_EXTENSION]
    return found


def _read(setting: str, limit: str) -> RateLimitItem | None:
    if limit == "off":
        return None
    if not _FORM.fullmatch(limit):
        raise ConfigError(f"{setting} is {limit!r}: write it as 600/minute (or second, hour), or off.")
    return parse(limit)


def _add_headers(response: Response) -> Response:
    response.headers.extend(g.get("rate_headers", {}))
    return response
