"""Akismet 1.1, for programs that ask nobody else: whatever deserves a look is held. Off unless switched on."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from apiflask import HTTPError
from flask import Blueprint, Flask, Response, g, request

from model.records import Article
from service.compat.bodies import as_read, flagged_for, sound
from service.learning.suggestions import Suggestion, save_suggestion
from service.moderation.articles import find_article
from service.web.auth import needs
from service.web.current import database
from service.web.fields import MOST_LINE
from service.web.problems import Problem, write_problems

#: A program whose transport we were put under still calls it by Akismet's own name.
HOSTS = ("rest.akismet.com", ".rest.akismet.com")
#: The beginning of a suggestion's community; `service.learning.suggestions` knows it.
COMMUNITY = "Akismet:"
_THANKS = "Thanks for making the web a better place."
# What Akismet documents for trying out: neither is a comment.
_ALWAYS_HELD = {"comment_content": "akismet-guaranteed-spam", "comment_author": "viagra-test-123"}

bp = Blueprint("akismet", __name__)


def install(app: Flask) -> None:
    """Add Akismet's routes, if the operator wants them."""
    if app.config["AKISMET"]:
        app.register_blueprint(bp)
        write_problems(app, "/1.1", _write)
        write_problems(app, "/1.2", _write)


@bp.before_request
def take_key() -> None:
    """Find the key where Akismet's clients send it."""
    g.given_key = request.form.get("api_key") or request.form.get("key") or request.args.get("api_key")


@bp.post("/1.1/verify-key")
@needs("score")
def verify_key() -> Response:
    """Return whether the key is good."""
    return _text("valid")


@bp.post("/1.1/comment-check")
@needs("score")
def check() -> Response:
    """Return whether a comment should be held: `true` or `false`; keep nothing."""
    form = _form()
    if form.get("user_role") == "administrator":
        return _text("false")
    if any(form.get(name) == value for name, value in _ALWAYS_HELD.items()):
        return _text("true")
    return _text("true" if _deserves_a_look(form) else "false")


@bp.post("/1.1/submit-spam")
@needs("ingest")
def submit_spam() -> Response:
    """Record that a moderator removed a comment."""
    return _submit(1.0)


@bp.post("/1.1/submit-ham")
@needs("ingest")
def submit_ham() -> Response:
    """Record that a moderator let a comment stand."""
    return _submit(0.0)


@bp.get("/1.2/usage-limit")
@needs("score")
def usage_limit() -> Response:
    """Answer that calls are not counted by month."""
    return _json({"limit": "none", "usage": None, "percentage": None, "throttled": False})


# The one client that asks sends no key with it, and nothing is told.
@bp.get("/1.2/key-sites")
def key_sites() -> Response:
    """Answer that no figures are kept by site."""
    if request.args.get("format", "json") != "json":
        raise HTTPError(400, "Only format=json is supported.")
    month = request.args.get("month") or f"{datetime.now(UTC):%Y-%m}"
    return _json({month: [], "limit": 500, "offset": 0, "total": 0})


def _form() -> Mapping[str, str]:
    """Read an Akismet call's form; refuse one without the required fields."""
    form = {name: sound(value) for name, value in request.form.items()}
    for name in ("blog", "user_ip"):
        if not form.get(name):
            raise HTTPError(400, f"Missing required field: {name}.")
    return form


def _deserves_a_look(form: Mapping[str, str]) -> bool:
    """Return whether Akismet's client shall hold a comment for moderation."""
    article: Article | None = None
    # A reply is about what it answers, which Akismet's protocol does not send.
    if form.get("permalink") and form.get("comment_type") != "reply":
        with database().read() as session:
            article = find_article(session, article_id="", url=form["permalink"])
    return bool(flagged_for(form.get("comment_content", ""), article))


def _submit(removed: float) -> Response:
    """Keep a verdict that Akismet's client reports, as a suggestion."""
    form = _form()
    content = as_read(form.get("comment_content", ""))
    if content.strip() and form.get("is_test", "0").lower() not in {"1", "true"}:
        suggestion = Suggestion(
            text=content,
            comment_id=None,
            scores={"SPAM": removed},
            attributes={},
            languages=(),
            community=COMMUNITY + form["blog"],
            client_token=None,
            story_url=form.get("permalink", "")[:MOST_LINE] or None,
        )
        with database().write() as session:
            save_suggestion(session, suggestion)
    return _text(_THANKS)


def _text(answer: str, status: int = 200) -> Response:
    """Answer an Akismet client in plain text."""
    return Response(answer, status, content_type="text/plain; charset=utf-8")


def _json(content: Mapping[str, object]) -> Response:
    """Answer an Akismet client in JSON."""
    return Response(json.dumps(content), content_type="application/json")


def _write(problem: Problem) -> Response:
    """Write a problem as Akismet does: a bad key is no error, but an answer."""
    detail = problem.detail or problem.title
    is_key = problem.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    response = _text("invalid", 200) if is_key else _text(detail, problem.status)
    # Without this header one client takes whatever is not "false" for spam. `verify-key` has none.
    if not (is_key and request.path == "/1.1/verify-key"):
        response.headers["X-akismet-debug-help"] = detail.encode("ascii", "replace").decode()
    return response
