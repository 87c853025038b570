"""Amending a comment: words are struck, or another text is written; nothing happens to the comment here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Blueprint, current_app, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console import drafts, login
from service.console.drafts import Draft
from service.console.filters import arguments_of, query_of, wanted_of
from service.console.items.forms import LONGEST_NOTE
from service.console.items.item import card_of
from service.moderation import threads
from service.moderation.comments import get_item, lock_comment
from service.moderation.rules import current_rules
from service.storage.amended import strike
from service.storage.records import Item
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

    @property
    def range(self) -> str:
        """Where it stands, as a form sends it."""
        return f"{self.start}-{self.end}"


@bp.get("/amend/<id:comment_id>")
def form(comment_id: str) -> Response:
    """Show a comment word by word, to strike some of them, and its text, to write another."""
    wanted = wanted_of(request.args)
    with database().write() as session:
        row = lock_comment(session, comment_id)
        if row.state in ("open", "escalated"):
            claims.claim(session, row, login.moderator(), current_app.config["LEASE"])
        found, rules = get_item(session, comment_id), current_rules(session)
        draft, overtaken = _draft_of(session, found)
    card = card_of(found)
    words = words_of(found.comment.text)
    page = render_template(
        "console/amend.html",
        card=card,
        words=words if len(words) <= MOST_WORDS else (),
        rules=rules,
        suggested=rules.find(draft.rule) or rules.suggested(card.breaches),
        draft=draft,
        overtaken=overtaken,
        query=query_of(wanted),
        here=arguments_of(wanted),
        longest_note=LONGEST_NOTE,
    )
    return make_response(page)


def words_of(text: str) -> tuple[Word, ...]:
    """Cut a text at its blanks, so that what an amendment changed can be shown."""
    return tuple(Word(one[1], *one.span(1), one[2]) for one in re.finditer(r"(\S+)(\s*)", text))


def given_amended(original: str) -> str:
    """Read from a form what is to stand; raise InvalidInput if what was written cannot be taken."""
    written = _rewritten(original, request.form.get("amended_text", ""))
    if written is not None and (problem := text_problem(written)):
        raise InvalidInput(problem)
    return written or _struck(original, request.form.getlist("strike"))


def _rewritten(original: str, given: str) -> str | None:
    """Return the text that was written in place of the original; None if there is none, or the original."""
    # A browser sends a line break as two characters.
    written = given.replace("\r\n", "\n").replace("\0", "")
    return written if written.strip() and written != original.replace("\r\n", "\n") else None


def _struck(original: str, strikes: Sequence[str]) -> str:
    """Return the original without the words that a form names."""
    ranges = [found for one in strikes if (found := _RANGE.fullmatch(one))]
    return strike(original, [(int(one[1]), int(one[2])) for one in ranges])


def _draft_of(session: Session, found: Item) -> tuple[Draft, bool]:
    """Return what was kept of an amendment, and whether the comment has been edited since.

    The words that were struck of an earlier version are other words now: what was to stand of it is shown as a text.
    """
    comment_id, text = str(found.comment.id), found.comment.text
    draft = drafts.draft_of(comment_id)
    if not draft.amends:
        return replace(draft, amended_text=text), False
    earlier = {edit.revision: edit.text for edit in threads.edits_of(session, comment_id)}
    if draft.revision not in earlier:
        return replace(draft, amended_text=_rewritten(text, draft.amended_text) or text), False
    before = earlier[draft.revision]
    stands = _rewritten(before, draft.amended_text) or _struck(before, draft.strike)
    return replace(draft, amended_text=stands, strike=()), True
