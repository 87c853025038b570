"""What every answer has in common: a request id, security headers, and problems (RFC 9457)."""

import json
import re
import secrets
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NoReturn

from apiflask import APIFlask, HTTPError
from flask import Response, current_app, g, request
from flask.json.provider import DefaultJSONProvider
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from model.errors import BelowlineError, InvalidInput, UnknownAttribute, UnknownRecord
from service.records import Conflict

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
MOST_ERRORS = 50
_STATUS = {InvalidInput: 422, UnknownAttribute: 422, UnknownRecord: 404, Conflict: 409}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_LONGEST_POINTER = 200


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


def install(app: APIFlask) -> None:
    """Register what every answer has in common."""
    app.json = StrictJSON(app)
    app.before_request(_take_request_id)
    app.after_request(_add_headers)
    app.register_error_handler(HTTPError, _on_api_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(BelowlineError, _on_own_error)
    app.register_error_handler(OperationalError, _on_database_error)
    app.register_error_handler(IntegrityError, _on_collision)
    app.register_error_handler(Exception, _on_bug)


def demand_json() -> None:
    """Refuse a body that is not declared as JSON: a foreign web page cannot declare it without being asked."""
    if request.method not in {"POST", "PUT", "PATCH"}:
        return
    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with 'Content-Type: application/json'.")
    # A body that does not tell its length is cut off at the limit, which would read as broken JSON.
    if request.content_length is None and len(request.get_data()) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge


def problem(
    status: int,
    title: str,
    detail: str = "",
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | Headers | None = None,
) -> Response:
    """Answer with a problem."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "request_id": g.get("request_id"),
    }
    if errors is not None:
        body["errors"] = errors
    response = Response(json.dumps(body), status, Headers(headers or {}), content_type="application/problem+json")
    if status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}:
        # The body was not read: what is left of it is not the next request.
        response.headers["Connection"] = "close"
    return response


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _take_request_id() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _add_headers(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id") or secrets.token_hex(16)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _on_api_error(error: HTTPError) -> Response:
    if isinstance(error.__cause__, ValidationError):
        return _validation_problem(error.__cause__)
    return problem(error.status_code, error.message or "", str(error.detail or ""), headers=Headers(error.headers))


def _validation_problem(error: ValidationError) -> Response:
    found = error.errors(include_input=False, include_url=False, include_context=False)
    errors = [
        {"pointer": _pointer(one["loc"]), "detail": one["msg"].removeprefix("Value error, ")}
        for one in found[:MOST_ERRORS]
    ]
    first = f"{errors[0]['pointer'] or 'The body'}: {errors[0]['detail']}"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return problem(422, "The request is not valid", first + more, errors=errors)


def _pointer(location: tuple[int | str, ...]) -> str:
    """Write a JSON pointer (RFC 6901)."""
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)
    return pointer[:_LONGEST_POINTER]


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    if _is_page():
        return error
    headers = {
        name: value for name, value in error.get_headers() if name.lower() not in {"content-type", "content-length"}
    }
    detail = error.description or ""
    if isinstance(error.__cause__, BadRequest):
        # Flask hides what is wrong with a body that is not JSON.
        detail = str(error.__cause__.description)
    if isinstance(error, RequestEntityTooLarge):
        limit = current_app.config["MAX_CONTENT_LENGTH"]
        detail = f"The body has more than {limit:,} bytes: send fewer comments in a call."
    return problem(error.code or 500, error.name, detail, headers=headers)


def _is_page() -> bool:
    return request.path == "/review" or request.path.startswith("/review/")


def _on_own_error(error: BelowlineError) -> Response | HTTPException:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return _on_bug(error)
    return problem(status, HTTPStatus(status).phrase, str(error))


def _on_database_error(error: OperationalError) -> Response:
    current_app.logger.error("The database failed in request %s: %s", g.get("request_id"), error.orig)
    return problem(
        503,
        "The database does not answer",
        "Nothing of this request was stored; send it again.",
        headers={"Retry-After": "5"},
    )


def _on_collision(_error: IntegrityError) -> Response:
    return problem(409, "Conflict", "Somebody else wrote the same at this moment; nothing was stored. Send it again.")


def _on_bug(error: Exception) -> Response | HTTPException:
    # Not the error's own text: that of an encoding error, for one, holds the comment.
    frames = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s in request %s:\n%s", type(error).__name__, g.get("request_id"), frames)
    if _is_page():
        return InternalServerError()
    return problem(
        500, "Internal error", "This is a mistake of Belowline's; the log tells more under the request's id."
    )
