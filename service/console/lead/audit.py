"""The audit as a page and as a file: who did what, and whether the chain is whole."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from service.console import login
from service.storage import audit
from service.storage.audit import Sought
from service.web.current import audit_check, database, newsroom
from service.wording.catalogue import lazy_gettext

bp = Blueprint("audit", __name__)

#: What there is to ask for, and how each kind of entry begins.
KINDS = {
    "decisions": ("decision", "second-look", "escalation"),
    "articles": ("article",),
    "rules and rota": ("rules", "rota"),
    "people": ("user",),
    "keys and webhooks": ("key", "webhook"),
    "settings": ("setting",),
    "erasures": ("erase", "purge"),
    "exports": ("audit",),
    "log-ins": ("log-in", "log-out"),
}
_KIND_NAMES = {
    "decisions": lazy_gettext("decisions"),
    "articles": lazy_gettext("articles"),
    "rules and rota": lazy_gettext("rules and rota"),
    "people": lazy_gettext("people"),
    "keys and webhooks": lazy_gettext("keys and webhooks"),
    "settings": lazy_gettext("settings"),
    "erasures": lazy_gettext("erasures"),
    "exports": lazy_gettext("exports"),
    "log-ins": lazy_gettext("log-ins"),
}
_ENTRIES = 100
_LARGEST = 2**31 - 1


@bp.get("/audit")
@login.needs("lead")
def show() -> AnyResponse:
    """List the latest entries of the audit that were asked for, and whether the chain is intact."""
    try:
        verified, broken = audit_check().verify(datetime.now(UTC), whole="whole" in request.args), None
    except audit.Tampered as error:
        verified, broken = None, str(error)
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < _LARGEST:
        before = None
    given = {name: request.args.get(name, "").replace("\0", "") for name in ("kind", "who", "about", "from", "to")}
    with database().read() as session:
        found = audit.latest(session, before=before, most=_ENTRIES + 1, sought=_sought(given))
    return make_response(
        render_template(
            "console/audit.html",
            entries=found[:_ENTRIES],
            more=len(found) > _ENTRIES,
            kinds=KINDS,
            kind_names=_KIND_NAMES,
            given=given,
            log_ins="log-ins" in request.args,
            verified=verified,
            broken=broken,
        )
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


def _sought(given: dict[str, str]) -> Sought:
    """Read what was asked for; what makes no sense counts as not given."""
    kinds = KINDS.get(given["kind"], ())
    first, last = _midnight(given["from"]), _midnight(given["to"])
    return Sought(
        who=given["who"] or None,
        about=given["about"] or None,
        kinds=kinds,
        # They are most of what is entered, and seldom what is looked for.
        but=() if kinds or "log-ins" in request.args else KINDS["log-ins"],
        since=first,
        until=last + timedelta(days=1) if last else None,
    )


def _midnight(written: str) -> datetime | None:
    """Read a day from the audit page's form as the newsroom's midnight."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return datetime.combine(day, time(), newsroom().zone)
