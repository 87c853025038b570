"""Refusals that cost next to nothing, so that refused calls do not slow down those that were let in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, g, request

from service.scoring.admission import WAITED
from service.scoring.scorer import Scoring
from service.web import access_log
from service.web.json import choose_id

# What differs from one refusal to the next.
_OWN_HEADERS = {"x-request-id", "ratelimit", "ratelimit-policy", "content-length"}
# An id that stands for nothing else in an answer; a client may have chosen "status".
_UNMISTAKABLE = re.compile(r"(?=\D*\d)[A-Za-z0-9._:-]{16,}")


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A refusal as the application wrote it, to be given again."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    request_id: str


class LoadShedder:
    """Stands before the application and refuses for it while the line is full.

    The application writes the first refusal of each address, in the form of
    the API that it belongs to; from then on that answer is repeated. Other
    addresses, pages of other origins (whose answers differ), and everybody
    while there is room, go through.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._inside = app.wsgi_app
        self._refusals: dict[tuple[str, str], _Refusal] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, or let it through."""
        refusal = self._refusals.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        scoring: Scoring = self._app.extensions["belowline.scorer"]
        if refusal is None or "HTTP_ORIGIN" in environ or not scoring.is_full(environ.get(WAITED, 0.0)):
            return self._inside(environ, start_response)
        start = perf_counter()
        request_id = choose_id(environ.get("HTTP_X_REQUEST_ID", ""))
        body = refusal.body.replace(refusal.request_id.encode(), request_id.encode())
        scoring.count_refusal()
        start_response(
            refusal.line,
            [*refusal.headers, ("X-Request-Id", request_id), ("Content-Length", str(len(body)))],
        )
        call = access_log.Call(
            method=environ["REQUEST_METHOD"],
            route=environ["PATH_INFO"],
            status=int(refusal.line[:3]),
            started=start,
            request_id=request_id,
            bundle=scoring.manifest.version,
        )
        access_log.note(self._app, call)
        return [body]

    def remember(self, response: Response) -> Response:
        """Keep a refusal of the application's, where the address stands for nothing but itself."""
        rule = request.url_rule
        is_common = "Origin" not in request.headers and "Content-Encoding" not in response.headers
        if (
            "refused" in g
            and is_common
            and rule is not None
            and not rule.arguments
            and _UNMISTAKABLE.fullmatch(g.request_id)
        ):
            headers = tuple((name, value) for name, value in response.headers if name.lower() not in _OWN_HEADERS)
            refusal = _Refusal(response.status, headers, response.get_data(), g.request_id)
            self._refusals[request.method, request.path] = refusal
        return response


def install(app: Flask) -> None:
    """Put the load shedder before the application; before all else that adds to an answer."""
    shedder = LoadShedder(app)
    app.wsgi_app = shedder  # type: ignore[method-assign]
    app.after_request(shedder.remember)
