"""The path under which the outside sees the service, such as `/mod` in `https://paper.example/mod/review`."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

_PREFIX = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+")


class Mount:
    """Stands before the application and says where it is mounted, so that its links hold.

    The path of `PUBLIC_URL` counts; if it has none, `X-Forwarded-Prefix` does, where proxies are
    counted. The proxy may cut the prefix off or leave it there.
    """

    def __init__(self, app: Flask) -> None:
        self._inside = app.wsgi_app
        self._public = urlsplit(app.config["PUBLIC_URL"]).path.rstrip("/")
        self._proxies: int = app.config["PROXIES"]
        self._own = {rule.rule.split("/")[1] for rule in app.url_map.iter_rules()} - {""}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if prefix := self._public or self._forwarded(environ.get("HTTP_X_FORWARDED_PREFIX", "")):
            environ["SCRIPT_NAME"] = prefix
            rest = environ["PATH_INFO"].removeprefix(prefix)
            # Mounted at /review, a path that begins so is one of ours, and the proxy has cut the prefix off.
            if rest[:1] in {"", "/"} and prefix.split("/")[1] not in self._own:
                environ["PATH_INFO"] = rest or "/"
        return self._inside(environ, start_response)

    def _forwarded(self, header: str) -> str:
        """Return the path that a trusted proxy says the service is mounted at."""
        told = [prefix.strip().rstrip("/") for prefix in header.split(",")]
        if not self._proxies or len(told) < self._proxies:
            return ""
        # Whoever wrote the entries before that is not a proxy of ours.
        prefix = told[-self._proxies]
        return prefix if _PREFIX.fullmatch(prefix) else ""


def install(app: Flask) -> None:
    """Mount the application, when all its addresses are known; before all else that looks at a path."""
    app.wsgi_app = Mount(app)  # type: ignore[method-assign]
