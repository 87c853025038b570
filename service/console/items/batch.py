"""Several items at once: those of one author, or of one thread. Each decision says that it was made in a batch."""

import secrets
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from model.errors import UnknownRecord
from service.console import drafts, login
from service.console.cards import seen
from service.console.disguise import shown
from service.console.filters import wanted_of
from service.console.items import escalate
from service.console.items.forms import given_note, given_picks, given_verdict
from service.console.items.item import card_of
from service.moderation.comments import last_seen, lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.rules import current_rules
from service.storage.items import load_items
from service.storage.records import Item
from service.storage.tables.comments import CommentRow
from service.triage import claims
from service.triage.listing import ItemFilter, list_items
from service.web.current import database
from service.wording.catalogue import gettext as _

bp = Blueprint("batch", __name__, url_prefix="/batch")

#: More than a person reads before pressing a button.
MOST = 50
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Undecided:
    """An item that was not decided with the others, and why; without an author if it is not known."""

    author: str | None
    comment_id: str
    why: str

    @property
    def told(self) -> str:
        """Whose it is, which one, and why, in a line; a cookie holds it until the next page."""
        name = f"{shown(self.author)[:_LONGEST_NAME]}, " if self.author else ""
        return f"{name}{self.comment_id} ({self.why})"


@bp.get("")
def show() -> Response:
    """List in full the comments waiting from one author or in one thread."""
    author, thread = wanted_of(request.args).author, request.args.get("thread")
    with database().read() as session:
        if author:
            items = list_items(session, ItemFilter(author=author), limit=MOST + 1).items
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
        draft=drafts.draft_of(login.here()),
    )
    return make_response(page)


@bp.post("")
def decide() -> Response:
    """Record the same verdict for all ticked items; leave out those that have changed or that somebody else holds."""
    verdict, rule = given_verdict()
    picked = given_picks()
    if not picked:
        drafts.keep()
        flash(_("Nothing was ticked, so nothing was recorded."))
        return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)
    if len(picked) > MOST:
        abort(HTTPStatus.BAD_REQUEST)
    if escalate.lacks_something(verdict):
        return escalate.ask()
    # One by itself, from the list, is looked at as one by itself.
    batch, moderator = secrets.token_hex(8) if len(picked) > 1 else None, login.moderator()
    left_out: list[Undecided] = []
    with database().write() as session:
        # In one order for everybody: two batches must not wait for each other.
        for state, comment_id in sorted(picked, key=lambda pick: pick[1]):
            try:
                row, held = lock_comment(session, comment_id), claims.holder(session, comment_id)
            except UnknownRecord:
                left_out.append(Undecided(None, comment_id, _("it was erased, or is not stored")))
                continue
            last = last_seen(session, comment_id)
            if held is not None and held.moderator != moderator:
                left_out.append(Undecided(row.author, comment_id, _("%(who)s has it open", who=held.moderator)))
            elif seen(row.revision, last.decision, last.report) != state:
                left_out.append(Undecided(row.author, comment_id, _("it has changed since you opened the page")))
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
                        to=escalate.given_lead() if verdict == "escalate" else None,
                    ),
                )
    drafts.forget()
    if batch or left_out:
        flash(_told(len(picked) - len(left_out), left_out))
    return redirect(login.local(request.form.get("onward")), HTTPStatus.SEE_OTHER)


def _told(decided: int, left_out: list[Undecided]) -> str:
    """Say how many items were decided on together, and which were left out."""
    told = [_("Decided on %(num)s together.", num=decided)] if decided else []
    if left_out:
        told.append(_("Left out: %(listed)s.", listed="; ".join(one.told for one in left_out)))
    return " ".join(told)


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
