"""What leads look after: the newspaper's rules, those who report, and the audit."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from model.attributes import ATTRIBUTES
from model.errors import InvalidInput, UnknownRecord
from service.console import login
from service.moderation import retention
from service.moderation.rules import MOST_RULES, Rule, all_rules, change_rules, current_rules, get_rules
from service.storage import audit
from service.triage.credibility import HALF_LIVES, brigades, credibilities, history
from service.web.current import audit_chain, database

bp = Blueprint("oversight", __name__)

_EMPTY_ROWS = 3
_ENTRIES = 100
_MOST = 500
_LARGEST = 2**31 - 1


@bp.get("/rules")
def rules() -> AnyResponse:
    """Show the rules as they are now, or an earlier version, to every moderator."""
    version = request.args.get("version", type=int)
    with database().read() as session:
        versions = all_rules(session)
    shown = next((book for book in versions if version in (None, book.version)), None)
    if shown is None:
        abort(HTTPStatus.NOT_FOUND)
    return make_response(render_template("console/rules.html", book=shown, versions=versions))


@bp.get("/rules/change")
@login.needs("lead")
def rules_form() -> AnyResponse:
    """Show the rules in a form."""
    with database().read() as session:
        book = current_rules(session)
    return _form(book.version, [*book.rules, *_empty()], None)


@bp.post("/rules/change")
@login.needs("lead")
def change() -> AnyResponse:
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
    flash("Nothing was different, so there is no new version." if same else "The new version of the rules holds.")
    return redirect(url_for("console.oversight.rules"), HTTPStatus.SEE_OTHER)


@bp.get("/reporters")
@login.needs("lead")
def reporters() -> AnyResponse:
    """List who reported how often, how far it proved right, and who reports together."""
    half_life = current_app.config["REPORTER_HALF_LIFE"]
    now = datetime.now(UTC)
    with database().read() as session:
        reported = history(session, now - HALF_LIVES * half_life)
    groups = brigades(reported)
    in_group = {reporter: number for number, group in enumerate(groups, 1) for reporter in group}
    counts = Counter((report.reporter, report.reason) for report in reported)
    known = credibilities(reported, now, half_life)
    rows = [
        (reporter, reason, count, known[reporter, reason]) for (reporter, reason), count in counts.most_common(_MOST)
    ]
    return make_response(render_template("console/reporters.html", rows=rows, groups=groups, in_group=in_group))


@bp.get("/audit")
@login.needs("lead")
def show_audit() -> AnyResponse:
    """List the latest entries of the audit, and whether the chain is whole."""
    try:
        verified, broken = audit_chain().verify(datetime.now(UTC), whole="whole" in request.args), None
    except audit.Tampered as error:
        verified, broken = None, str(error)
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < _LARGEST:
        before = None
    with database().read() as session:
        found = audit.latest(session, before=before, most=_ENTRIES)
    return make_response(
        render_template("console/audit.html", entries=found, verified=verified, broken=broken, before=before)
    )


@bp.get("/audit/export.csv", defaults={"kind": "csv"})
@bp.get("/audit/export.jsonl", defaults={"kind": "jsonl"})
@login.needs("lead")
def export_audit(kind: str) -> AnyResponse:
    """Give the whole audit as a file."""
    with database().write() as session:
        audit.record(session, "audit.export", who=login.moderator(), about=kind)

    def lines() -> Iterator[str]:
        with db.read() as session:
            yield from audit.to_csv(audit.entries(session)) if kind == "csv" else audit.to_lines(audit.entries(session))

    db = database()
    answer = Response(lines(), content_type="text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson")
    answer.headers["Content-Disposition"] = f"attachment; filename=belowline-audit-{datetime.now(UTC):%Y-%m-%d}.{kind}"
    return answer


@bp.get("/erase")
@login.needs("admin")
def erase_form() -> AnyResponse:
    """Ask whose comments are to be forgotten."""
    return make_response(render_template("console/erase.html", author="", error=None))


@bp.post("/erase")
@login.needs("admin")
def erase() -> AnyResponse:
    """Forget all that an author wrote."""
    author, error = request.form.get("author", "").replace("\0", ""), None
    if request.form.get("sure") != "yes":
        error = "Tick the box if you are sure: nobody can take it back."
    else:
        try:
            with database().write() as session:
                comments, reports = retention.erase_author(session, author, who=login.moderator())
        except UnknownRecord as unknown:
            error = str(unknown)
    if error:
        return make_response(render_template("console/erase.html", author=author, error=error), HTTPStatus.BAD_REQUEST)
    database().scrub()
    flash(f"Erased: {_count(comments, 'comment')} and {_count(reports, 'report')}.")
    return redirect(url_for("console.oversight.erase_form"), HTTPStatus.SEE_OTHER)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _form(instead_of: int, rows: list[Rule], error: str | None) -> AnyResponse:
    attributes = [attribute.name for attribute in ATTRIBUTES]
    page = render_template(
        "console/rules_form.html", instead_of=instead_of, rows=rows[:MOST_RULES], error=error, attributes=attributes
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _empty() -> list[Rule]:
    return [Rule("", "", "")] * _EMPTY_ROWS
