"""Many comments in one call, a line of JSON each: read to the end, then worked on and answered in steps."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar

from apiflask import APIBlueprint
from flask import Response, current_app, request, stream_with_context
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from model.errors import UnknownRecord
from model.reasons.policy import review_reasons
from model.records import Article, Comment
from service.api.requests import CommentIn, LineToScore, Strict
from service.api.responses import comment_out, reasons_out, spans_out
from service.moderation.articles import get_article
from service.moderation.ingest import Unscorable, ingest_many, score_each
from service.web.auth import needs
from service.web.current import current_scorer, database, recent_articles
from service.web.problems import problem_of

if TYPE_CHECKING:
    from model.scorer import Scorer

bp = APIBlueprint("batches", __name__, url_prefix="/v1", tag="Batches")

TYPE = "application/x-ndjson"
MOST_BYTES = 256 * 1024 * 1024
#: A text of 64 KiB, each byte of it escaped, fits.
MOST_LINE = 512 * 1024
_AT_ONCE = 64
_IN_MEMORY = 1024 * 1024
_BROKEN_OFF = "Belowline could not go on here: what is from this line on was not stored or scored. Send it again."
L = TypeVar("L", bound=Strict)


@dataclass(frozen=True, slots=True)
class Line(Generic[L]):
    """One line of a batch: what it holds, or why it cannot be taken."""

    number: int
    content: L | None
    error: str = ""


@bp.post("/scores:batch")
@needs("score")
@bp.doc(responses={200: "One result a line"})
def post_scores_batch() -> Response:
    """Score many comments, a line of JSON each, and keep nothing.

    Each line is answered by one, in the same order, with its number: the
    scores, or the `error` of this line alone.
    """
    return _answer(LineToScore, _score)


@bp.post("/comments:batch")
@needs("ingest")
@bp.doc(responses={200: "One result a line"})
def post_comments_batch() -> Response:
    """Store and score many comments, a line of JSON each.

    Each line is answered by one, in the same order, with its number: what was
    made of the comment once it is stored, or the `error` of this line alone.
    """
    return _answer(CommentIn, _ingest)


def _answer(form: type[L], work: "Callable[[Scorer, list[Line[L]]], Iterator[dict[str, Any]]]") -> Response:
    body = _body()

    def answers() -> Iterator[str]:
        with body:
            lines = _lines(body, form)
            begun = False
            while chunk := list(islice(lines, _AT_ONCE)):
                try:
                    found = list(work(current_scorer(), chunk))
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
        raise UnsupportedMediaType(f"Send one JSON object a line, with 'Content-Type: {TYPE}'.")
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


def _lines(body: IO[bytes], form: type[L]) -> Iterator[Line[L]]:
    number = 0
    while text := body.readline(MOST_LINE):
        number += 1
        if len(text) == MOST_LINE and not text.endswith(b"\n"):
            while text and not text.endswith(b"\n"):
                text = body.readline(MOST_LINE)
            yield Line(number, None, f"The line has more than {MOST_LINE:,} bytes.")
        elif text.strip():
            yield _line_of(number, text, form)


def _line_of(number: int, text: bytes, form: type[L]) -> Line[L]:
    try:
        return Line(number, form.model_validate(current_app.json.loads(text)))
    except ValidationError as error:
        problem = problem_of(error)
        return Line(number, None, problem.detail if problem else "")
    except ValueError as error:
        return Line(number, None, f"The line is not JSON: {error}")


def _score(scorer: "Scorer", lines: list[Line[LineToScore]]) -> Iterator[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    groups: dict[str | None, list[Line[LineToScore]]] = {}
    for line in lines:
        if line.content is not None:
            groups.setdefault(line.content.article_id, []).append(line)
    for article_id, group in groups.items():
        try:
            article = _article(article_id)
        except UnknownRecord as error:
            found |= {line.number: {"error": str(error)} for line in group}
            continue
        comments = [
            Comment(text=line.content.text, parent_text=line.content.parent_text) for line in group if line.content
        ]
        strangers = recent_articles().strangers(scorer, article)
        for line, scores in zip(group, score_each(scorer, comments, article, strangers=strangers), strict=True):
            if isinstance(scores, Unscorable):
                found[line.number] = {"error": scores.sentence}
                continue
            reasons = review_reasons(scores, scorer.manifest.thresholds)
            found[line.number] = {
                "bundle_version": scorer.manifest.version,
                "scores": dict(scores.values),
                "spans": [span.model_dump() for span in spans_out(scores.spans)],
                "reasons": [reason.model_dump() for reason in reasons_out(reasons)],
            }
    for line in lines:
        name = {"id": line.content.id} if line.content and line.content.id else {}
        yield {"line": line.number, **name, **found.get(line.number, {"error": line.error})}


def _ingest(scorer: "Scorer", lines: list[Line[CommentIn]]) -> Iterator[dict[str, Any]]:
    sound = [line for line in lines if line.content is not None]
    comments = [Comment(**line.content.model_dump()) for line in sound if line.content]
    found = dict(
        zip((line.number for line in sound), ingest_many(database(), scorer, comments, recent_articles()), strict=True)
    )
    for line in lines:
        result = found.get(line.number)
        if line.content is None or result is None:
            yield {"line": line.number, "error": line.error}
        elif isinstance(result, UnknownRecord):
            yield {"line": line.number, "id": line.content.id, "error": str(result)}
        else:
            item, new = result
            yield {"line": line.number, "new": new, **comment_out(item).model_dump(mode="json")}


def _article(article_id: str | None) -> Article | None:
    if article_id is None:
        return None
    with database().read() as session:
        return get_article(session, article_id)


def _line(content: dict[str, Any]) -> str:
    return current_app.json.dumps(content) + "\n"
