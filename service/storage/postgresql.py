"""Connections to PostgreSQL that give up: on a server that hangs, a host that is gone, a statement that never ends."""

from typing import Any, Literal

import psycopg
from psycopg.abc import RV, PQGen

Pace = Literal["command", "request", "glance"]
#: Milliseconds that a statement may take in the service; more than it may wait for another one's locks.
_LONGEST_STATEMENT = 20_000
#: Seconds without an answer after which a server counts as hanging: it should have ended the statement itself.
_SILENCE = 22.0
#: Seconds that a look at whether it can be written may take.
_GLANCE = 2.0
#: What libpq and the kernel are told, where the address does not say otherwise: who does not
#: answer within five seconds is not there, and a host that is gone is noticed within 20.
_NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


class _Impatient(psycopg.Connection[Any]):
    """A connection that is closed if the server falls silent, as one does that was stopped, or whose disk hangs."""

    silence = _SILENCE

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server's answer, but no longer than makes sense."""
        try:
            return super().wait(gen, interval, self.silence if timeout is None else timeout)
        except psycopg.OperationalError:
            if timeout is None and self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                # Nobody knows what it would answer, and to which question.
                self.pgconn.finish()
            raise


class _Glancing(_Impatient):
    """One that is closed sooner, to look at whether the server is well."""

    silence = _GLANCE


def connect(given: dict[str, Any], pace: Pace) -> "psycopg.Connection[Any]":
    """Connect to a PostgreSQL server.

    Parameters
    ----------
    given
        What the address says.
    pace
        Who asks: a `command` has time, a `request` has not, and a `glance`
        only looks at whether the server is well.
    """
    known = {**_NETWORK, **given}
    if pace == "glance":
        return _Glancing.connect(**{**known, "connect_timeout": int(_GLANCE)})
    if pace == "command":
        return psycopg.connect(**known)
    options = f"-c statement_timeout={_LONGEST_STATEMENT} {known.pop('options', '')}".strip()
    return _Impatient.connect(**known, options=options)
