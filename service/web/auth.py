"""Programs' keys: which request may do what."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from apiflask import HTTPError
from flask import Response, after_this_request, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from service.accounts.api_keys import NOTED_EVERY, ApiKey, find_key, note_use
from service.storage.database import Database
from service.web.addresses.hosts import is_public_name
from service.web.current import caller, database, known_keys
from service.web.rates import rates

P = ParamSpec("P")
R = TypeVar("R")

# A proxy in front of a loopback address makes it public: then a key is asked for.
_PROXY_HEADER = re.compile(
    r"(x-)?(forwarded|original|cluster-client|envoy-external)\b.*|via|.*-(real|client|connecting)-ip|(cf|cloudfront)-.*",
    re.IGNORECASE,
)
_log = logging.getLogger(__name__)


def needs(scope: str, *, always: bool = False, if_given: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Admit only requests whose key has `scope`.

    Parameters
    ----------
    scope
        One of `service.accounts.api_keys.SCOPES`.
    always
        Ask for a key on a loopback address too.
    if_given
        Let a request without a key pass everywhere, but none with a wrong one; what passes costs no quota.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if if_given and (_given_key() is None or _is_open()):
                return view(*args, **kwargs)
            if always or not _is_open():
                _check(scope, costs=not if_given)
            else:
                rates().spend("address", caller())
            return view(*args, **kwargs)

        return guarded

    return decorate


def _is_open() -> bool:
    """Return whether a request needs no key: it came from this machine."""
    proxied = any(_PROXY_HEADER.fullmatch(name) for name, _ in request.headers)
    public = proxied or is_public_name()
    return not current_app.config["KEYS_REQUIRED"] and not public and not _is_of_a_foreign_page()


def _is_of_a_foreign_page() -> bool:
    """Return whether a browser sent the request from another site's page."""
    # Any page that is open in a browser on this machine can send here what a form can send, and
    # the compatible APIs take that. A browser tells whose page it is; programs tell nothing.
    origin = request.headers.get("Origin")
    return origin not in {None, request.host_url.rstrip("/"), *current_app.extensions["belowline.cors"]}


def _check(scope: str, *, costs: bool) -> None:
    """Let a request in by its key and scope, or refuse it; count it against its limit."""
    given = _given_key()
    # Whoever only scores needs no database; nobody may read or write by what was true a moment ago.
    key = remembered = known_keys().get(given) if given is not None and scope == "score" else None
    if given is not None and key is None:
        with database().read() as session:
            key = find_key(session, given)
    if given is None or key is None:
        rates().spend("address", caller())
        raise _refusal(scope, given)
    if costs:
        rates().spend("key", key.name)
    if not key.allows(scope):
        raise HTTPError(403, "The key lacks a scope", f"The key {key.name!r} lacks the scope {scope!r}.")
    g.key_name = key.name
    if remembered is None:
        known_keys().remember(given, key)
        _note_use(database(), key)


def _refusal(scope: str, given: str | None) -> HTTPError:
    """Say why a request without a key that is known is refused."""
    if not current_app.config["KEYS_REQUIRED"] and _is_of_a_foreign_page():
        return HTTPError(
            403,
            "A page of another origin",
            f"This came from a page of the origin {request.headers['Origin'][:200]!r}, which may call this address "
            "only with a key. Send one, or name the origin in BELOWLINE_CORS_ORIGINS.",
        )
    if given is None:
        return HTTPError(
            401,
            "Missing key",
            f"Send a key with the scope {scope!r} as 'Authorization: Bearer', 'X-API-Key' or '?key='; "
            f"create one with `python -m service create-key NAME --scope {scope}`.",
            headers={"WWW-Authenticate": 'Bearer realm="belowline"'},
        )
    return HTTPError(
        401,
        "Unknown key",
        "This key was never created here, has been revoked, or was rotated and its grace period is over.",
        headers={"WWW-Authenticate": 'Bearer realm="belowline", error="invalid_token"'},
    )


def _note_use(db: Database, key: ApiKey) -> None:
    """Write down that a key was used: once a minute at most, and after the answer."""
    if key.last_used_at is not None and datetime.now(UTC) - key.last_used_at < NOTED_EVERY:
        return

    def write() -> None:
        try:
            with db.write() as session:
                note_use(session, key.name)
        except SQLAlchemyError:
            # Whoever called has been answered; the next call tries again.
            _log.warning("When the key %r was used could not be stored.", key.name)

    @after_this_request
    def _after(response: Response) -> Response:
        response.call_on_close(write)
        return response


def _given_key() -> str | None:
    """Return the key that a request gives, wherever it gives it."""
    if g.get("given_key"):
        # Where the clients of another API send it; `service.compat` knows.
        return str(g.given_key)
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return request.headers.get("X-API-Key") or request.headers.get("X-Goog-Api-Key") or request.args.get("key") or None
