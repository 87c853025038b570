"""The leads' page on a bundle on trial: what it would have changed."""

from datetime import UTC, datetime

from flask import Blueprint, abort, make_response, render_template, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from model.watching.dry_run import Change
from service.console import login
from service.console.items.item import card_of
from service.learning.shadow import challengers, compare
from service.staffing.budget import pace_of
from service.storage.items import load_items
from service.storage.tables.comments import CommentRow
from service.web.current import database
from service.wording.catalogue import lazy_gettext

bp = Blueprint("shadow", __name__)

#: Of each kind; the page is to be read, and the figures tell of all.
_MOST = 20
_CHANGES: tuple[Change, ...] = ("no longer flagged", "newly flagged")
_CHANGE_NAMES = {
    "no longer flagged": lazy_gettext("no longer flagged"),
    "newly flagged": lazy_gettext("newly flagged"),
}


@bp.get("/shadow")
@login.needs("lead")
def show() -> Response:
    """Show what the latest challenger, or the one asked for, would have flagged differently."""
    asked = request.args.get("version")
    with database().read() as session:
        known = challengers(session)
        chosen = next((one for one in known if asked in (None, one.version)), None)
        if asked is not None and chosen is None:
            abort(404)
        minutes = round(pace_of(session, datetime.now(UTC)).seconds / 60, 2)
        found = compare(session, chosen.version, minutes=minutes) if chosen else None
        flips = found.flips if found else ()
        changes = {change: [flip for flip in flips if flip.change == change] for change in _CHANGES}
        names = [flip.comment_id for some in changes.values() for flip in some[:_MOST]]
        items = load_items(session, session.scalars(select(CommentRow).where(CommentRow.id.in_(names))).all())
    cards = {str(item.comment.id): card_of(item) for item in items}
    return make_response(
        render_template(
            "console/shadow.html",
            known=known,
            chosen=chosen,
            found=found,
            changes=changes,
            change_names=_CHANGE_NAMES,
            cards=cards,
            most=_MOST,
        ),
    )
