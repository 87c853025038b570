"""What went wrong, in the form of the API that was called: RFC 9457 unless it has its own."""

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from apiflask import APIFlask, HTTPError
from flask import Flask, Response, current_app, g, request
from pydantic import ValidationError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NotInTime
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadHost, BadRequest, HTTPException, RequestEntityTooLarge

from model.errors import BelowlineError, InvalidInput, UnknownAttribute, UnknownRecord
from service.storage.records import Conflict

MOST_ERRORS = 50
#: Seconds after which to try again when the database does not answer.
DATABASE_AWAY = 5
_STATUS = {InvalidInput: 422, UnknownAttribute: 422, UnknownRecord: 404, Conflict: 409}
_LONGEST_POINTER = 200
_WRITERS = "belowline.problem_writers"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, before it is written down.

    Attributes
    ----------
    status
        The answer's status code.
    title, detail
        The kind of problem; this one in a sentence, empty if there is no more to say.
    errors
        `pointer` (RFC 6901) and `detail` of each mistake in a body, where there are some.
    headers
        What the answer must carry, such as `Allow` or `Retry-After`.
    cause
        What was raised: a writer may know more of the errors of its own API.
    """

    status: int
    title: str
    detail: str = ""
    errors: tuple[dict[str, str], ...] | None = None
    headers: Headers = field(default_factory=Headers)
    cause: Exception | None = None


Writer = Callable[[Problem], Response]


def install(app: APIFlask) -> None:
    """Turn every exception into an answer."""
    app.extensions.setdefault(_WRITERS, {})
    app.register_error_handler(HTTPError, _on_api_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(BelowlineError, _on_own_error)
    # Whatever the server calls it: one that became a standby, for one, calls a refused write internal.
    app.register_error_handler(DBAPIError, _on_database_error)
    app.register_error_handler(NotInTime, _on_database_error)
    app.register_error_handler(DataError, _on_bug)
    app.register_error_handler(IntegrityError, _on_collision)
    app.register_error_handler(TimeoutError, _on_slow_body)
    app.register_error_handler(Exception, _on_bug)


def write_problems(app: Flask, prefix: str, writer: Writer) -> None:
    """Register `writer` for the problems of `prefix` and of all addresses below it.

    Of several prefixes that fit, the longest counts. It is the address that
    decides and not the blueprint, since an address that does not exist, or a
    wrong method, belongs to none.
    """
    app.extensions.setdefault(_WRITERS, {})[prefix] = writer


def respond(problem: Problem) -> Response:
    """Answer with a problem, in the form of the API that was called."""
    writers: dict[str, Writer] = current_app.extensions[_WRITERS]
    fitting = [prefix for prefix in writers if request.path == prefix or request.path.startswith(prefix + "/")]
    if isinstance(request.routing_exception, BadHost):
        # What no name can be: a page's links cannot be written with it.
        fitting = []
    response = writers[max(fitting, key=len)](problem) if fitting else write_rfc9457(problem)
    response.headers.extend(
        {name: value for name, value in problem.headers.items() if name not in response.headers},
    )
    if problem.status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}:
        # The body was not read: what is left of it is not the next request.
        response.headers["Connection"] = "close"
    return response


def write_rfc9457(problem: Problem) -> Response:
    """Write a problem as `application/problem+json`."""
    body = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path,
        "request_id": g.get("request_id"),
    }
    if problem.errors is not None:
        body["errors"] = list(problem.errors)
    return Response(json.dumps(body), problem.status, content_type="application/problem+json")


def problem_of(error: Exception) -> Problem | None:
    """Return what an expected exception means; None if it is a mistake of ours."""
    if isinstance(error, ValidationError):
        return _invalid(error)
    if isinstance(error, BelowlineError):
        status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), None)
        return None if status is None else Problem(status, HTTPStatus(status).phrase, str(error), cause=error)
    return None


def _invalid(error: ValidationError) -> Problem:
    """Say which fields of a request are not valid, and why."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    errors = tuple(
        {"pointer": _pointer(one["loc"]), "detail": one["msg"].removeprefix("Value error, ")}
        for one in found[:MOST_ERRORS]
    )
    first = f"{errors[0]['pointer'] or 'The body'}: {errors[0]['detail']}"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Problem(422, "The request is not valid", first + more, errors=errors, cause=error)


def _pointer(location: tuple[int | str, ...]) -> str:
    """Write a JSON pointer (RFC 6901)."""
    pointer = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in location)
    return pointer[:_LONGEST_POINTER]


def _on_api_error(error: HTTPError) -> Response:
    """Answer an error of APIFlask's as a problem."""
    if isinstance(error.__cause__, ValidationError):
        return respond(replace(_invalid(error.__cause__), cause=error))
    detail = str(error.detail or "")
    return respond(
        Problem(error.status_code, error.message or "", detail, headers=Headers(error.headers), cause=error),
    )


def _on_http_error(error: HTTPException) -> Response:
    """Answer an HTTP error as a problem."""
    headers = Headers(
        [(name, value) for name, value in error.get_headers() if name.lower() not in {"content-type", "content-length"}]
    )
    detail = error.description or ""
    if isinstance(error.__cause__, BadRequest):
        # Flask hides what is wrong with a body that is not JSON.
        detail = str(error.__cause__.description)
    if isinstance(error, RequestEntityTooLarge):
        limit = request.max_content_length or 0
        detail = f"The body is larger than {limit:,} bytes: send fewer comments per call."
    return respond(Problem(error.code or 500, error.name, detail, headers=headers, cause=error))


def _on_own_error(error: BelowlineError) -> Response:
    """Answer a mistake of the caller's as a problem."""
    problem = problem_of(error)
    return _on_bug(error) if problem is None else respond(problem)


def _on_database_error(error: DBAPIError | NotInTime) -> Response:
    """Answer that the database does not respond."""
    why = error.orig if isinstance(error, DBAPIError) else error
    current_app.logger.error("The database failed in request %s: %s", g.get("request_id"), why)
    return respond(
        Problem(
            503,
            "The database is not responding",
            "Nothing from this request was stored. Please retry.",
            headers=Headers({"Retry-After": str(DATABASE_AWAY)}),
            cause=error,
        ),
    )


def _on_collision(error: IntegrityError) -> Response:
    """Answer that somebody else wrote the same record."""
    detail = "Somebody else wrote the same record at the same moment, so nothing was stored. Please retry."
    return respond(Problem(409, "Conflict", detail, cause=error))


def _on_slow_body(error: TimeoutError) -> Response:
    """Answer that a request's body did not come in time."""
    detail = "The rest of the request did not come in time."
    return respond(Problem(408, "Request Timeout", detail, headers=Headers({"Connection": "close"}), cause=error))


def _on_bug(error: Exception) -> Response:
    """Log a bug without the error's text, and answer that it is ours."""
    # Not the error's own text: that of an encoding error, for one, holds the comment.
    frames = "".join(traceback.format_tb(error.__traceback__))
    current_app.logger.error("%s in request %s:\n%s", type(error).__name__, g.get("request_id"), frames)
    detail = "The fault is Belowline's; the log says more under the request's id."
    return respond(Problem(500, "Internal error", detail, cause=error))
