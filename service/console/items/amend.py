"""Amending a comment: words are struck, or another text is written; nothing happens to the comment here."""

import re
from dataclasses import dataclass

from flask import Blueprint, current_app, make_response, render_template, request
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console import login
from service.console.filters import arguments_of, query_of, wanted_of
from service.console.items.forms import LONGEST_NOTE
from service.console.items.item import card_of
from service.moderation.comments import get_item, lock_comment
from service.moderation.rules import current_rules
from service.storage.amended import strike
from service.triage import claims
from service.web.current import database
from service.web.fields import text_problem

bp = Blueprint("amend", __name__)

#: More words than this are not struck one by one: the text is rewritten instead.
MOST_WORDS = 400
_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that can be struck, and the blanks after it."""

    text: str
    start: int
    end: int
    after: str


@bp.get("/amend/<id:comment_id>")
def form(comment_id: str) -> Response:
    """Show a comment word by word, to strike some of them, and its text, to write another."""
    wanted = wanted_of(request.args)
    with database().write() as session:
        row = lock_comment(session, comment_id)
        if row.state in ("open", "escalated"):
            claims.claim(session, row, login.moderator(), current_app.config["LEASE"])
        found, rules = get_item(session, comment_id), current_rules(session)
    card = card_of(found)
    words = words_of(found.comment.text)
    page = render_template(
        "console/amend.html",
        card=card,
        words=words if len(words) <= MOST_WORDS else (),
        rules=rules,
        suggested=rules.suggested(card.breaches),
        query=query_of(wanted),
        here=arguments_of(wanted),
        longest_note=LONGEST_NOTE,
    )
    return make_response(page)


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a text at its blanks, so that what an amendment changed can be shown."""
    return tuple(Word(one[1], *one.span(1), one[2]) for one in re.finditer(r"(\S+)(\s*)", text))


def given_amended(original: str) -> str:
    """Read from a form what is to stand: the text that was written, or else the original without what was struck."""
    # A browser sends a line break as two characters.
    written = request.form.get("amended_text", "").replace("\r\n", "\n").replace("\0", "")
    if written.strip() and written != original.replace("\r\n", "\n"):
        if problem := text_problem(written):
            raise InvalidInput(problem)
        return written
    ranges = [found for one in request.form.getlist("strike") if (found := _RANGE.fullmatch(one))]
    return strike(original, [(int(one[1]), int(one[2])) for one in ranges])
