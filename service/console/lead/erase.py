"""Erasing what an author wrote, for good: first show what there is, then delete it."""

from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import UnknownRecord
from service.console import login
from service.moderation import retention
from service.moderation.retention import Traces
from service.web.current import database
from service.wording.catalogue import gettext as _
from service.wording.catalogue import ngettext
from service.wording.sentences import told

bp = Blueprint("erase", __name__)


@bp.get("/erase")
@login.needs("admin")
def form() -> Response:
    """Ask whose comments to erase, then say what there is of theirs."""
    author = request.args.get("author", "").replace("\0", "")
    if not author:
        return _page(author)
    try:
        with database().read() as session:
            found = retention.traces_of(session, author)
    except UnknownRecord as unknown:
        hint = _("Use the pseudonym exactly as it stands on their comments.")
        return _page(author, error=" ".join([told(unknown), hint]))
    return _page(author, found)


@bp.post("/erase")
@login.needs("admin")
def erase() -> Response:
    """Erase everything an author wrote, if it is what the page said it would be."""
    author = request.form.get("author", "").replace("\0", "")
    try:
        with database().write() as session:
            found = retention.traces_of(session, author)
            as_shown = request.form.get("found") == str(found)
            if as_shown:
                retention.erase_author(session, author, who=login.moderator())
    except UnknownRecord as unknown:
        return _page(author, error=told(unknown))
    if not as_shown:
        return _page(author, found, error=_("Nothing was erased: this is not what the page showed you. Look again."))
    # Nobody wants to look at a page that loads for longer.
    is_gone = database().scrub(patience=5)
    remains = [] if is_gone else [told(retention.COPY_REMAINS)]
    flash(" ".join([_("Erased: %(what)s.", what=_what(found)), *remains]))
    return redirect(url_for("console.erase.form"), HTTPStatus.SEE_OTHER)


def _what(found: Traces) -> str:
    """Say how many comments and reports erasing an author would take."""
    comments = ngettext("%(num)s comment", "%(num)s comments", found.comments)
    reports = ngettext("%(num)s report", "%(num)s reports", found.reports)
    return _("%(comments)s and %(reports)s", comments=comments, reports=reports)


def _page(author: str, found: Traces | None = None, *, error: str | None = None) -> Response:
    """Show the page on which an author is erased."""
    what = _what(found) if found else None
    page = render_template("console/erase.html", author=author, found=found, what=what, error=error)
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)
