"""Delivers events to webhooks: in each worker one thread that looks for them, and one for each endpoint in need."""

import json
import logging
import socket
import threading
import traceback
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from standardwebhooks import Webhook
from urllib3.exceptions import HTTPError, InvalidHeader

from service.background import BackgroundLoop
from service.storage.database import Database
from service.webhooks import outbox
from service.webhooks.endpoints import get_endpoint, secrets_of
from service.webhooks.outbox import ClaimedEvent
from service.webhooks.targets import ForbiddenTarget, resolve

#: Seconds.
TIMEOUT: Final = 20.0
_PAUSE: Final = 1.0
_LOG = logging.getLogger(__name__)


def _now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Deliverer(BackgroundLoop):
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
        super().__init__("webhooks", self._clear_and_deliver, _PAUSE, "Could not look for events")
        self._db = db
        self._clock = clock
        self._busy: dict[int, threading.Thread] = {}
        self._passes = 0

    def stop(self) -> None:
        """Begin no new attempt, and wait for those that run."""
        super().stop()
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

    def _clear_and_deliver(self) -> None:
        """Deliver what is due; now and then clear away what was delivered long ago."""
        self._passes += 1
        if self._passes % 3600 == 1:
            with self._db.write() as session:
                outbox.clear(session, self._clock())
        self.deliver_due()

    def _guarded(self, endpoint_id: int) -> None:
        """Deliver to an endpoint; log a bug without the error's text."""
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

    def _attempt(self, claimed: ClaimedEvent) -> bool:
        """Send one event, and note how that went; return whether it was delivered."""
        status, outcome, retry_after = _outcome(claimed, self._clock())
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


def try_out(db: Database, number: int, now: datetime) -> tuple[bool, str]:
    """Send a webhook a signed test event; return whether it was taken, and what came back."""
    body = {"type": "webhook.test", "timestamp": now.isoformat().replace("+00:00", "Z"), "data": {}}
    with db.read() as session:
        row = get_endpoint(session, number)
        claimed = ClaimedEvent(
            id=f"msg_{uuid.uuid4().hex}",
            endpoint_id=row.id,
            url=row.url,
            internal=row.internal,
            secrets=tuple(secrets_of(row, now)),
            payload=json.dumps(body),
            attempt=1,
        )
    status, outcome, _ = _outcome(claimed, now)
    return 200 <= status < 300, outcome


def _outcome(claimed: ClaimedEvent, now: datetime) -> tuple[int, str, float]:
    """Send an event; return the answer's status or 0, that in words, and how many seconds the receiver asks to wait."""
    try:
        status, retry_after = send(claimed, now)
    except ForbiddenTarget as error:
        return 0, str(error), 0.0
    except (HTTPError, OSError) as error:
        return 0, f"no answer ({type(error).__name__})", 0.0
    return status, f"answered {status}", retry_after


def send(claimed: ClaimedEvent, now: datetime) -> tuple[int, float]:
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
    cut = _Cut(TIMEOUT)
    if tls:
        pool = urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host, assert_hostname=host)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    pool.ConnectionCls = cut.watched(pool.ConnectionCls)
    with pool, cut:
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


class _Cut:
    """Ends a connection after some seconds altogether, and raises TimeoutError.

    A time-out of urllib3's is one of each read: whoever answers a byte at a
    time never runs into it.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._shut)
        self._sockets: list[socket.socket] = []
        self._is_late = threading.Event()

    def watched(self, kind: type[Any]) -> type[Any]:
        """Return a kind of connection whose sockets are ended."""
        cut = self

        class Watched(kind):  # type: ignore[misc]
            def _new_conn(self) -> socket.socket:
                made: socket.socket = super()._new_conn()
                # A second handle on the same connection: TLS will take the first one over.
                cut._sockets.append(made.dup())
                return made

        return Watched

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for one in self._sockets:
            one.close()
        if self._is_late.is_set():
            # Half a head may read like a whole answer.
            raise TimeoutError

    def _shut(self) -> None:
        """Cut off an attempt that takes too long."""
        self._is_late.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _retry_after(written: str | None) -> float:
    """Read how many seconds an endpoint asks us to wait."""
    try:
        return urllib3.Retry().parse_retry_after(written) if written else 0.0
    except InvalidHeader:
        return 0.0
