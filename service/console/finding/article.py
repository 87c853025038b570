"""An article: its marks, how heated its comments are, and all of them in the order of their threads."""

from datetime import UTC, datetime

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from service.console.cards import link_of
from service.console.items.item import card_of
from service.console.lead.charts import Chart, columns
from service.finding.articles import Commented, HourlyCount, get_commented, heat, threads_of
from service.web.current import database, newsroom
from service.wording.catalogue import gettext as _
from service.wording.dates import clock

bp = Blueprint("commented", __name__)

PAGE = 50


@bp.get("/articles/<id:article_id>")
def show(article_id: str) -> Response:
    """Show an article with all its comments."""
    page = max(1, request.args.get("page", 1, type=int))
    now = datetime.now(UTC)
    with database().read() as session:
        found = get_commented(session, article_id, now)
        threads = threads_of(session, article_id, start=(page - 1) * PAGE, limit=PAGE)
        hours = heat(session, article_id, found.last) if found.last else ()
    return make_response(
        render_template(
            "console/article.html",
            found=found,
            link=link_of(found.article),
            threads=[(card_of(item), depth) for item, depth in threads],
            hours=hours,
            chart=_chart(found, hours),
            page=page,
            pages=-(-found.comments // PAGE),
            today=now.astimezone(newsroom().zone).date(),
        )
    )


def _chart(found: Commented, hours: tuple[HourlyCount, ...]) -> Chart | None:
    """Draw how many comments came to an article in each hour."""
    if found.last is None:
        return None
    most = max(hours, key=lambda hour: hour.comments)
    return columns(
        _("Comments in each hour"),
        _(
            "The 24 hours up to the last comment; most, %(num)s, came at %(time)s.",
            num=most.comments,
            time=clock(most.begins),
        ),
        [(clock(hour.begins)[:2], hour.comments) for hour in hours],
        # Where one in four or more was flagged, the hour is shaded.
        shaded=[hour.flagged * 4 >= hour.comments > 0 for hour in hours],
        every=4,
    )
