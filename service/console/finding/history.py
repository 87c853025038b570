"""What was decided: mine and everyone's, and what a colleague has overruled."""

from typing import get_args

from flask import Blueprint, make_response, render_template
from sqlalchemy import select
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.console import login
from service.console.filters import begin_of, end_of, given_days
from service.console.finding.search import given, number_given
from service.console.items.item import card_of
from service.finding.history import DecisionFilter, HistoryPage, decisions
from service.moderation.rules import current_rules
from service.storage.records import Verdict
from service.storage.tables.comments import DecisionRow
from service.web.current import database
from service.wording.catalogue import gettext as _

bp = Blueprint("history", __name__, url_prefix="/history")

PAGE = 25


@bp.get("")
def show() -> Response:
    """List decisions, the latest first; one's own if nobody else is asked for."""
    fields = {name: given(name) for name in ("who", "verdict", "rule", "from", "to", "overruled")}
    error, page = "", HistoryPage((), None)
    with database().read() as session:
        try:
            page = decisions(session, _wanted(fields), before=number_given("before"), limit=PAGE)
        except InvalidInput as problem:
            error = str(problem)
        rules = current_rules(session)
        people = session.scalars(select(DecisionRow.moderator).distinct().order_by(DecisionRow.moderator)).all()
    return make_response(
        render_template(
            "console/history.html",
            entries=[(entry, card_of(entry.item)) for entry in page.entries],
            following=page.following,
            fields=fields,
            asked={name: value for name, value in fields.items() if value},
            error=error,
            rules=rules,
            people=people,
            verdicts=get_args(Verdict),
        )
    )


def _wanted(fields: dict[str, str]) -> DecisionFilter:
    """Read which decisions the history page shall show."""
    verdict = fields["verdict"]
    if verdict and verdict not in get_args(Verdict):
        raise InvalidInput(_("There is no verdict “%(given)s”: choose one from the list.", given=verdict[:40]))
    first, last = given_days(fields["from"], fields["to"])
    # No account is called by a star.
    who = fields["who"] or login.moderator()
    return DecisionFilter(
        moderator=None if who == "*" else who,
        verdict=verdict or None,
        rule=fields["rule"] or None,
        since=begin_of(first),
        until=end_of(last),
        overruled=fields["overruled"] == "yes",
    )
