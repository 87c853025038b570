"""Search over all comments, flagged or not."""

import re
from typing import cast, get_args

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console.filters import begin_of, end_of, given_days
from service.console.items.item import card_of
from service.finding.search import Found, SearchPage, SearchQuery, search
from service.web.current import database
from service.wording.catalogue import gettext as _

bp = Blueprint("search", __name__, url_prefix="/search")

PAGE = 25
LONGEST = 300


@bp.get("")
def show() -> Response:
    """Show the search form, and the comments found."""
    fields = {name: given(name) for name in ("q", "author", "article", "id", "from", "to", "verdict")}
    asked = {name: value for name, value in fields.items() if value}
    error, page = "", SearchPage((), None)
    if asked:
        try:
            wanted = _wanted(fields)
        except InvalidInput as problem:
            error = str(problem)
        else:
            with database().read() as session:
                page = search(session, wanted, before=number_given("before"), limit=PAGE)
    return make_response(
        render_template(
            "console/search.html",
            cards=[card_of(item) for item in page.items],
            fields=fields,
            asked=asked,
            following=page.following,
            error=error,
            verdicts=get_args(Found),
        )
    )


def given(name: str) -> str:
    """Return a field of the address, cut to a sensible length; PostgreSQL refuses NUL."""
    return request.args.get(name, "").replace("\0", "").strip()[:LONGEST]


def _wanted(fields: dict[str, str]) -> SearchQuery:
    """Read what the search page shall find."""
    verdict = fields["verdict"]
    if verdict and verdict not in get_args(Found):
        raise InvalidInput(_("There is no verdict “%(given)s”: choose one from the list.", given=verdict[:40]))
    if fields["q"] and not any(map(str.isalnum, fields["q"])):
        raise InvalidInput(_("Only words can be searched for, not signs or emoji alone."))
    first, last = given_days(fields["from"], fields["to"])
    return SearchQuery(
        words=fields["q"],
        author=fields["author"],
        article=fields["article"],
        comment_id=fields["id"],
        since=begin_of(first),
        until=end_of(last),
        verdict=cast("Found", verdict) if verdict else None,
    )


def number_given(name: str) -> int | None:
    """Return a number of the address; what is none counts as not given."""
    written = request.args.get(name, "")
    return int(written) if re.fullmatch(r"[0-9]{1,9}", written) else None
