"""The newspaper's rules: every moderator reads them, leads change them."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.attributes import ATTRIBUTES
from model.errors import InvalidInput
from service.console import login
from service.moderation.rules import COURT_CASE, MOST_RULES, Rule, all_rules, change_rules, current_rules, get_rules
from service.web.current import database
from service.wording.catalogue import gettext as _
from service.wording.sentences import told

bp = Blueprint("rules", __name__)

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
    return _form(book.version, list(book.rules))


@bp.post("/rules/change")
@login.needs("lead")
def change() -> Response:
    """Make a new version of the rules, or rearrange those in the form."""
    instead_of, rules = request.form.get("instead_of", type=int), _given()
    if instead_of is None or not 0 < instead_of < _LARGEST:
        abort(HTTPStatus.BAD_REQUEST)
    what, _blank, at = request.form.get("do", "save").partition(" ")
    if what != "save":
        row = int(at) if at.isascii() and at.isdecimal() else -1
        return _form(instead_of, *_rearranged(rules, what, row))
    try:
        with database().write() as session:
            same = [*map(_plain, get_rules(session, instead_of).rules)] == [*map(_plain, rules)]
            if not same:
                change_rules(session, rules, who=login.moderator(), instead_of=instead_of)
    except InvalidInput as error:
        return _form(instead_of, rules, error=told(error))
    same_still, new = _("Nothing changed, so no new version was saved."), _("The new version of the rules is in force.")
    flash(same_still if same else new)
    return redirect(url_for("console.rules.show"), HTTPStatus.SEE_OTHER)


def _given() -> list[Rule]:
    """Read a version of the rules from its form."""
    columns = [request.form.getlist(name) for name in ("number", "title", "text")]
    if len({len(column) for column in columns}) > 1:
        abort(HTTPStatus.BAD_REQUEST)
    return [
        Rule(
            number.strip(),
            title.strip(),
            text.strip().replace("\r\n", "\n"),
            tuple(request.form.getlist(f"attributes-{row}")),
        )
        for row, (number, title, text) in enumerate(zip(*columns, strict=True))
    ]


def _plain(rule: Rule) -> Rule:
    """Return a rule without the order in which its boxes were ticked."""
    return replace(rule, attributes=tuple(sorted(rule.attributes)))


def _rearranged(rules: list[Rule], what: str, row: int) -> tuple[list[Rule], str]:
    """Return the rules with one moved, dropped or added, and the field where the moderator's work goes on."""
    if what == "add" and len(rules) < MOST_RULES:
        numbers = [int(rule.number) for rule in rules if rule.number.isascii() and rule.number.isdecimal()]
        rules.append(Rule(str(max(numbers, default=0) + 1), "", ""))
        return rules, f"title-{len(rules) - 1}"
    if not 0 <= row < len(rules):
        abort(HTTPStatus.BAD_REQUEST)
    if what == "drop":
        del rules[row]
        return rules, f"title-{min(row, len(rules) - 1)}"
    to = row + {"up": -1, "down": 1}.get(what, len(rules))
    if not 0 <= to < len(rules):
        abort(HTTPStatus.BAD_REQUEST)
    rules.insert(to, rules.pop(row))
    # At either end there is only the way back.
    return rules, f"{'down' if to == 0 else 'up' if to == len(rules) - 1 else what}-{to}"


def _form(instead_of: int, rules: list[Rule], focus: str = "", *, error: str | None = None) -> Response:
    """Show the form in which leads write the rules."""
    page = render_template(
        "console/rules_form.html",
        instead_of=instead_of,
        rules=rules[:MOST_RULES],
        most=MOST_RULES,
        focus=focus,
        error=error,
        attributes=[*(attribute.name for attribute in ATTRIBUTES), COURT_CASE],
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)
