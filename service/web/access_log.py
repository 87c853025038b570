"""The log: one JSON object a line, without a comment's text, a key or an address's query."""

import json
import logging
import re
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal

from flask import Flask, Response, g, request
from gunicorn.glogging import Logger

from service.web.current import current_scorer

if TYPE_CHECKING:
    # The server's parent process imports this too: Prometheus' client must not be loaded before the
    # folder is set in which several workers leave their numbers.
    from service.counters import Metrics

#: One line for each request that was answered.
ACCESS = logging.getLogger("belowline.access")
#: Where those lines go.
AccessLog = Literal["stdout", "stderr", "off"]

# What a program sent follows: gunicorn quotes a request that it cannot read, and that may be a comment.
_QUOTED = re.compile(r"(Invalid request from ip=[^:\s]*).*", re.DOTALL)
_QUERY = re.compile(r"\?\S*")
_SECRET = re.compile(r"(?i)\b(key|token|secret|password|authorization)(['\"]?\s*[=:]\s*)(?:bearer\s+)?[^\s&'\",]+")


@dataclass(frozen=True, slots=True)
class Call:
    """A request and how it was answered; `started` is by the clock of `perf_counter`, `caller` the name of its key."""

    method: str
    route: str
    status: int
    started: float
    request_id: str | None
    bundle: str
    caller: str | None = None


def install(app: Flask) -> None:
    """Time and log every request; register it before all else that looks at one, to count its time too."""
    app.before_request(_start)
    app.after_request(partial(_watch, app))


def _start() -> None:
    """Note when a request began."""
    g.started = perf_counter()


def _watch(app: Flask, response: Response) -> Response:
    """Count a request, and write its line into the access log."""
    # The rule, not the address: that may hold a key, and each comment would be a series of its own.
    route = request.url_rule.rule if request.url_rule else "unknown"
    call = Call(
        method=request.method,
        route=route,
        status=response.status_code,
        started=g.get("started", perf_counter()),
        request_id=g.get("request_id"),
        bundle=current_scorer().manifest.version,
        caller=g.get("key_name"),
    )
    # A streamed answer is over when its last byte is out.
    response.call_on_close(partial(note, app, call))
    return response


def note(app: Flask, call: Call) -> None:
    """Count and log a request that was answered just now."""
    seconds = perf_counter() - call.started
    metrics: Metrics = app.extensions["belowline.metrics"]
    metrics.count_request(call.route, call.status, seconds)
    ACCESS.info(
        {
            "method": call.method,
            "route": call.route,
            "status": call.status,
            "request_id": call.request_id,
            "caller": call.caller,
            "bundle": call.bundle,
            "duration_ms": round(seconds * 1000, 2),
        }
    )


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line.

        Of an exception, its kind and where it was raised: its own text may
        quote a comment, as that of an encoding error does.
        """
        line: dict[str, Any] = {
            "time": _moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
        }
        if isinstance(record.msg, dict):
            return json.dumps(line | record.msg)
        line["message"] = _without_secrets(record.getMessage())
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["frames"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps(line)


class GunicornLog(Logger):  # type: ignore[misc]
    """gunicorn's own log, in the same form."""

    def setup(self, cfg: Any) -> None:
        """Set the form, at the start and at each reload."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


def configure(access: AccessLog) -> None:
    """Log warnings and errors to stderr, and answered requests where they are wanted."""
    errors = logging.StreamHandler()
    errors.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[errors], force=True)
    ACCESS.handlers.clear()
    ACCESS.propagate = False
    if access != "off":
        handler = logging.StreamHandler(sys.stdout if access == "stdout" else sys.stderr)
        handler.setFormatter(JsonLines())
        ACCESS.addHandler(handler)
        ACCESS.setLevel(logging.INFO)


def _moment(seconds: float) -> str:
    """Write a moment to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _without_secrets(message: str) -> str:
    """Hide keys and addresses' queries from one of gunicorn's messages."""
    message = _QUOTED.sub(r"\1: it is not HTTP as it should be", message)
    return _SECRET.sub(r"\1\2[hidden]", _QUERY.sub("?[hidden]", message))
