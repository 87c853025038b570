"""Which programs may call: their keys, each shown once."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.accounts import api_keys
from service.accounts.api_keys import SCOPES
from service.accounts.users import checked_name
from service.console import login
from service.console.admin.shown_once import shown_once
from service.web.current import database
from service.wording.catalogue import gettext as _
from service.wording.sentences import told

bp = Blueprint("keys", __name__)

#: How long the former key of one that is replaced still works.
_GRACE = timedelta(hours=24)


@bp.get("/keys")
@login.needs("admin")
def show() -> Response:
    """List the programs' keys."""
    return _page()


@bp.post("/keys")
@login.needs("admin")
def create() -> Response:
    """Create a key, and show it once."""
    try:
        name = checked_name(request.form.get("name", ""))
        scopes = [scope for scope in SCOPES if scope in request.form.getlist("scope")]
        with database().write() as session:
            key = api_keys.create_key(session, name, scopes, who=login.moderator())
    except InvalidInput as error:
        return _page(told(error))
    return _key(name, key, _("%(name)s may call", name=name))


@bp.post("/keys/rotate")
@login.needs("admin")
def rotate() -> Response:
    """Replace a key, and show the new one once; the former one works for another day."""
    name = _name()
    with database().write() as session:
        key = api_keys.rotate_key(session, name, _GRACE, who=login.moderator())
    return _key(name, key, _("%(name)s has a new key", name=name))


@bp.post("/keys/revoke")
@login.needs("admin")
def revoke() -> Response:
    """Delete a key: from now on it is refused (for scores, within a minute)."""
    name = _name()
    with database().write() as session:
        api_keys.revoke_key(session, name, who=login.moderator())
    flash(_("The key of %(name)s is revoked.", name=name))
    return redirect(url_for(".show"), HTTPStatus.SEE_OTHER)


def _page(error: str | None = None) -> Response:
    """Show the page of programs' keys."""
    with database().read() as session:
        found = api_keys.list_keys(session)
    page = render_template("console/keys.html", keys=found, scopes=SCOPES, error=error, given=request.form)
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _key(name: str, key: str, title: str) -> Response:
    """Show a new key, which is shown once."""
    return shown_once(
        title=title,
        what=_("Key of %(name)s", name=name),
        secret=key,
        how=_("The program sends it as Authorization: Bearer KEY. Only a hash of it is kept."),
    )


def _name() -> str:
    """Read a key's name from the form."""
    return request.form.get("name", "").replace("\0", "")
