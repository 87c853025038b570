"""gunicorn's worker with threads.

It tells how long a request waited for a thread, closes a connection whose
request was refused unread, and stops without leaving anybody.
"""

import sys
from select import select
from threading import local
from time import monotonic
from typing import Any

from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.scoring.admission import WAITED

#: Seconds that one thread may compute while another wants to; Python's own 5 ms are half a score.
_SWITCH_INTERVAL = 0.002


def _is_unread(body: Body) -> bool:
    """Return whether some of a request's body has not been read."""
    match body.reader:
        case LengthReader(length=left):
            return bool(left)
        case ChunkedReader(parser=rest):
            return rest is not None
    return False


class Worker(ThreadWorker):  # type: ignore[misc]
    """Takes in all who have connected when it is told to stop, then closes the door.

    gunicorn's own keeps the door ajar until its last answer is out: who
    connects meanwhile is neither served nor refused, and cut off in the end.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = local()

    def init_process(self) -> None:
        """Begin to work."""
        # Whoever only refuses or waits for the network gets the interpreter soon, though others compute.
        sys.setswitchinterval(_SWITCH_INTERVAL)
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and let each request tell how long it waited."""
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

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection on which a request comes in to the threads."""
        conn.handed_on = monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        """Answer a request, in a thread."""
        self._request.waited = monotonic() - conn.handed_on
        return super().handle(conn)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Stop at once, as Ctrl-C asks.

        gunicorn's own closes the pool of threads first, for which it needs a
        lock that the thread which the signal interrupted may hold: it would
        wait for itself. The pool ends with the process.
        """
        super(ThreadWorker, self).handle_quit(sig, frame)

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - gunicorn's signature
        """Begin or cease to accept connections."""
        super().set_accept_enabled(enabled)
        if self.alive:
            return
        for listener in self.sockets:
            while select([listener], [], [], 0)[0]:
                self.accept(listener)
            # This worker's hold on it: those that take over have their own.
            listener.close()
