"""The audit as a page and as a file: who did what, and whether the chain is whole."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from service.console import login
from service.storage import audit
from service.web.current import audit_check, database

bp = Blueprint("audit", __name__)

_ENTRIES = 100
_LARGEST = 2**31 - 1


@bp.get("/audit")
@login.needs("lead")
def show() -> AnyResponse:
    """List the latest entries of the audit, and whether the chain is intact."""
    try:
        verified, broken = audit_check().verify(datetime.now(UTC), whole="whole" in request.args), None
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
def export(kind: str) -> AnyResponse:
    """Return the whole audit as a file."""
    with database().write() as session:
        audit.record(session, "audit.export", who=login.moderator(), about=kind)

    def lines() -> Iterator[str]:
        with db.read() as session:
            yield from audit.to_csv(audit.entries(session)) if kind == "csv" else audit.to_lines(audit.entries(session))

    db = database()
    answer = Response(lines(), content_type="text/csv; charset=utf-8" if kind == "csv" else "application/x-ndjson")
    answer.headers["Content-Disposition"] = f"attachment; filename=belowline-audit-{datetime.now(UTC):%Y-%m-%d}.{kind}"
    return answer
