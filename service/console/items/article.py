"""The articles with their marks: to be watched, and to have every comment read by a person."""

from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from service.console import login
from service.console.filters import begin_of, end_of, given_day
from service.moderation.articles import mark_court_case, watch
from service.storage.items import court_case_of
from service.storage.records import CourtCase
from service.storage.tables.comments import ArticleRow
from service.triage import listing
from service.web.current import database, newsroom
from service.wording.catalogue import gettext as _

bp = Blueprint("article", __name__, url_prefix="/articles")

_MOST = 200


@bp.get("")
def show() -> Response:
    """List the articles: marked ones first, then those with the most comments waiting, then the latest."""
    looked_for, now = request.args.get("q", "").replace("\0", "").strip(), datetime.now(UTC)
    query = select(ArticleRow)
    if looked_for:
        query = query.where(
            or_(ArticleRow.title.icontains(looked_for, autoescape=True), ArticleRow.id == looked_for),
        )
    with database().read() as session:
        waiting = {row.id: number for row, number in listing.articles_in(session, "open")}
        order = (ArticleRow.court_case.desc(), ArticleRow.watched.desc(), ArticleRow.received_at.desc())
        rows = list(session.scalars(query.order_by(*order).limit(_MOST)))
    rows.sort(key=lambda row: (-row.court_case, -row.watched, -waiting.get(row.id, 0)))
    return make_response(
        render_template(
            "console/articles.html",
            articles=rows,
            cases={row.id: case for row in rows if (case := court_case_of(row, now))},
            waiting=waiting,
            looked_for=looked_for,
            today=now.astimezone(newsroom().zone).date(),
        ),
    )


def _case() -> CourtCase:
    """Read from the form which court case it is; the last day counts to its end."""
    return CourtCase(
        request.form.get("jurisdiction", "").replace("\0", "").strip() or None,
        begin_of(given_day(request.form.get("from"))),
        end_of(given_day(request.form.get("until"))),
    )


@bp.post("")
def mark() -> Response:
    """Put an article on the watch list or mark its court case, or take that back."""
    article_id, what, on = request.form.get("article_id", ""), request.form.get("mark"), request.form.get("on") == "yes"
    if what == "watched":
        with database().write() as session:
            watch(session, article_id, on=on, who=login.moderator())
        flash(_("Article added to the watch list.") if on else _("Article removed from the watch list."))
    elif what == "court_case":
        sent = mark_court_case(database(), article_id, _case() if on else None, who=login.moderator())
        flash(
            _("Every comment on this article now goes to review. Earlier ones sent: %(num)s.", num=sent)
            if on
            else _("Comments on this article are treated like any others again. Those already waiting stay."),
        )
    else:
        abort(HTTPStatus.BAD_REQUEST)
    return redirect(login.local(request.form.get("back")), HTTPStatus.SEE_OTHER)
