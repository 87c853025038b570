"""The moderators' console: what waits for a person, worst first, and one item in full.

A decision here is only recorded. Nothing is deleted or hidden.
"""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import cast, get_args

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES, BY_NAME
from service import login, pages, review_store
from service.cards import Card, card, place_of, quote, seen
from service.database import database
from service.records import Item, State, Verdict
from service.review import add_decision, get_item, lock_comment
from service.review_store import Place, Wanted

bp = Blueprint("console", __name__, url_prefix="/review", static_folder="static", static_url_path="/static")
bp.register_blueprint(login.bp)
pages.guard(bp)

PAGE = 25
_LONGEST_NOTE = 1000
_LONGEST_NUMBER = 18
_UNDO_FOR = timedelta(hours=1)
_WORDS_COOKIE = "belowline-words"
_WITHOUT_LOG_IN = ("console.login.form", "console.login.log_in")


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast("Flask", state.app)
    pages.install(app)
    login.install(app)


@bp.before_request
def _let_in() -> Response | None:
    # Refusing is the rule: a page added later is behind the log-in unless it is named above.
    if request.endpoint == "console.static":
        return None
    if request.endpoint not in _WITHOUT_LOG_IN and not login.moderator():
        return login.to_log_in()
    pages.csrf.protect()
    return None


@bp.context_processor
def _common() -> dict[str, object]:
    """Give every page who is logged in and what they chose."""
    return {
        "moderator": login.moderator(),
        "words_shown": request.cookies.get(_WORDS_COOKIE) == "shown",
        "back": login.local(request.full_path.rstrip("?")),
    }


@bp.get("")
def queue() -> Response:
    """List what waits for a person."""
    wanted, after = _wanted(), _after()
    with database().read() as session:
        items = review_store.find_items(session, wanted, after=after, limit=PAGE + 1)
        more = len(items) > PAGE
        items = items[:PAGE]
        waiting = review_store.waiting_since(session, [str(item.comment.id) for item in items])
        parents = review_store.parents_of(session, items)
        counts = {state: review_store.count_wanted(session, Wanted(state)) for state in get_args(State)}
        matching = review_store.count_wanted(session, wanted)
        oldest = review_store.oldest(session, wanted) if wanted.state == "open" else None
        articles = review_store.articles_in(session, wanted.state)
        recent = review_store.last_decision(session, login.moderator(), since=datetime.now(UTC) - _UNDO_FOR)
        recent_item = get_item(session, recent.comment_id) if recent else None
    cards = [
        _card(item, waiting.get(str(item.comment.id)), parents.get(item.comment.parent_id or "")) for item in items
    ]
    return make_response(
        render_template(
            "console/queue.html",
            cards=cards,
            wanted=wanted,
            counts=counts,
            matching=matching,
            oldest=oldest,
            articles=articles,
            attributes=ATTRIBUTES,
            first=after is None,
            next_page=f"{items[-1].rank!r} {items[-1].comment.id}" if more else None,
            recent=recent,
            recent_item=recent_item,
            recent_place=place_of(recent_item, items if wanted.state == "open" else ()) if recent_item else None,
        ),
    )


@bp.get("/comments/<path:comment_id>")
def item(comment_id: str) -> Response:
    """Show one comment in full: its thread, every score, every decision."""
    with database().read() as session:
        found = get_item(session, comment_id)
        thread = review_store.thread_of(session, found)
        waiting = review_store.waiting_since(session, [comment_id])
        scores = review_store.scores_of(session, comment_id)
        edits = review_store.edits_of(session, comment_id)
    return make_response(
        render_template(
            "console/item.html",
            card=_card(found, waiting.get(comment_id) if found.state == "open" else None, None),
            thread=[quote(other) for other in thread],
            scores=scores,
            edits=edits,
            attributes=[attribute.name for attribute in ATTRIBUTES],
        ),
    )


@bp.post("/decisions")
def decide() -> Response:
    """Record a verdict, unless the item has changed since it was shown."""
    comment_id, verdict = request.form.get("comment_id", ""), request.form.get("verdict", "")
    if verdict not in ("keep", "remove", "escalate"):
        abort(HTTPStatus.BAD_REQUEST)
    with database().write() as session:
        lock_comment(session, comment_id)
        found = get_item(session, comment_id)
        fresh = seen(found) == request.form.get("seen")
        if fresh:
            add_decision(
                session,
                comment_id,
                verdict=cast("Verdict", verdict),
                moderator=login.moderator(),
                note=request.form.get("note", "").replace("\0", "").strip()[:_LONGEST_NOTE] or None,
                # What nobody named is unknown, which is not the same as "is not".
                attributes={name: 1 for name in request.form.getlist("is") if name in BY_NAME},
            )
    if not fresh:
        return _overtaken(found)
    return _back(request.form.get("next", ""))


@bp.post("/undo")
def undo() -> Response:
    """Take a decision back: another entry, nothing is erased."""
    comment_id, decision = request.form.get("comment_id", ""), request.form.get("decision", "")
    if not decision.isdecimal() or len(decision) > _LONGEST_NUMBER:
        abort(HTTPStatus.BAD_REQUEST)
    with database().write() as session:
        add_decision(session, comment_id, verdict="undo", moderator=login.moderator(), undoes=int(decision))
    flash("Your decision is taken back. The comment waits for a person again.")
    return _back(pages.anchor(comment_id))


@bp.post("/words")
def choose_words() -> Response:
    """Remember whether this moderator wants marked words masked."""
    answer = _back("")
    shown = "shown" if request.form.get("words") == "shown" else "masked"
    answer.set_cookie(
        _WORDS_COOKIE,
        shown,
        max_age=365 * 86400,
        path="/review",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return answer


@bp.get("/<path:_rest>")
def nothing(_rest: str) -> Response:
    """Answer an unknown address with a page rather than with the API's JSON."""
    abort(HTTPStatus.NOT_FOUND)


def _wanted() -> Wanted:
    """Read the filters; what makes no sense counts as not given."""
    state, about = request.args.get("state"), request.args.get("about")
    return Wanted(
        state=cast("State", state) if state in get_args(State) else "open",
        article_id=request.args.get("article") or None,
        about=about if about in BY_NAME or about in ("abuse", "reported") else None,
    )


def _after() -> Place | None:
    rank, _, comment_id = request.args.get("after", "").partition(" ")
    try:
        return Place(float(rank), comment_id)
    except ValueError:
        return None


def _card(found: Item, waiting_since: datetime | None, parent: Item | None) -> Card:
    manifest = current_app.extensions["belowline.scorer"].manifest
    # Another bundle's thresholds say nothing about these scores.
    same = found.judgement.bundle_version == manifest.version
    return card(
        found,
        thresholds=manifest.thresholds if same else {},
        waiting_since=waiting_since,
        parent=parent,
    )


def _back(place: str) -> Response:
    """Go back to the page that the form was on, to the named place of it."""
    address = login.local(request.form.get("back")).partition("#")[0]
    anchored = f"{address}#{place}" if place.removeprefix("c-").isalnum() else address
    return redirect(anchored, HTTPStatus.SEE_OTHER)


def _overtaken(found: Item) -> Response:
    last = found.decisions[-1] if found.decisions else None
    if last is not None and last.moderator != login.moderator():
        what = f"{last.moderator} has decided on it in the meantime ({last.verdict})."
    elif last is not None and found.state != "open":
        what = f"You have decided on it already ({last.verdict}), perhaps in another window."
    else:
        what = "Its author has edited it, or another reader has reported it, since you opened the page."
    return pages.message_page(
        HTTPStatus.CONFLICT,
        "This comment has changed",
        f"{what} Your decision was not recorded, so that it cannot be about something you did not see.",
        look=url_for("console.item", comment_id=found.comment.id),
        back_to=login.local(request.form.get("back")),
    )
