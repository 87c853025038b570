"""Delivers events to webhooks: in each worker one thread that looks for them, and one for each endpoint in need."""

import logging
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import urllib3
from sqlalchemy.exc import SQLAlchemyError
from standardwebhooks import Webhook
from urllib3.exceptions import HTTPError, InvalidHeader

from service.storage.database import Database
from service.webhooks import outbox
from service.webhooks.outbox import Claim
from service.webhooks.targets import ForbiddenTarget, resolve

#: Seconds.
TIMEOUT: Final = 20.0
_PAUSE: Final = 1.0
_LOG = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Deliverer:
    """Delivers a database's events until it is stopped.

    Any number of these may run on one database, in any number of processes.

    Parameters
    ----------
    db
        The database.
    clock
        Returns the present moment.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime] = _now) -> None:
        self._db = db
        self._clock = clock
        self._stopped = threading.Event()
        self._busy: dict[int, threading.Thread] = {}
        self._watch = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin to deliver, in the background."""
        self._watch.start()

    def stop(self) -> None:
        """Begin no new attempt, and wait for those that run."""
        self._stopped.set()
        self._watch.join()
        self.wait()

    def wait(self) -> None:
        """Wait for the attempts that run."""
        for thread in self._busy.values():
            thread.join(2 * TIMEOUT)

    def deliver_due(self) -> None:
        """Deliver what is due, to each endpoint in a thread of its own: one that hangs holds up no other."""
        with self._db.read() as session:
            due = outbox.due_endpoints(session, self._clock())
        self._busy = {number: thread for number, thread in self._busy.items() if thread.is_alive()}
        for number in due - self._busy.keys():
            thread = threading.Thread(target=self._guarded, args=(number,), name=f"webhook {number}", daemon=True)
            self._busy[number] = thread
            thread.start()

    def _run(self) -> None:
        passes = 0
        while not self._stopped.wait(_PAUSE):
            try:
                if passes % 3600 == 0:
                    with self._db.write() as session:
                        outbox.clear(session, self._clock())
                self.deliver_due()
            except SQLAlchemyError as error:
                _LOG.warning("Could not look for events: %s", type(error).__name__)
            passes += 1

    def _guarded(self, endpoint_id: int) -> None:
        try:
            self._drain(endpoint_id)
        except Exception as error:  # noqa: BLE001 - a mistake here must be told, and must not end the delivery
            # Not the error's own text, which may hold what it was about. The lease ends, and another attempt follows.
            frames = "".join(traceback.format_tb(error.__traceback__))
            _LOG.error("%s while delivering to webhook %d:\n%s", type(error).__name__, endpoint_id, frames)

    def _drain(self, endpoint_id: int) -> None:
        """Deliver to an endpoint until nothing is due or an attempt fails."""
        while not self._stopped.is_set():
            with self._db.write() as session:
                claimed = outbox.claim(session, endpoint_id, self._clock())
            if claimed is None or not self._attempt(claimed):
                return

    def _attempt(self, claimed: Claim) -> bool:
        retry_after = 0.0
        try:
            status, retry_after = send(claimed, self._clock())
            outcome = f"answered {status}"
        except ForbiddenTarget as error:
            status, outcome = 0, str(error)
        except (HTTPError, OSError) as error:
            status, outcome = 0, f"no answer ({type(error).__name__})"
        delivered = 200 <= status < 300
        with self._db.write() as session:
            if delivered:
                outbox.cross_off(session, claimed, outcome, self._clock())
            else:
                outbox.put_off(session, claimed, outcome, self._clock(), retry_after=retry_after)
                if status == HTTPStatus.GONE:
                    outbox.disable(session, claimed.endpoint_id)
        if not delivered:
            _LOG.warning(
                "Webhook %d, attempt %d of event %s: %s", claimed.endpoint_id, claimed.attempt, claimed.id, outcome
            )
        return delivered


def send(claimed: Claim, now: datetime) -> tuple[int, float]:
    """Send an event; return the answer's status, and the seconds that the receiver asks to wait.

    The connection goes to the address that was looked at, under the host's own
    name. No redirect is followed, no proxy of the environment is asked, and of
    the answer nothing but its head is read.
    """
    parts = urlsplit(claimed.url)
    host, tls = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    address = resolve(host, port, internal=claimed.internal)
    signatures = [Webhook(secret).sign(claimed.id, now, claimed.payload) for secret in claimed.secrets]
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Belowline",
        "webhook-id": claimed.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    timeout = urllib3.Timeout(total=TIMEOUT)
    pool: urllib3.HTTPConnectionPool
    if tls:
        pool = urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host, assert_hostname=host)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    with pool:
        answer = pool.urlopen(
            "POST",
            path,
            body=claimed.payload.encode(),
            headers=headers,
            retries=False,
            redirect=False,
            assert_same_host=False,
            preload_content=False,
        )
        answer.close()
    return answer.status, _retry_after(answer.headers.get("Retry-After"))


def _retry_after(written: str | None) -> float:
    try:
        return urllib3.Retry().parse_retry_after(written) if written else 0.0
    except InvalidHeader:
        return 0.0
