"""Log-in by the newspaper's own OpenID Connect provider, where the settings name one.

The code flow with PKCE; Authlib checks state, nonce and the ID token.
"""

from http import HTTPStatus
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, request, session, url_for
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from service.accounts import throttle
from service.accounts.users import find_account
from service.console import login
from service.storage import audit
from service.web.current import caller, database
from service.wording.catalogue import gettext as _
from service.wording.catalogue import lazy_gettext

bp = Blueprint("oidc", __name__)

_EXTENSION = "belowline.oidc"
#: Where the session keeps what somebody wanted to see.
_WANTED = "wanted"
#: Seconds for each question to the provider.
_PATIENCE = 10
_DID_NOT_WORK = lazy_gettext(
    "Log-in failed. Please try again; if it keeps failing, whoever runs Belowline will find the reason in the log."
)


def install(app: Flask) -> None:
    """Prepare to ask the provider; nothing is asked before somebody logs in."""
    issuer = app.config["OIDC_ISSUER"]
    if not issuer:
        return
    oauth = OAuth(app)
    app.extensions[_EXTENSION] = oauth.register(
        "oidc",
        client_id=app.config["OIDC_CLIENT_ID"],
        client_secret=app.config["OIDC_CLIENT_SECRET"],
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": _PATIENCE,
        },
    )


@bp.get("/login/openid")
def go_to_provider() -> Response:
    """Send somebody to the OpenID provider to log in."""
    session[_WANTED] = login.local(request.args.get("next"))
    try:
        answer: Response = _client().authorize_redirect(url_for("console.oidc.come_back", _external=True))
    except (AuthlibBaseError, requests.RequestException) as error:
        # No audit entry: nobody has tried to be somebody yet.
        _log_failure(error)
        return _refused(_DID_NOT_WORK)
    return answer


@bp.get("/login/openid/back")
def come_back() -> Response:
    """Let in whoever the provider vouches for, if they have an account here."""
    client = _client()
    if _WANTED not in session:
        # Whoever calls this out of nowhere has tried nothing that the audit need tell of.
        return _refused(_DID_NOT_WORK)
    with database().write() as transaction:
        wait = throttle.take(transaction, [(throttle.ADDRESS, caller())])
    if wait:
        return login.too_often(wait)
    try:
        claims = client.authorize_access_token()["userinfo"]
    except (AuthlibBaseError, JoseError, requests.RequestException, KeyError, ValueError) as error:
        return _failed(error)
    with database().write() as transaction:
        row = find_account(
            transaction, claims, issuer=current_app.config["OIDC_ISSUER"], claim=current_app.config["OIDC_CLAIM"]
        )
        if row is None:
            audit.record(transaction, "log-in.failed", who="nobody known")
        else:
            throttle.forget(transaction, throttle.ADDRESS, caller())
    if row is None:
        return _refused(
            _("Your newspaper knows you, but you have no account here. Whoever runs Belowline can create one.")
        )
    wanted = login.local(session.get(_WANTED))
    login.welcome(row)
    return redirect(wanted, HTTPStatus.SEE_OTHER)


def _client() -> Any:
    """Return the client of the identity provider; an unknown address where none is set."""
    client = current_app.extensions.get(_EXTENSION)
    if client is None:
        abort(HTTPStatus.NOT_FOUND)
    return client


def _failed(error: Exception) -> Response:
    """Record that a log-in by OpenID Connect failed, and ask to log in again."""
    _log_failure(error)
    with database().write() as transaction:
        audit.record(transaction, "log-in.failed", who="nobody known")
    return _refused(_DID_NOT_WORK)


def _log_failure(error: Exception) -> None:
    """Log the kind of error by which a log-in by OpenID Connect failed."""
    # Not the error's own text: it may hold a code or a token.
    current_app.logger.warning("A log-in by OpenID Connect failed: %s", type(error).__name__)


def _refused(error: str) -> Response:
    """Show the log-in page again with an error."""
    wanted = session.get(_WANTED)
    session.clear()
    return login.log_in_page(HTTPStatus.UNAUTHORIZED, error=error, wanted=wanted)
