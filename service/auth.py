"""Programs' keys: which request may do what."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from apiflask import HTTPError
from flask import current_app, g, request

from service.database import database
from service.people import find_key

P = ParamSpec("P")
R = TypeVar("R")

# A proxy in front of a loopback address makes it public: then a key is asked for.
_PROXY_HEADERS = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def needs(scope: str, *, always: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only requests pass whose key has `scope`.

    Parameters
    ----------
    scope
        One of `service.people.SCOPES`.
    always
        Ask for a key on a loopback address too.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if always or not _is_open():
                _check(scope)
            return view(*args, **kwargs)

        return guarded

    return decorate


def _is_open() -> bool:
    proxied = any(name in request.headers for name in _PROXY_HEADERS)
    return not current_app.config["KEYS_REQUIRED"] and not proxied


def _check(scope: str) -> None:
    given = _given_key()
    if given is None:
        raise HTTPError(
            401,
            "A key is missing",
            f"Send a key of scope {scope!r} as 'Authorization: Bearer', 'X-API-Key' or '?key='; "
            f"`python -m service create-key NAME --scope {scope}` makes one.",
            headers={"WWW-Authenticate": 'Bearer realm="belowline"'},
        )
    with database().read() as session:
        key = find_key(session, given)
    if key is None:
        raise HTTPError(
            401,
            "The key is not known",
            "This key was never made here, or it was deleted.",
            headers={"WWW-Authenticate": 'Bearer realm="belowline", error="invalid_token"'},
        )
    if not key.allows(scope):
        raise HTTPError(403, "The key may not do this", f"The key {key.name!r} lacks the scope {scope!r}.")
    g.key_name = key.name


def _given_key() -> str | None:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    return request.headers.get("X-API-Key") or request.args.get("key") or None
