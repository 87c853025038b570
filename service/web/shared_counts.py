"""Counts that several workers keep together, so that a limit is what it says however many they are."""

import sqlite3
import threading
import time
from pathlib import Path

from limits.storage import Storage

from service.storage.database import write_ahead

_PATIENCE = 1.0


class SharedCounts(Storage):
    """Where the package `limits` counts, in a file that all workers have open.

    Parameters
    ----------
    file
        The first worker makes it. What it holds is of no use once they have stopped.
    """

    STORAGE_SCHEME = None

    def __init__(self, file: Path) -> None:
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
        """Count, and give the count of the window, which begins with its first call and lasts `expiry` seconds."""
        now = time.time()
        ((count,),) = self._ask(
            """
            INSERT INTO window (name, count, until) VALUES (:name, :amount, :now + :expiry)
            ON CONFLICT (name) DO UPDATE SET
                count = CASE WHEN until <= :now THEN 0 ELSE count END + :amount,
                until = CASE WHEN until <= :now THEN :now + :expiry ELSE until END
            RETURNING count
            """,
            {"name": key, "amount": amount, "now": now, "expiry": expiry},
        )
        if count == amount:
            self._ask("DELETE FROM window WHERE until <= :now", {"now": now})
        return int(count)

    def get(self, key: str) -> int:
        """Give the count of the window that is open, or 0."""
        rows = self._ask("SELECT count FROM window WHERE name = :name AND until > :now", _at(key))
        return int(rows[0][0]) if rows else 0

    def get_expiry(self, key: str) -> float:
        """Tell when the window ends, in seconds since 1970."""
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
        with self._lock:
            return self._connection.execute(question, values).fetchall()


def _at(key: str) -> dict[str, str | float]:
    return {"name": key, "now": time.time()}
