"""What every request and answer has in common: JSON as its standard has it, a request id, security headers."""

import json
import re
import secrets
from typing import Any, NoReturn

from apiflask import APIFlask
from flask import Response, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.routing import PathConverter

from service.web import problems

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
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # Comments are not to be kept by anything on the way.
    "Cache-Control": "no-store",
}
#: Where a "~" goes before dots that fill what is between two slashes, and where one stands.
_DOTS = re.compile(r"(?<![^/])(?=~*\.{1,2}(?![^/]))")
_WRITTEN_DOTS = re.compile(r"(?<![^/])~(?=~*\.{1,2}(?![^/]))")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class StrictJSON(DefaultJSONProvider):
    """JSON as its standard has it: UTF-8, no NaN, and no nesting that exhausts the stack."""

    # Answers in the order in which they are declared: ids before scores.
    sort_keys = False

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        """Read JSON; any mistake in it is a ValueError."""
        try:
            text = s if isinstance(s, str) else s.decode("utf-8-sig")
            return json.loads(text, parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("it is nested too deeply") from None
        except UnicodeDecodeError as error:
            raise ValueError(f"byte {error.start} is not UTF-8") from None


class AnyId(PathConverter):
    """An id in an address; it may hold slashes, and begin with one: the path of a page is an id, too.

    Browsers and programs leave out `.` and `..` between slashes before they
    ask; they are written `~.` and `~..`, and a `~` before them as two.
    """

    # A line break too: an id that came in before it was refused is still to be opened.
    regex = "(?s:.+?)"
    part_isolating = False

    def to_python(self, value: str) -> str:
        """Read an id from an address."""
        return _WRITTEN_DOTS.sub("", value)

    def to_url(self, value: str) -> str:
        """Write an id for an address."""
        # Python's urljoin takes a semicolon for the beginning of parameters, and drops empty ones.
        return super().to_url(_DOTS.sub("~", value)).replace(";", "%3B")


class CommentId(AnyId):
    """A comment's id in an address; `/decisions` at its end is not its own."""

    regex = "(?s:.+?)(?<!/decisions)"
    part_isolating = False


def install(app: APIFlask) -> None:
    """Register what every answer has in common."""
    app.json = StrictJSON(app)
    # A redirect would lead to another id, and the callers of the compatible APIs follow none.
    app.url_map.merge_slashes = False
    app.url_map.converters |= {"id": AnyId, "comment": CommentId}
    app.before_request(_take_request_id)
    app.after_request(_add_headers)
    problems.install(app)


def demand_json() -> None:
    """Refuse a body that is not declared as JSON: a foreign web page cannot declare it without being asked."""
    if request.method not in {"POST", "PUT", "PATCH"}:
        return
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with 'Content-Type: application/json'.")
    if request.content_encoding:
        raise UnsupportedMediaType("Send the body uncompressed, without 'Content-Encoding'.")
    # A body that does not tell its length is cut off at the limit, which would read as broken JSON.
    if request.content_length is None and len(request.get_data()) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(f"{name} is not JSON")


def choose_id(given: str) -> str:
    """Return a request's id: its own, if it has one that can be written anywhere."""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _take_request_id() -> None:
    """Take a request's id from its header, or make one."""
    g.request_id = choose_id(request.headers.get("X-Request-Id", ""))


def _add_headers(response: Response) -> Response:
    """Add to an answer its request's id and what keeps browsers safe."""
    response.headers["X-Request-Id"] = g.get("request_id") or secrets.token_hex(16)
    own_policy = "Content-Security-Policy" in response.headers
    for name, value in HEADERS.items():
        # A page with a policy of its own tells there who may frame it.
        if not (own_policy and name == "X-Frame-Options"):
            response.headers.setdefault(name, value)
    return response
