"""The names that the service answers to; a web page must not reach it under a name of its own."""

import ipaddress
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request

from service.web.problems import Problem, respond

#: This machine's own names.
LOCAL = ("localhost", "127.0.0.1", "::1")
_PUBLIC = "belowline.public_host"
_KNOWN = "belowline.known_hosts"


def install(app: Flask) -> None:
    """Answer to the names in `HOSTS`, and to that of `PUBLIC_URL`; to any name if there is no `HOSTS`."""
    app.extensions[_PUBLIC] = host_name(urlsplit(app.config["PUBLIC_URL"]).netloc)
    if app.config["HOSTS"] is not None:
        app.extensions[_KNOWN] = frozenset(map(host_name, app.config["HOSTS"])) | {app.extensions[_PUBLIC]} - {""}
        app.before_request(_check)


def host_name(authority: str) -> str:
    """Return the host in `host:port`, each host written one way; empty if there is none.

    A name that begins with a dot stands for all below it, and keeps the dot.
    """
    # An IPv6 address as `--host` takes it, without brackets.
    bare = authority.count(":") > 1 and not authority.startswith("[")
    name = authority if bare else urlsplit(f"//{authority}").hostname or ""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower().removesuffix(".")


def is_public_name() -> bool:
    """Return whether the request came by the name in `PUBLIC_URL`, which is not this machine's own."""
    public: str = current_app.extensions[_PUBLIC]
    return bool(public) and public not in LOCAL and host_name(request.host) == public


def _check() -> Response | None:
    """Refuse a request for a host that is not ours."""
    known: frozenset[str] = current_app.extensions[_KNOWN]
    name = host_name(request.host)
    if name in known or any(one.startswith(".") and name.endswith(one) for one in known):
        return None
    shown = request.headers.get("Host", "")
    return respond(
        Problem(
            HTTPStatus.BAD_REQUEST,
            "Unknown host",
            f"Belowline does not answer to the name {shown!r}: call it by the address it was started on, "
            "or set BELOWLINE_PUBLIC_URL to the address you use.",
        )
    )
