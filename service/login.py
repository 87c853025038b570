"""Moderators' way in and out: log-in, log-out, a password of one's own."""

import hashlib
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.security import generate_password_hash
from werkzeug.wrappers import Response

from service.database import database
from service.people import check_password
from service.tables import UserRow
from service.throttle import Throttle

bp = Blueprint("login", __name__)

SHORTEST_PASSWORD = 10
_SESSION_SECONDS = 12 * 3600


class Moderator(UserMixin):
    """Who is logged in."""

    def __init__(self, row: UserRow) -> None:
        self.number = row.id
        self.name = row.name
        # Part of the session's id, so that a changed password ends every other session.
        self._fingerprint = hashlib.sha256(row.password_hash.encode()).hexdigest()[:16]

    def get_id(self) -> str:
        """Give what the session cookie holds."""
        return f"{self.number}.{self._fingerprint}"


def install(app: Flask) -> None:
    """Prepare an app for moderators' sessions."""
    app.config["PERMANENT_SESSION_LIFETIME"] = _SESSION_SECONDS
    app.extensions["belowline.throttle"] = Throttle()
    manager = LoginManager()
    manager.init_app(app)
    manager.user_loader(_load)


def moderator() -> str:
    """Give the name of who is logged in, or nothing."""
    return str(current_user.name) if current_user.is_authenticated else ""


def to_log_in() -> Response:
    """Send somebody to log in, and then back to where they were."""
    if request.method == "POST":
        flash("Your session had ended, so nothing was recorded. Log in, and you are back where you were.")
    wanted = request.full_path.rstrip("?") if request.method == "GET" else request.form.get("back", "")
    return redirect(url_for("console.login.form", next=local(wanted)), HTTPStatus.SEE_OTHER)


def local(address: str | None) -> str:
    """Give an address of the console as it is, and for any other the list's."""
    parts = urlsplit(address or "")
    ours = not parts.scheme and not parts.netloc and (parts.path == "/review" or parts.path.startswith("/review/"))
    # A browser reads a backslash as a slash, and drops control characters.
    if not ours or "\\" in parts.path or not str(address).isprintable():
        return url_for("console.queue")
    return str(address)


@bp.get("/login")
def form() -> Response:
    """Ask for name and password."""
    if moderator():
        return redirect(local(request.args.get("next")), HTTPStatus.SEE_OTHER)
    return make_response(render_template("console/login.html", name="", error=None))


@bp.post("/login")
def log_in() -> Response:
    """Check name and password."""
    # PostgreSQL refuses NUL in a text.
    name, password = request.form.get("name", "").replace("\0", "").strip(), request.form.get("password", "")
    throttle: Throttle = current_app.extensions["belowline.throttle"]
    who = (name.casefold()[:255], request.remote_addr or "")
    if wait := throttle.wait(who):
        error = f"That was tried too often. Please wait {wait} seconds, then try again."
        page = render_template("console/login.html", name=name, error=error)
        return make_response(page, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(wait)})
    row = _check(name, password)
    if row is None:
        throttle.failed(who)
        error = "Name and password do not match. Capital letters matter in both."
        return make_response(render_template("console/login.html", name=name, error=error), HTTPStatus.UNAUTHORIZED)
    throttle.succeeded(who)
    _begin(row)
    return redirect(local(request.args.get("next")), HTTPStatus.SEE_OTHER)


@bp.post("/logout")
def log_out() -> Response:
    """End the session."""
    logout_user()
    session.clear()
    flash("You are logged out.")
    return redirect(url_for("console.login.form"), HTTPStatus.SEE_OTHER)


@bp.get("/password")
def password_form() -> Response:
    """Ask for a new password."""
    return make_response(render_template("console/password.html", error=None, shortest=SHORTEST_PASSWORD))


@bp.post("/password")
def change_password() -> Response:
    """Replace the password; this moderator's other sessions end."""
    new = request.form.get("new", "")
    error = None
    if len(new) < SHORTEST_PASSWORD:
        error = f"The new password needs at least {SHORTEST_PASSWORD} characters."
    elif new != request.form.get("again", ""):
        error = "The two new passwords differ."
    elif _check(moderator(), request.form.get("old", "")) is None:
        error = "The present password is not right."
    if error:
        page = render_template("console/password.html", error=error, shortest=SHORTEST_PASSWORD)
        return make_response(page, HTTPStatus.BAD_REQUEST)
    # Hashing is slow by intent: not while the database waits.
    hashed = generate_password_hash(new)
    with database().write() as transaction:
        row = transaction.get_one(UserRow, current_user.number)
        row.password_hash = hashed
    _begin(row)
    flash("Your password is changed. Your sessions elsewhere have ended.")
    return redirect(url_for("console.queue"), HTTPStatus.SEE_OTHER)


def _begin(row: UserRow) -> None:
    login_user(Moderator(row))
    session.permanent = True


def _check(name: str, password: str) -> UserRow | None:
    with database().read() as transaction:
        user = check_password(transaction, name, password)
        return None if user is None else transaction.get(UserRow, user.id)


def _load(session_id: str) -> Moderator | None:
    number = session_id.partition(".")[0]
    if not number.isdecimal():
        return None
    with database().read() as transaction:
        row = transaction.get(UserRow, int(number))
    found = None if row is None else Moderator(row)
    return found if found is not None and found.get_id() == session_id else None
