"""gunicorn's worker with threads.

It gives a request a thread once it has come in, tells how long it waited for
one, closes a connection whose request was refused unread, and stops without
leaving anybody.
"""

import ctypes
import errno
import os
import re
import resource
import socket
import sys
from functools import partial
from select import select
from selectors import EVENT_READ
from threading import local
from time import monotonic
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.scoring.admission import WAITED

#: Seconds that one thread may compute while another wants to; Python's own 5 ms are half a score.
_SWITCH_INTERVAL = 0.002
#: What mallopt(3) calls the most arenas that glibc keeps.
_M_ARENA_MAX, _ARENAS = -8, 2
#: Seconds that a client has to send a request, and that a thread waits for more of one, or for an answer to be taken.
_PATIENCE = 10.0
#: Connections that a process holds, most of which say nothing just then.
_CONNECTIONS = 4096
#: Bytes of a head, and of a body, that are awaited before a thread is given: more of a head is
#: refused, and more of a body read in the thread.
_HEAD, _BODY = 65_536, 262_144
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)


def share_arenas() -> bool:
    """Let this process's threads share two of glibc's arenas; return whether it could be told to.

    Each thread else has one of its own, and keeps what it freed there. Other C libraries have none.
    """
    if sys.platform != "linux" or "CS_GNU_LIBC_VERSION" not in os.confstr_names:
        return False
    return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS))


def _is_unread(body: Body) -> bool:
    """Return whether some of a request's body has not been read."""
    match body.reader:
        case LengthReader(length=left):
            return bool(left)
        case ChunkedReader(parser=rest):
            return rest is not None
    return False


def missing(seen: bytes) -> int:
    """Return how many bytes a request needs at least to be given a thread, of which these have come; 0 if it may be.

    Who asks whether to go on wants an answer, and what is too long a refusal.
    """
    head, end, _ = seen.partition(b"\r\n\r\n")
    if not seen or len(head) >= _HEAD:
        return 0
    if not end:
        return len(seen) + 1
    found = None if b"100-continue" in head.lower() else _LENGTH.search(head + b"\r\n")
    whole = len(head) + len(end) + (min(int(found[1]), _BODY) if found else 0)
    return whole if len(seen) < whole else 0


class _Connection(TConn):  # type: ignore[misc]
    """One that a thread does not wait for without end."""

    #: Bytes that must have come before it is looked at again.
    least = 0

    def init(self) -> None:
        """Let nobody wait for this connection without end."""
        super().init()
        self.sock.settimeout(_PATIENCE)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Lets no slow client hold a thread, and serves all who have connected when told to stop.

    gunicorn's own waits in a thread for whoever has connected: forty who send
    half a request hold up everybody else. And it keeps the door ajar until
    its last answer is out: who connects meanwhile is neither served nor
    refused, and cut off in the end.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # They cost a file each, and nothing else.
        self.worker_connections = self.max_keepalived = _CONNECTIONS
        self._request = local()

    def init_process(self) -> None:
        """Begin to work."""
        # Whoever only refuses or waits for the network gets the interpreter soon, though others compute.
        sys.setswitchinterval(_SWITCH_INTERVAL)
        share_arenas()
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 2 * _CONNECTIONS), most))
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and note with each request how long it waited."""
        super().load_wsgi()
        inside = self.app.wsgi()

        def tell(environ: dict[str, Any], start_response: Any) -> Any:
            environ[WAITED] = self._request.waited

            def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
                # Else gunicorn would promise to keep the connection, and break that promise if there is
                # more to skip than it likes: whoever sent the next request on it would get no answer.
                if status >= "4" and _is_unread(environ["wsgi.input"]):
                    start_response.__self__.force_close()
                return start_response(status, headers, exc_info)

            return inside(environ, start)

        self.wsgi = tell

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, and watch it."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._watch(_Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Watch a kept connection on which a request comes in."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._watch(conn)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Look at a connection on which more came in."""
        if not self._awaits_more(conn):
            conn.least = 0
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            super().on_pending_socket_readable(conn, client)

    def _watch(self, conn: TConn) -> None:
        """Hand a connection to the threads once its request has come in; close it if it does not in time."""
        if not self._awaits_more(conn):
            conn.data_ready = True
            self.enqueue_req(conn)
            return
        conn.timeout = monotonic() + _PATIENCE
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _awaits_more(self, conn: TConn) -> bool:
        """Return whether more of a request has to come before a thread may take it."""
        try:
            seen = conn.sock.recv(_HEAD + _BODY, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            # It is gone; a thread will notice.
            return False
        if len(seen) < conn.least:
            # It was closed half-way; a thread will notice that too.
            return False
        conn.least = missing(seen)
        if conn.least:
            # The kernel tells when that much has come, and not of each byte before.
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, conn.least)
        return bool(conn.least)

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection on which a request comes in to the threads."""
        conn.handed_on = monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Answer a request, in a thread."""
        self._request.waited = monotonic() - conn.handed_on
        return super().handle(conn)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop at once, as on Ctrl-C.

        gunicorn's own closes the pool of threads first, for which it needs a
        lock that the thread which the signal interrupted may hold: it would
        wait for itself. The pool ends with the process.
        """
        super(ThreadWorker, self).handle_quit(sig, frame)

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Start or stop accepting connections."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        for listener in self.sockets:
            # Those who wait now, not whoever comes meanwhile: they may knock faster than they are let in.
            for _ in range(self.cfg.backlog):
                if not select([listener], [], [], 0)[0]:
                    break
                self.accept(listener)
            # This worker's hold on it: those that take over have their own.
            listener.close()
