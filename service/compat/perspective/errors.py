"""Errors in Google's shape: clients read the message and `details`, so both are kept to the letter."""

import json
from typing import Any

from flask import Response, request

from service.web.current import counters
from service.web.problems import Problem

_TYPE = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_BAD_KEY = "API key not valid. Please pass a valid API key."
_NO_KEY = (
    "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other "
    "form of API consumer identity to call this API."
)
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

#: Under which name refused calls are counted, and by which reason unless one is told.
API = "perspective"
_REASONS = {403: "scope", 404: "address", 405: "address", 503: "busy"}


class ApiError(Exception):
    """A request that Google would refuse with 400.

    Parameters
    ----------
    message
        What the client shows, or looks for.
    error_type
        Google's name for it.
    reason
        By which it is counted.
    more
        What stands beside `errorType` in `details`.
    """

    def __init__(
        self, message: str, error_type: str = "INVALID_REQUEST", *, reason: str = "request", **more: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.detail = {"@type": _TYPE, "errorType": error_type, **more}


def on_api_error(error: ApiError) -> Response:
    """Answer a Perspective call that is refused."""
    return _answer(400, error.message, [error.detail], error.reason)


def write_problem(problem: Problem) -> Response:
    """Write any other problem in Google's shape."""
    if problem.status == 401 and "invalid_token" not in problem.headers.get("WWW-Authenticate", ""):
        return _answer(403, _NO_KEY, [], "key")
    if problem.status == 401:
        # Google's is a 400, and clients look for its very sentence.
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
        return _answer(400, _BAD_KEY, [{**reason, "domain": "googleapis.com"}], "key")
    if problem.status == 429:
        reason = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "RATE_LIMIT_EXCEEDED"}
        links = [{"description": "How many requests a key may make.", "url": f"{request.url_root}docs"}]
        help_ = {"@type": "type.googleapis.com/google.rpc.Help", "links": links}
        return _answer(429, _QUOTA, [{**reason, "domain": "googleapis.com"}, help_], "limit")
    details = [{"@type": _TYPE, "errorType": "INVALID_REQUEST"}] if problem.status == 400 else []
    reason_for = _REASONS.get(problem.status, "error" if problem.status >= 500 else "request")
    return _answer(problem.status, problem.detail or problem.title, details, reason_for)


def count_misdirected(response: Response) -> Response:
    """Count a call to an address that is none of ours and nearly one of Google's: its sender hears nothing else."""
    if response.status_code == 404 and request.path.endswith(("comments:analyze", "comments:suggestscore")):
        counters().count_refused_call(API, "address")
    return response


def _answer(code: int, message: str, details: list[dict[str, Any]], reason: str) -> Response:
    """Write an error as Google's APIs do, and count the refused call."""
    if reason != "address":
        counters().count_refused_call(API, reason)
    status = _STATUS.get(code, "INTERNAL" if code >= 500 else "INVALID_ARGUMENT")
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = details
    return Response(json.dumps({"error": error}), code, content_type="application/json; charset=UTF-8")
