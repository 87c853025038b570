"""Several items at once: those of one author, or of one thread. Each decision says that it was made in a batch."""

import secrets
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from model.errors import UnknownRecord
from service.console import login
from service.console.cards import seen
from service.console.items.item import card_of, given_note, given_verdict
from service.moderation.comments import last_seen, lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.rules import current_rules
from service.storage.items import load_items
from service.storage.records import Item
from service.storage.tables.comments import CommentRow
from service.triage import claims
from service.triage.listing import Wanted, list_items
from service.web.current import database

bp = Blueprint("batch", __name__, url_prefix="/batch")

#: More than a person reads before pressing a button.
MOST = 50


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that was not decided with the others, and why."""

    comment_id: str
    why: str


@bp.get("")
def show() -> Response:
    """List in full the comments waiting from one author or in one thread."""
    author, thread = request.args.get("author"), request.args.get("thread")
    with database().read() as session:
        if author:
            items = list_items(session, Wanted(author=author.replace("\0", "")), limit=MOST + 1).items
        else:
            items = _of_thread(session, thread) if thread else ()
        rules = current_rules(session)
    page = render_template(
        "console/batch.html",
        cards=[card_of(item) for item in items[:MOST]],
        more=len(items) > MOST,
        author=author,
        thread=thread,
        rules=rules,
    )
    return make_response(page)


@bp.post("")
def decide() -> Response:
    """Record the same verdict for all ticked items; leave out those that have changed or that somebody else holds."""
    verdict, rule = given_verdict()
    picked = [
        (place, comment_id) for place, _, comment_id in (one.partition(" ") for one in request.form.getlist("pick"))
    ]
    if not picked:
        flash("Nothing was ticked, so nothing was recorded.")
        return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)
    if len(picked) > MOST:
        abort(HTTPStatus.BAD_REQUEST)
    batch, moderator = secrets.token_hex(8), login.moderator()
    left_out: list[LeftOut] = []
    with database().write() as session:
        # In one order for everybody: two batches must not wait for each other.
        for shown, comment_id in sorted(picked, key=lambda pick: pick[1]):
            try:
                row, held = lock_comment(session, comment_id), claims.holder(session, comment_id)
            except UnknownRecord:
                left_out.append(LeftOut(comment_id, "it was erased, or is not stored"))
                continue
            last = last_seen(session, comment_id)
            if held is not None and held.moderator != moderator:
                left_out.append(LeftOut(comment_id, f"{held.moderator} has it open"))
            elif seen(row.revision, last.decision, last.report) != shown:
                left_out.append(LeftOut(comment_id, "it has changed since you opened the page"))
            else:
                opened_at = claims.finish(session, comment_id, moderator)
                add_decision(
                    session,
                    comment_id,
                    NewDecision(
                        verdict=verdict,
                        moderator=moderator,
                        rule=rule,
                        note=given_note(),
                        opened_at=opened_at,
                        batch=batch,
                    ),
                )
    flash(_told(len(picked) - len(left_out), left_out))
    return redirect(url_for("console.queue.show"), HTTPStatus.SEE_OTHER)


def _told(decided: int, left_out: list[LeftOut]) -> str:
    told = f"Decided on {decided} together."
    if left_out:
        told += " Left out: " + "; ".join(f"{one.comment_id} ({one.why})" for one in left_out) + "."
    return told


def _of_thread(session: Session, comment_id: str) -> tuple[Item, ...]:
    """Return what waits of a comment and of all that answer it, level by level."""
    found: dict[str, CommentRow] = {}
    level = list(session.scalars(select(CommentRow).where(CommentRow.id == comment_id.replace("\0", ""))))
    while level and len(found) < 20 * MOST:
        found |= {row.id: row for row in level}
        answers = select(CommentRow).where(CommentRow.parent_id.in_([row.id for row in level])).order_by(CommentRow.id)
        level = [row for row in session.scalars(answers) if row.id not in found]
    waiting = [row for row in found.values() if row.state == "open"]
    return load_items(session, waiting[: MOST + 1])
