"""How many calls a program may make: a limit for each key, and for each address that has none."""

import logging
import math
import sqlite3
import threading
import time
from pathlib import Path
from typing import Literal

from flask import Flask, Response, current_app, g
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from service.storage.engines import write_ahead

Kind = Literal["key", "address"]
_EXTENSION = "belowline.rates"
_log = logging.getLogger(__name__)
# Seconds that a worker waits for another one's count.
_PATIENCE = 1.0


class Rates:
    """Counts calls against their limits.

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
            "key": _read(key),
            "address": _read(address),
        }
        # Windows that are not extended by refused calls: `Retry-After` is then the truth.
        self._counter = FixedWindowRateLimiter(counts or SharedCounts(":memory:"))

    def spend(self, kind: Kind, who: str) -> None:
        """Count a call; raise TooManyRequests if there were too many before it."""
        limit = self._limits[kind]
        if limit is None:
            return
        try:
            passes = self._counter.hit(limit, kind, who)
            reset, remaining = self._counter.get_window_stats(limit, kind, who)
        except sqlite3.Error as error:
            # A limit that cannot be counted is no reason to refuse what a newspaper's readers wrote.
            _log.warning("A call could not be counted for its limit: %s.", error)
            return
        seconds = max(1, math.ceil(reset - time.time()))
        # draft-ietf-httpapi-ratelimit-headers-11
        g.rate_headers = {
            "RateLimit-Policy": f'"{kind}";q={limit.amount};w={limit.get_expiry()}',
            "RateLimit": f'"{kind}";r={remaining};t={seconds}',
        }
        if not passes:
            raise TooManyRequests(
                f"Too many calls: the limit is {limit.amount:,} in {limit.get_expiry():,} s for each {kind}. "
                f"Please retry in {seconds} s.",
                retry_after=seconds,
            )


class SharedCounts(Storage):
    """Where the package `limits` counts, in a file that all workers have open.

    Parameters
    ----------
    file
        The first worker makes it, and what it holds is of no use once they have
        stopped. `:memory:` is this process's alone.
    """

    STORAGE_SCHEME = None

    def __init__(self, file: Path | str) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        # After a power cut there is nobody left whose calls were counted; a killed worker must leave
        # the file whole to the others, which a journal in memory would not.
        self._connection.execute("PRAGMA synchronous = OFF").close()
        write_ahead(self._connection, _PATIENCE)
        self.check()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Name what can go wrong."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the count of the window, which begins with its first call and lasts `expiry` seconds."""
        now = time.time()
        # A window that ends later than one that begins now was begun by a clock that was ahead.
        ((count,),) = self._ask(
            """
            INSERT INTO window (name, count, until) VALUES (:name, :amount, :now + :expiry)
            ON CONFLICT (name) DO UPDATE SET
                count = CASE WHEN until > :now AND until <= :now + :expiry THEN count ELSE 0 END + :amount,
                until = CASE WHEN until > :now AND until <= :now + :expiry THEN until ELSE :now + :expiry END
            RETURNING count
            """,
            {"name": key, "amount": amount, "now": now, "expiry": expiry},
        )
        if count == amount:
            self._ask("DELETE FROM window WHERE until <= :now", {"now": now})
        return int(count)

    def get(self, key: str) -> int:
        """Return the count of the window that is open, or 0."""
        rows = self._ask("SELECT count FROM window WHERE name = :name AND until > :now", _at(key))
        return int(rows[0][0]) if rows else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window ends, in seconds since 1970."""
        rows = self._ask("SELECT until FROM window WHERE name = :name AND until > :now", _at(key))
        return float(rows[0][0]) if rows else time.time()

    def check(self) -> bool:
        """Make the table if it is not there."""
        self._ask("CREATE TABLE IF NOT EXISTS window (name TEXT PRIMARY KEY, count INTEGER, until REAL)", {})
        self._ask("CREATE INDEX IF NOT EXISTS window_until ON window (until)", {})
        return True

    def reset(self) -> None:
        """Forget all counts."""
        self._ask("DELETE FROM window", {})

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._ask("DELETE FROM window WHERE name = :name", _at(key))

    def _ask(self, question: str, values: dict[str, str | float]) -> list[tuple[float, ...]]:
        """Ask the file in which the workers count calls together."""
        with self._lock:
            return self._connection.execute(question, values).fetchall()


def _at(key: str) -> dict[str, str | float]:
    """Return what a count is asked by: its key and the time."""
    return {"name": key, "now": time.time()}


def install(app: Flask) -> None:
    """Register the limits and the headers that report them."""
    app.extensions[_EXTENSION] = Rates(
        app.config["RATE_LIMIT"], app.config["RATE_LIMIT_ADDRESS"], _shared_counts(app.config.get("SHARED_FOLDER"))
    )
    app.after_request(_add_headers)


def _shared_counts(folder: str | None) -> SharedCounts | None:
    """Open the file in which the workers count calls together; None if there is one worker."""
    if folder is None:
        return None
    try:
        return SharedCounts(Path(folder) / "rates.sqlite")
    except sqlite3.Error as error:
        _log.warning("The workers cannot count calls together, so each does for itself: %s.", error)
        return None


def rates() -> Rates:
    """Return the app's limits."""
    found: Rates = current_app.extensions[_EXTENSION]
    return found


def _read(limit: str) -> RateLimitItem | None:
    """Read a rate limit; None where it is off."""
    return None if limit == "off" else parse(limit)


def _add_headers(response: Response) -> Response:
    """Add to an answer how much of the rate limit is left."""
    response.headers.extend(g.get("rate_headers", {}))
    return response
