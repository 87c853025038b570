"""What a request has at hand: the caller, the database, the scorer it began with, and what the app keeps."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from flask import Flask, Response, current_app, g, has_request_context, request

from service.accounts.known_keys import KnownKeys
from service.moderation.judge import Judge
from service.staffing.choices import Choices
from service.staffing.choices_store import KeptChoices
from service.staffing.newsroom import Newsroom
from service.storage import audit
from service.storage.audit_check import AuditCheck
from service.storage.database import Database

if TYPE_CHECKING:
    # The server's parent process imports this too, and must not have numpy and onnxruntime before it forks.
    from service.counters import Metrics
    from service.insights.drift import KeptDrift
    from service.scoring.scorer import Scoring
    from service.staffing.budget import KeptBudget

#: Bits of an address that one subscriber has, and that whole networks share.
_SUBSCRIBER = {4: 32, 6: 64}
_NETWORK = {4: 24, 6: 48}


def install(app: Flask) -> None:
    """Name the bundle in each answer that holds its scores, whatever form the API has."""
    app.after_request(_tell_bundle)


def database() -> Database:
    """Return the app's database."""
    found: Database = current_app.extensions["belowline.database"]
    return found


def known_keys() -> KnownKeys:
    """Return the programs' keys that were found good a moment ago."""
    found: KnownKeys = current_app.extensions["belowline.known_keys"]
    return found


def counters() -> "Metrics":
    """Return what counts for Prometheus."""
    found: Metrics = current_app.extensions["belowline.metrics"]
    return found


def via() -> str:
    """Return by which way something is written now, as the audit has it."""
    if not has_request_context():
        return audit.COMMAND_LINE
    if key := g.get("key_name"):
        return f"key {key}"
    return "console" if request.path.startswith("/review") else "API"


def caller() -> str:
    """Return who calls: an IPv4 address, or the /64 of an IPv6 one, of which one machine has them all."""
    return _part_of(request.remote_addr or "", _SUBSCRIBER)


def callers_network() -> str:
    """Return the network that the caller is in: a /24 of IPv4, a /48 of IPv6."""
    return _part_of(request.remote_addr or "", _NETWORK)


def kept_choices() -> KeptChoices:
    """Return what follows the settings that admins change."""
    found: KeptChoices = current_app.extensions["belowline.choices"]
    return found


def current_choices() -> Choices:
    """Return the settings that admins change, as they are now."""
    return kept_choices().now


def newsroom() -> Newsroom:
    """Return the newsroom, as it is now."""
    return current_choices().newsroom


def current_scorer() -> "Scoring":
    """Return what scores; a request keeps the one that it began with, whatever is promoted meanwhile."""
    if "scorer" not in g:
        g.scorer = current_app.extensions["belowline.scorer"]
    found: Scoring = g.scorer
    return found


def current_judge() -> Judge:
    """Return what judges comments: the request's scorer, with the app's latest articles."""
    return Judge(current_scorer(), current_app.extensions["belowline.recent"])


def kept_budget() -> "KeptBudget":
    """Return what keeps the budget of now."""
    found: KeptBudget = current_app.extensions["belowline.budget"]
    return found


def kept_drift() -> "KeptDrift":
    """Return what keeps the latest look at drift."""
    found: KeptDrift = current_app.extensions["belowline.drift"]
    return found


def audit_check() -> AuditCheck:
    """Return what verifies the audit, and remembers how far it did."""
    found: AuditCheck = current_app.extensions["belowline.audit_check"]
    return found


def _tell_bundle(response: Response) -> Response:
    """Name the bundle in an answer's headers."""
    if "let_in" in g:
        manifest = current_scorer().manifest
        response.headers["X-Belowline-Model"] = f"{manifest.tier}/{manifest.version}"
    return response


def _part_of(address: str, bits: dict[int, int]) -> str:
    """Return the part of an address that counts as one caller."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        # A Unix socket has none.
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    size = bits[found.version]
    return str(found) if size == found.max_prefixlen else str(ip_network((found, size), strict=False))
