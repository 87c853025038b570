"""The newspaper's rules: every moderator reads them, leads change them."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES
from model.errors import InvalidInput
from service.console import login
from service.moderation.rules import MOST_RULES, Rule, all_rules, change_rules, current_rules, get_rules
from service.web.current import database

bp = Blueprint("rules", __name__)

_EMPTY_ROWS = 3
_LARGEST = 2**31 - 1


@bp.get("/rules")
def show() -> Response:
    """Show every moderator the current rules, or an earlier version."""
    version = request.args.get("version", type=int)
    with database().read() as session:
        versions = all_rules(session)
    shown = next((book for book in versions if version in (None, book.version)), None)
    if shown is None:
        abort(HTTPStatus.NOT_FOUND)
    return make_response(render_template("console/rules.html", book=shown, versions=versions))


@bp.get("/rules/change")
@login.needs("lead")
def form() -> Response:
    """Show the rules in a form."""
    with database().read() as session:
        book = current_rules(session)
    return _form(book.version, [*book.rules, *_empty()], None)


@bp.post("/rules/change")
@login.needs("lead")
def change() -> Response:
    """Make a new version of the rules."""
    columns = [request.form.getlist(name) for name in ("number", "title", "text", "attributes")]
    instead_of = request.form.get("instead_of", type=int)
    if instead_of is None or not 0 < instead_of < _LARGEST or len({len(column) for column in columns}) > 1:
        abort(HTTPStatus.BAD_REQUEST)
    given = [
        Rule(
            number.strip(),
            title.strip(),
            text.strip().replace("\r\n", "\n"),
            tuple(attributes.replace(",", " ").split()),
        )
        for number, title, text, attributes in zip(*columns, strict=True)
    ]
    written = [rule for rule in given if rule.number or rule.title or rule.text]
    try:
        with database().write() as session:
            same = get_rules(session, instead_of).rules == tuple(written)
            if not same:
                change_rules(session, written, who=login.moderator(), instead_of=instead_of)
    except InvalidInput as error:
        return _form(instead_of, [*written, *_empty()], str(error))
    flash("Nothing changed, so no new version was saved." if same else "The new version of the rules is in force.")
    return redirect(url_for("console.rules.show"), HTTPStatus.SEE_OTHER)


def _form(instead_of: int, rows: list[Rule], error: str | None) -> Response:
    attributes = [attribute.name for attribute in ATTRIBUTES]
    page = render_template(
        "console/rules_form.html", instead_of=instead_of, rows=rows[:MOST_RULES], error=error, attributes=attributes
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _empty() -> list[Rule]:
    return [Rule("", "", "")] * _EMPTY_ROWS
