"""Each request that was answered: timed, counted, and logged in a line."""

from functools import partial
from time import perf_counter

from flask import Flask, Response, g, request

from service.counters import Metrics
from service.web.current import current_scorer
from service.web.logs import ACCESS


def install(app: Flask) -> None:
    """Register before all else that looks at a request, so that its time is counted too."""
    app.before_request(_start)
    app.after_request(partial(_watch, app))


def _start() -> None:
    g.started = perf_counter()


def _watch(app: Flask, response: Response) -> Response:
    # The rule, not the address: that may hold a key, and each comment would be a series of its own.
    route = request.url_rule.rule if request.url_rule else "unknown"
    done = partial(
        note,
        app,
        request.method,
        route,
        response.status_code,
        g.get("request_id"),
        g.get("started", perf_counter()),
        caller=g.get("key_name"),
        bundle=current_scorer().manifest.version,
    )
    # A streamed answer is over when its last byte is out.
    response.call_on_close(done)
    return response


def note(
    app: Flask,
    method: str,
    route: str,
    status: int,
    request_id: str | None,
    started: float,
    *,
    bundle: str,
    caller: str | None = None,
) -> None:
    """Count and log a request that was answered just now."""
    seconds = perf_counter() - started
    metrics: Metrics = app.extensions["belowline.metrics"]
    metrics.count_request(route, status, seconds)
    ACCESS.info(
        {
            "method": method,
            "route": route,
            "status": status,
            "request_id": request_id,
            "caller": caller,
            "bundle": bundle,
            "duration_ms": round(seconds * 1000, 2),
        }
    )
