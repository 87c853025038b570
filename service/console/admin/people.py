"""Who may come in, and as what: invited, given a role or a password, shut out."""

from http import HTTPStatus

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from model.errors import InvalidInput
from service.accounts import users
from service.accounts.users import NO_ROLE, ROLES
from service.console import login
from service.console.admin.shown_once import shown_once
from service.web.current import database
from service.wording.catalogue import gettext as _
from service.wording.sentences import role_name, told

bp = Blueprint("people", __name__)


@bp.get("/people")
@login.needs("admin")
def show() -> Response:
    """List the moderators with their roles."""
    return _page()


@bp.post("/people")
@login.needs("admin")
def invite() -> Response:
    """Create an account, and show its password once."""
    try:
        name = users.checked_name(request.form.get("name", ""))
        with database().write() as session:
            password = users.create_user(session, name, _role(ROLES), who=login.moderator())
    except InvalidInput as error:
        return _page(told(error))
    return _password(name, password, _("%(name)s can log in", name=name))


@bp.post("/people/role")
@login.needs("admin")
def change_role() -> Response:
    """Change the role of somebody, or leave them none."""
    name, role = _other(), _role((*ROLES, NO_ROLE))
    with database().write() as session:
        users.set_role(session, name, role, who=login.moderator())
    has = _("%(name)s has the role %(role)s.", name=name, role=role_name(role))
    flash(_("%(name)s can no longer log in.", name=name) if role == NO_ROLE else has)
    return redirect(url_for(".show"), HTTPStatus.SEE_OTHER)


@bp.post("/people/password")
@login.needs("admin")
def reset_password() -> Response:
    """Make somebody a new password, and show it once."""
    name = _other()
    with database().write() as session:
        password = users.reset_password(session, name, who=login.moderator())
    return _password(name, password, _("%(name)s has a new password", name=name))


def _page(error: str | None = None) -> Response:
    """Show the page of moderators' accounts."""
    with database().read() as session:
        accounts = users.list_accounts(session)
    page = render_template(
        "console/people.html", accounts=accounts, roles=ROLES, no_role=NO_ROLE, error=error, given=request.form
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def _password(name: str, password: str, title: str) -> Response:
    """Show a moderator's new password, which is shown once."""
    return shown_once(
        title=title,
        what=_("Password of %(name)s", name=name),
        secret=password,
        how=_("Pass it on safely. They can change it once they have logged in."),
    )


def _role(allowed: tuple[str, ...]) -> str:
    """Read a role from the form."""
    role = request.form.get("role", "")
    if role not in allowed:
        abort(HTTPStatus.BAD_REQUEST)
    return role


def _other() -> str:
    """Read a moderator's name from the form; refuse one's own."""
    name = request.form.get("name", "").replace("\0", "")
    if name == login.moderator():
        # So there is always an admin left.
        raise InvalidInput(_("That is your own account: another admin has to change it."))
    return name
