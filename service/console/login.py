"""Moderators' way in and out: log-in, log-out, a password of one's own."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from service.accounts import passwords, sessions, throttle
from service.accounts.users import ROLES, check_password, find_user
from service.console import drafts, layout
from service.staffing.languages import languages
from service.storage import audit
from service.storage.tables.accounts import UserRow
from service.triage import claims
from service.web.current import caller, database
from service.wording.catalogue import gettext as _
from service.wording.catalogue import name_of_language, ngettext
from service.wording.sentences import role_name

bp = Blueprint("login", __name__)
P = ParamSpec("P")
_LONGEST_ADDRESS = 2000


class SecureCookies(SecureCookieSessionInterface):
    """Sessions whose cookie travels over TLS alone, wherever there is TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether this request came over TLS."""
        return request.is_secure or super().get_cookie_secure(app)

    def get_cookie_path(self, app: Flask) -> str:
        """Return where the console is mounted: whatever else has the host is not sent the cookie."""
        return request.script_root or super().get_cookie_path(app)


class Moderator(UserMixin):
    """Who is logged in."""

    def __init__(self, row: UserRow, token: str) -> None:
        self.number = row.id
        self.name = row.name
        self.role = row.role
        self._token = token
        self.slurs = row.slurs
        self.language = row.language

    def get_id(self) -> str:
        """Return what the session cookie holds."""
        return self._token


def install(app: Flask) -> None:
    """Prepare an app for moderators' sessions."""
    app.session_interface = SecureCookies()
    # Counted anew with each request.
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.IDLE
    manager = LoginManager()
    manager.init_app(app)
    manager.user_loader(_load)


def moderator() -> str:
    """Return the name of who is logged in, or nothing."""
    return str(current_user.name) if current_user.is_authenticated else ""


def may(role: str) -> bool:
    """Return whether who is logged in has this role or a higher one."""
    return current_user.is_authenticated and ROLES.index(current_user.role) >= ROLES.index(role)


def needs(role: str) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Show a page to those alone who have this role or a higher one."""

    def decorate(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            if may(role):
                return view(*args, **kwargs)
            text = _(
                "This needs the role “%(needed)s”; yours is “%(own)s”. An admin can change it.",
                needed=role_name(role),
                own=role_name(current_user.role),
            )
            return layout.message_page(HTTPStatus.FORBIDDEN, _("Not open to your role"), text)

        return guarded

    return decorate


def to_log_in() -> Response:
    """Send somebody to log in, and then back to where they were."""
    wanted = here() if request.method == "GET" else local(request.form.get("back") or request.form.get("onward"))
    address = url_for("console.login.form", next=wanted)
    if request.method == "POST":
        drafts.keep()
        ended, on = _("Your session had ended, so nothing was recorded."), _("Log in to go back to where you were.")
        if drafts.unkept():
            return layout.message_page(HTTPStatus.UNAUTHORIZED, _("Log in"), f"{ended} {on}", log_in=address)
        flash(" ".join(filter(None, [ended, drafts.kept_here(), on])))
    return redirect(address, HTTPStatus.SEE_OTHER)


def here() -> str:
    """Return the address of this page, as a link to it has it."""
    return local(request.script_root + request.full_path.rstrip("?"))


def local(address: str | None) -> str:
    """Return an address of the console as it is, and for any other the list's."""
    parts = urlsplit(address or "")
    start = f"{request.script_root}/review"
    ours = not parts.scheme and not parts.netloc and (parts.path == start or parts.path.startswith(f"{start}/"))
    # A browser reads a backslash as a slash, and drops control characters.
    # Nor is one so long that no cookie would hold it.
    if not ours or "\\" in parts.path or not str(address).isprintable() or len(str(address)) > _LONGEST_ADDRESS:
        return url_for("console.queue.show")
    return str(address)


@bp.get("/login")
def form() -> Response:
    """Ask a moderator for name and password."""
    if moderator():
        return redirect(local(request.args.get("next")), HTTPStatus.SEE_OTHER)
    return log_in_page()


@bp.post("/login")
def log_in() -> Response:
    """Check a moderator's name and password."""
    # PostgreSQL refuses NUL in a text.
    name, password = request.form.get("name", "").replace("\0", "").strip(), request.form.get("password", "")
    row, wait = _check(name, password)
    if wait:
        return too_often(wait, name)
    if row is None:
        error = _("Wrong name or password. Capital letters matter in both.")
        return log_in_page(HTTPStatus.UNAUTHORIZED, error=error, name=name)
    welcome(row)
    return redirect(local(request.args.get("next")), HTTPStatus.SEE_OTHER)


def too_often(wait: int, name: str = "") -> Response:
    """Return the page that asks somebody to wait."""
    error = ngettext(
        "Too many attempts. Please wait a second and try again.",
        "Too many attempts. Please wait %(num)s seconds and try again.",
        wait,
    )
    response = log_in_page(HTTPStatus.TOO_MANY_REQUESTS, error=error, name=name)
    response.headers["Retry-After"] = str(wait)
    return response


def log_in_page(
    status: HTTPStatus = HTTPStatus.OK, *, error: str | None = None, name: str = "", wanted: str | None = None
) -> Response:
    """Return the page that asks who somebody is, and then leads them to what they `wanted`."""
    wanted = wanted or request.args.get("next")
    return make_response(render_template("console/login.html", name=name, error=error, wanted=wanted), status)


@bp.post("/logout")
def log_out() -> Response:
    """End the session."""
    with database().write() as transaction:
        claims.release_all(transaction, moderator())
        sessions.end(transaction, current_user.get_id())
        audit.record(transaction, "log-out", who=moderator())
    return _leave(_("You are logged out."))


@bp.post("/logout-everywhere")
def log_out_everywhere() -> Response:
    """End all of this moderator's sessions."""
    with database().write() as transaction:
        claims.release_all(transaction, moderator())
        sessions.end_all(transaction, current_user.number)
        audit.record(transaction, "log-out.everywhere", who=moderator())
    return _leave(_("You are logged out everywhere."))


@bp.get("/password")
def password_form() -> Response:
    """Show a moderator their account: its language, its password, its sessions."""
    return _account_page(None)


@bp.post("/password")
def change_password() -> Response:
    """Replace the password; this moderator's other sessions end."""
    new = request.form.get("new", "")
    error = None
    if len(new) < passwords.SHORTEST:
        error = _("The new password needs at least %(least)s characters.", least=passwords.SHORTEST)
    elif new != request.form.get("again", ""):
        error = _("The two new passwords do not match.")
    elif _check(moderator(), request.form.get("old", ""))[0] is None:
        error = _("The current password is wrong.")
    if error:
        return _account_page(error)
    # Hashing is slow by intent: not while the database waits.
    hashed = passwords.hashed(new)
    with database().write() as transaction:
        row = transaction.get_one(UserRow, current_user.number)
        row.password_hash = hashed
        sessions.end_all(transaction, row.id)
        audit.record(transaction, "user.password", who=row.name, about=row.name)
        token = sessions.begin(transaction, row.id)
    _enter(row, token)
    flash(_("Password changed. You are logged out everywhere else."))
    return redirect(url_for("console.queue.show"), HTTPStatus.SEE_OTHER)


def _account_page(error: str | None) -> Response:
    """Return the page on one's own account; `error` is what was wrong with a new password."""
    own = [(name, name_of_language(name)) for name in languages()]
    page = render_template("console/account.html", error=error, shortest=passwords.SHORTEST, languages=own)
    return make_response(page, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK)


def welcome(row: UserRow) -> None:
    """Begin a session for somebody who has shown who they are."""
    with database().write() as transaction:
        token = sessions.begin(transaction, row.id)
        audit.record(transaction, "log-in", who=row.name)
    _enter(row, token)


def _enter(row: UserRow, token: str) -> None:
    """Log a moderator in, and keep what they were writing."""
    written = session.get(drafts.KEY)
    session.clear()
    if written is not None:
        session[drafts.KEY] = written
    login_user(Moderator(row, token))
    session.permanent = True


def _leave(message: str) -> Response:
    """Log a moderator out."""
    logout_user()
    session.clear()
    flash(message)
    return redirect(url_for("console.login.form"), HTTPStatus.SEE_OTHER)


def _check(name: str, password: str) -> tuple[UserRow | None, int]:
    """Return the account if the password is right, and the seconds to wait if that was tried too often."""
    with database().write() as transaction:
        counted = throttle.log_in_brakes(transaction, name, caller())
        wait = throttle.take(transaction, counted)
    if wait:
        return None, wait
    # Hashing is slow by intent: not while the database waits.
    with database().read() as transaction:
        row = check_password(transaction, name, password)
    better = passwords.hashed(password) if row is not None and passwords.is_outdated(row.password_hash) else None
    with database().write() as transaction:
        if row is None:
            # Not what was typed: it may be a password in the wrong field.
            known = find_user(transaction, name=name)
            audit.record(transaction, "log-in.failed", who=known.name if known else "nobody known")
            return None, 0
        for brake, who in counted:
            throttle.forget(transaction, brake, who)
        throttle.note_home(transaction, name, caller())
        row = transaction.get_one(UserRow, row.id)
        row.password_hash = better or row.password_hash
        return row, 0


def _load(token: str) -> Moderator | None:
    """Return who is logged in by a session's token."""
    with database().read() as transaction:
        row = sessions.find(transaction, token)
    return None if row is None else Moderator(row, token)
