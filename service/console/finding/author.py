"""An author: what they wrote, what became of it, and what colleagues should know."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.console import drafts, login
from service.console.items.item import card_of
from service.finding import authors, history
from service.web.current import database
from service.wording.catalogue import gettext as _

bp = Blueprint("author", __name__)

PAGE = 25
_DECISIONS = 10


@bp.get("/authors/<id:author>")
def show(author: str) -> Response:
    """Show an author with all their comments."""
    page = max(1, request.args.get("page", 1, type=int))
    with database().read() as session:
        found = authors.get_author(session, author, datetime.now(UTC))
        items = authors.comments_of(session, author, start=(page - 1) * PAGE, limit=PAGE)
        decided = history.decisions(session, history.DecisionFilter(author=author), limit=_DECISIONS)
    return make_response(
        render_template(
            "console/author.html",
            author=found,
            cards=[card_of(item) for item in items],
            decided=decided,
            page=page,
            pages=-(-found.comments // PAGE),
            longest=authors.LONGEST_NOTE,
            draft=drafts.draft_of(login.here()),
        )
    )


@bp.post("/author-notes")
def note() -> Response:
    """Keep a note on an author."""
    author = request.form.get("author", "").replace("\0", "")
    with database().write() as session:
        authors.add_note(session, author, request.form.get("note", ""), who=login.moderator())
    drafts.forget()
    flash(_("Note added. Every moderator sees it here."))
    return redirect(url_for(".show", author=author), HTTPStatus.SEE_OTHER)
