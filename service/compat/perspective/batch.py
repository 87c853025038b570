"""Many calls in one, as Google's own clients pack them: `multipart/mixed`, with an HTTP request in each part."""

import contextvars
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from flask import Response, current_app, request

from service.compat.bodies import raw_body
from service.compat.perspective.errors import ApiError, write_problem
from service.web.problems import Problem

#: As many as Google's client for Python packs.
MOST_CALLS = 1000
_ADDRESSES = ("/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore")
_LONGEST_LINE = 8190
_MOST_HEADERS = 50
_ID = re.compile(r"<[ -;=?-~]{1,500}>")
#: What of a part's headers counts, and what of the batch's own does not count for its parts.
_TAKEN = {"authorization", "x-api-key", "x-goog-api-key"}
_OF_THE_WHOLE = {
    f"HTTP_{name}" for name in ("ACCEPT_ENCODING", "CONTENT_ENCODING", "EXPECT", "TRANSFER_ENCODING", "X_REQUEST_ID")
}


@dataclass(frozen=True, slots=True)
class _Call:
    """A call within a batch; `content_id` as it was sent, empty if there is none that can be sent back."""

    content_id: str
    method: str
    target: str
    headers: dict[str, str]
    content: bytes


def answer_batch() -> Response:
    """Answer each Perspective call of a batch by itself, in order."""
    calls = list(_calls())
    boundary = f"batch_{secrets.token_hex(16)}"
    answers: list[bytes] = []
    exhausted: Response | None = None
    for call in calls:
        # Whoever has spent their quota is told so a thousand times at the cost of one.
        answer = exhausted or _answer(call)
        exhausted = answer if answer.status_code == 429 else None
        answers.append(_part(call, answer))
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in answers)
    return Response(body + b"--%s--\r\n" % boundary.encode(), content_type=f"multipart/mixed; boundary={boundary}")


def _calls() -> Iterator[_Call]:
    """Read the calls of a batch, a multipart body."""
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/mixed" or not 0 < len(boundary) <= 200:
        raise ApiError("A batch is multipart/mixed and names its boundary in Content-Type.")
    # Not by the standard library's reader of mail: parts within parts, and many headers, cost it seconds.
    pieces = (b"\n" + raw_body()).split(b"\n--" + boundary.encode(), MOST_CALLS + 2)
    parts, end = pieces[1:-1], pieces[-1]
    if len(parts) > MOST_CALLS:
        raise ApiError(f"The batch has more than {MOST_CALLS:,} calls.")
    if not parts or not end.startswith(b"--"):
        raise ApiError("The batch is not whole: its last boundary is missing.")
    for number, part in enumerate(parts, 1):
        yield _read(number, part.partition(b"\n")[2])


def _read(number: int, part: bytes) -> _Call:
    """Read one call of a batch."""
    file = BytesIO(part)
    try:
        about = _headers(file)
        method, target = file.readline(_LONGEST_LINE).decode("ascii").split()[:2]
        given = _headers(file)
    except ValueError:
        raise ApiError(f"Call {number} of the batch is no HTTP request.") from None
    content_id = about.get("content-id", "")
    return _Call(
        content_id if _ID.fullmatch(content_id) else "",
        method,
        target,
        {name: given[name] for name in _TAKEN if name in given},
        file.read(),
    )


def _headers(file: BytesIO) -> dict[str, str]:
    """Read headers up to the blank line behind them, by their names in small letters."""
    found: dict[str, str] = {}
    for _ in range(_MOST_HEADERS):
        line = file.readline(_LONGEST_LINE).decode("latin-1").strip()
        if not line:
            return found
        name, _, value = line.partition(":")
        found[name.lower()] = value.strip()
    raise ValueError


def _answer(call: _Call) -> Response:
    """Answer one call of a batch, as if it had come by itself."""
    target = urlsplit(call.target)
    path = unquote(target.path).removeprefix(request.script_root)
    if call.method != "POST" or path not in _ADDRESSES:
        return write_problem(Problem(404, "Not Found", "A batch takes POST to " + " and ".join(_ADDRESSES) + "."))
    environ: dict[str, Any] = {
        name: value
        for name, value in request.environ.items()
        if name not in _OF_THE_WHOLE and (name.isupper() or name.startswith("wsgi."))
    }
    environ |= {
        "PATH_INFO": path,
        "QUERY_STRING": target.query,
        "CONTENT_LENGTH": str(len(call.content)),
        "CONTENT_TYPE": "application/json",
        "wsgi.input": BytesIO(call.content),
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in call.headers.items()},
    }
    # A context of its own: what the application notes of one call is not the batch's, nor the next one's.
    answer = contextvars.Context().run(Response.from_app, current_app.wsgi_app, environ, buffered=True)
    return cast("Response", answer)


def _part(call: _Call, answer: Response) -> bytes:
    """Write one call's answer as a part of the batch's."""
    lines = ["Content-Type: application/http"]
    if call.content_id:
        lines.append(f"Content-ID: <response-{call.content_id[1:]}")
    lines += ["", f"HTTP/1.1 {answer.status}"]
    lines += [f"{name}: {value}" for name, value in answer.headers if name in {"Content-Type", "Retry-After"}]
    return "\r\n".join([*lines, "", ""]).encode() + answer.get_data()
