"""What other services' clients send: JSON under any Content-Type, and any text."""

from functools import partial
from typing import Any, TypeVar

from apiflask import HTTPError
from flask import current_app, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from model.reading.characters import is_readable
from model.records import Article, Comment
from service.compat.html_text import text_of
from service.scoring.language import SUPPORTED, english_of, language_of
from service.web.current import current_judge, current_scorer
from service.web.fields import longest_comment

M = TypeVar("M", bound=BaseModel)
#: Characters of a comment, markup among them, that are looked through; more than WordPress stores.
_MOST_READ = 65_536
#: Characters that one part of a comment shares with the next.
_OVERLAP = 500
#: Stands for a reason to look: nobody knows what is beyond that.
UNREAD = "unread"


def raw_body() -> bytes:
    """Return the body as it came, or refuse one beyond the limit."""
    body = request.get_data()
    # A body that does not tell its length is cut off at the limit.
    if request.content_length is None and len(body) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge
    return body


def json_object() -> dict[str, Any]:
    """Read a call's body as a JSON object."""
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
    """Return another program's text in a form that the scorer can take.

    A program that cut an emoji in two, or a reader who added a NUL, must not
    keep a comment from being scored: most programs publish what a service
    refused.
    """
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def as_read(body: str) -> str:
    """Return what a comment that may be HTML says to its readers: as much of it as is scored at a time."""
    return text_said(body)[: longest_comment()]


def parts_of(text: str) -> list[str]:
    """Cut a text into parts that can be scored each by itself: readers see more of it than its beginning.

    They overlap, so that no sentence is only found in halves.
    """
    length = longest_comment()
    step = max(length - _OVERLAP, length // 2, 1)
    return [
        text[start : start + length] for start in range(0, max(min(len(text), _MOST_READ) - length, 0) + step, step)
    ]


def flagged_for(body: str, article: Article | None, *, parent_text: str | None = None) -> frozenset[str]:
    """Return what a person should look at a comment for that may be HTML; `UNREAD` if some of it could not be read.

    A program cannot be told that it should ask again, and publishes what it
    hears nothing of. So no part of a comment may keep the others from being
    scored: neither its length nor sentences in another language.
    """
    scorer = current_scorer()
    text = text_said(body)
    parts = [
        part if language_of(part, scorer.fallback) == SUPPORTED else english_of(part, scorer.fallback)
        for part in parts_of(text)
    ]
    comments = [Comment(text=part, parent_text=parent_text) for part in parts if is_readable(part)]
    found = current_judge().judge(comments, article, spans=False, language=SUPPORTED)
    unread = (UNREAD,) if len(body) > _MOST_READ else ()
    return frozenset(unread).union(*(one.flagged_for for one in found))


def text_said(body: str) -> str:
    """Return what a comment that may be HTML says to its readers, of as much of it as is looked through."""
    cut = body[:_MOST_READ]
    return sound(current_scorer().fallback.run("HTML", partial(text_of, cut), cut))
