"""What other services' clients send: JSON whatever its Content-Type, text whatever is in it."""

from functools import partial
from typing import Any, TypeVar

from apiflask import HTTPError
from flask import current_app, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from service.compat.html_text import text_of
from service.web.current import current_scorer
from service.web.fields import MOST_TEXT_BYTES

M = TypeVar("M", bound=BaseModel)


def raw_body() -> bytes:
    """Return the body as it came, or refuse one beyond the limit."""
    body = request.get_data()
    # A body that does not tell its length is cut off at the limit.
    if request.content_length is None and len(body) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge
    return body


def json_object() -> dict[str, Any]:
    """Read the body as a JSON object."""
    try:
        content = current_app.json.loads(raw_body())
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise BadRequest("The body is not a JSON object.")
    return content


def parsed(kind: type[M], content: Any) -> M:
    """Read content as `kind`, or answer with what is wrong with it."""
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise HTTPError(422, "The request is not valid") from error


def sound(text: str) -> str:
    """Return a text as the scorer can take it.

    A program that cut an emoji in two, or a reader who added a NUL, must not
    keep a comment from being scored: most programs publish what a service
    refused.
    """
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def as_read(body: str) -> str:
    """Return what a comment that may be HTML says to its readers: as much of it as is scored."""
    cut = body[:MOST_TEXT_BYTES]
    return beginning(sound(current_scorer().fallback.run("HTML", partial(text_of, cut), cut)))


def beginning(text: str) -> str:
    """Return as much of a text as is scored."""
    return text.encode()[:MOST_TEXT_BYTES].decode("utf-8", "ignore")
