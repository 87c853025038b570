"""Errors in Google's shape: clients read the message and `details`, so both are kept to the letter."""

import json
from typing import Any

from flask import Response, request

from service.web.problems import Problem

_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_BAD_KEY = "API key not valid. Please pass a valid API key."
_QUOTA = (
    "Quota exceeded for quota metric 'Analysis requests (AnalyzeComment)' and limit "
    "'Analysis requests (AnalyzeComment) per minute' of this service: wait as long as Retry-After says."
)
_STATUS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """A request that Google would refuse with 400.

    Parameters
    ----------
    message
        What the client shows, or looks for.
    error_type
        Google's name for it.
    more
        What stands beside `errorType` in `details`.
    """

    def __init__(self, message: str, error_type: str = "INVALID_REQUEST", **more: Any) -> None:
        super().__init__(message)
        self.message = message
        self.detail = {"@type": _TYPE, "errorType": error_type, **more}


def on_api_error(error: ApiError) -> Response:
    """Answer to a request that is refused."""
    return _answer(400, error.message, [error.detail])


def write_problem(problem: Problem) -> Response:
    """Write any other problem in Google's shape."""
    if problem.status == 401:
        # Google's is a 400, and clients look for its very sentence.
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        return _answer(400, _BAD_KEY, [{**reason, "domain": "googleapis.com"}])
    if problem.status == 429:
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}
        links = [{"description": "How many requests a key may make.", "url": f"{request.url_root}docs"}]
        help_ = {"@type": "type.googleapis.com/google.rpc.Help", "links": links}
        return _answer(429, _QUOTA, [{**reason, "domain": "googleapis.com"}, help_])
    details = [{"@type": _TYPE, "errorType": "INVALID_REQUEST"}] if problem.status == 400 else []
    return _answer(problem.status, problem.detail or problem.title, details)


def _answer(code: int, message: str, details: list[dict[str, Any]]) -> Response:
    status = _STATUS.get(code, "INTERNAL" if code >= 500 else "INVALID_ARGUMENT")
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = details
    return Response(json.dumps({"error": error}), code, content_type="application/json; charset=UTF-8")
