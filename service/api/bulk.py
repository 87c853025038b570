"""Many comments in one call, a line of JSON each: read to the end, then worked on and answered in steps."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, Any, Generic, TypeVar

from apiflask import APIBlueprint
from flask import Response, current_app, request, stream_with_context
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from model.errors import UnknownRecord
from model.records import Article, Comment
from service.api.requests import CommentIn, LineToScore, Strict
from service.api.responses import comment_out, reasons_out, spans_out
from service.moderation.articles import get_articles
from service.moderation.ingest import ingest_many
from service.moderation.judge import Judge
from service.storage.records import Judgement
from service.web.auth import needs
from service.web.current import current_judge, database
from service.web.problems import problem_of

bp = APIBlueprint("batches", __name__, url_prefix="/v1", tag="Batches")

TYPE = "application/x-ndjson"
MOST_BYTES = 256 * 1024 * 1024
#: The longest text that a setting allows, each character of it escaped, fits.
MOST_LINE = 1024 * 1024
_AT_ONCE = 64
_IN_MEMORY = 1024 * 1024
_BROKEN_OFF = "Processing stopped here: nothing from this line on was stored or scored. Please send it again."
L = TypeVar("L", bound=Strict)


@dataclass(frozen=True, slots=True)
class BatchLine(Generic[L]):
    """One line of a batch: what it holds, or why it cannot be taken."""

    number: int
    content: L | None
    error: str = ""


@bp.post("/scores:batch")
@needs("score")
@bp.doc(responses={200: "One result per line"})
def post_scores_batch() -> Response:
    """Score many comments, one line of JSON each, without storing them.

    Each line gets one line in reply, in the same order and with its number:
    the scores, or an `error` for that line alone.
    """
    return _answer(LineToScore, _score)


@bp.post("/comments:batch")
@needs("ingest")
@bp.doc(responses={200: "One result per line"})
def post_comments_batch() -> Response:
    """Store and score many comments, one line of JSON each.

    Each line gets one line in reply, in the same order and with its number:
    the stored comment with its scores, or an `error` for that line alone.
    """
    return _answer(CommentIn, _ingest)


def _answer(form: type[L], work: Callable[[Judge, list[BatchLine[L]]], Iterator[dict[str, Any]]]) -> Response:
    """Answer lines of JSON with lines of JSON, while they come in."""
    body = _body()

    def answers() -> Iterator[str]:
        with body:
            lines = _lines(body, form)
            begun = False
            while chunk := list(islice(lines, _AT_ONCE)):
                try:
                    found = list(work(current_judge(), chunk))
                except Exception as error:
                    if not begun:
                        raise
                    # The status is sent already: only a line can tell. Not the error's own text,
                    # which may hold a comment.
                    current_app.logger.error("%s in a batch", type(error).__name__)  # noqa: TRY400
                    yield _line({"line": chunk[0].number, "error": _BROKEN_OFF})
                    return
                begun = True
                yield "".join(map(_line, found))

    steps = answers()
    # The first step is done before the answer begins, so that one who is too busy can say so.
    first = next(steps, "")
    response = Response(stream_with_context(chain([first], steps)), content_type=TYPE)
    # Whoever called may be gone before the first line.
    response.call_on_close(body.close)
    return response


def _body() -> IO[bytes]:
    """Read the whole body, to disk if it is large: many clients take no answer before they have sent all."""
    # Not text/plain, which a foreign web page may send without being asked.
    if request.mimetype not in {TYPE, "application/octet-stream"}:
        raise UnsupportedMediaType(f"Send one JSON object per line, with 'Content-Type: {TYPE}'.")
    request.max_content_length = MOST_BYTES
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when the answer is complete
    try:
        while piece := request.stream.read(_IN_MEMORY):
            file.write(piece)
    except BaseException:
        file.close()
        raise
    if file.tell() >= MOST_BYTES:
        # A body that does not tell its length is cut off at the limit.
        file.close()
        raise RequestEntityTooLarge
    file.seek(0)
    return file


def _lines(body: IO[bytes], form: type[L]) -> Iterator[BatchLine[L]]:
    """Read a body's lines of JSON; one that is too long is told, and the next one read."""
    number = 0
    while text := body.readline(MOST_LINE):
        number += 1
        if len(text) == MOST_LINE and not text.endswith(b"\n"):
            while text and not text.endswith(b"\n"):
                text = body.readline(MOST_LINE)
            yield BatchLine(number, None, f"The line is longer than {MOST_LINE:,} bytes.")
        elif text.strip():
            yield _line_of(number, text, form)


def _line_of(number: int, text: bytes, form: type[L]) -> BatchLine[L]:
    """Check one line of JSON."""
    try:
        return BatchLine(number, form.model_validate(current_app.json.loads(text)))
    except ValidationError as error:
        problem = problem_of(error)
        return BatchLine(number, None, problem.detail if problem else "")
    except ValueError as error:
        return BatchLine(number, None, f"The line is not JSON: {error}")


def _score(judge: Judge, lines: list[BatchLine[LineToScore]]) -> Iterator[dict[str, Any]]:
    """Score comments that came as lines; one without its article gets an error."""
    sound = {line.number: line.content for line in lines if line.content is not None}
    with database().read() as session:
        articles = get_articles(session, {one.article_id for one in sound.values() if one.article_id is not None})
    stored = {key: article for key, article in articles.items() if isinstance(article, Article)}
    comments = {
        number: Comment(text=one.text, parent_text=one.parent_text, article_id=one.article_id)
        for number, one in sound.items()
        if one.article_id is None or one.article_id in stored
    }
    judged = dict(zip(comments, judge.judge_each(list(comments.values()), stored), strict=True))
    for line in lines:
        name = {"id": line.content.id} if line.content and line.content.id else {}
        if line.content is None:
            found: dict[str, Any] = {"error": line.error}
        elif line.number in judged:
            found = _result(judged[line.number])
        else:
            found = {"error": str(articles[str(line.content.article_id)])}
        yield {"line": line.number, **name, **found}


def _result(found: Judgement) -> dict[str, Any]:
    """Return scores, spans and reasons as a line has them."""
    if found.scores is None:
        return {"error": found.error}
    return {
        "bundle_version": found.bundle_version,
        "scores": dict(found.scores.values),
        "spans": [span.model_dump() for span in spans_out(found.scores.spans)],
        "reasons": [reason.model_dump() for reason in reasons_out(found.reasons)],
    }


def _ingest(judge: Judge, lines: list[BatchLine[CommentIn]]) -> Iterator[dict[str, Any]]:
    """Store comments that came as lines, and yield what became of each."""
    sound = [line for line in lines if line.content is not None]
    comments = [Comment(**line.content.model_dump()) for line in sound if line.content]
    found = dict(zip((line.number for line in sound), ingest_many(database(), judge, comments), strict=True))
    for line in lines:
        result = found.get(line.number)
        if line.content is None or result is None:
            yield {"line": line.number, "error": line.error}
        elif isinstance(result, UnknownRecord):
            yield {"line": line.number, "id": line.content.id, "error": str(result)}
        else:
            item, new = result
            yield {"line": line.number, "new": new, **comment_out(item).model_dump(mode="json")}


def _line(content: dict[str, Any]) -> str:
    """Write an answer as a line of JSON."""
    return current_app.json.dumps(content) + "\n"
