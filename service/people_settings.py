"""The settings that concern readers and moderators, checked before anything starts."""

import os
import re
from datetime import timedelta
from typing import Any

from model.errors import BelowlineError

_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")


class PeopleSettingError(BelowlineError):
    """A setting that makes no sense."""


def people_settings() -> dict[str, Any]:
    """Read these settings from the environment.

    =====================  ====================================================
    `FRAME_ANCESTORS`      `BELOWLINE_FRAME_ANCESTORS`: the sites that may show
                           the report form in a frame; else none
    `REPORTER_HALF_LIFE`   `BELOWLINE_REPORTER_HALF_LIFE`: days after which what
                           is known of a reporter counts half; else 90
    `PROXIES`              `BELOWLINE_PROXIES`: how many proxies of one's own
                           stand before the service; else 0
    `OIDC_ISSUER`          `BELOWLINE_OIDC_ISSUER`: the OpenID provider that
                           moderators may log in by; else none
    `OIDC_CLIENT_ID`       `BELOWLINE_OIDC_CLIENT_ID` and `_SECRET`: what the
    `OIDC_CLIENT_SECRET`   provider knows this service by
    `OIDC_CLAIM`           `BELOWLINE_OIDC_CLAIM`: what of a person is the name
                           of their account here; else `email`
    =====================  ====================================================
    """
    return {
        "FRAME_ANCESTORS": _origins("BELOWLINE_FRAME_ANCESTORS"),
        "REPORTER_HALF_LIFE": timedelta(days=_number("BELOWLINE_REPORTER_HALF_LIFE", 90, least=1, most=36_500)),
        "PROXIES": _number("BELOWLINE_PROXIES", 0, least=0, most=10),
        **_oidc(),
    }


def _oidc() -> dict[str, str]:
    found = {
        "OIDC_ISSUER": os.environ.get("BELOWLINE_OIDC_ISSUER", "").rstrip("/"),
        "OIDC_CLIENT_ID": os.environ.get("BELOWLINE_OIDC_CLIENT_ID", ""),
        "OIDC_CLIENT_SECRET": os.environ.get("BELOWLINE_OIDC_CLIENT_SECRET", ""),
        "OIDC_CLAIM": os.environ.get("BELOWLINE_OIDC_CLAIM") or "email",
    }
    missing = [name for name, value in found.items() if not value]
    if found["OIDC_ISSUER"] and missing:
        raise PeopleSettingError(f"BELOWLINE_OIDC_ISSUER is set, so BELOWLINE_{missing[0]} has to be set too.")
    if found["OIDC_ISSUER"] and not re.match(r"https://|http://(localhost|127\.0\.0\.1)(:|/|$)", found["OIDC_ISSUER"]):
        raise PeopleSettingError(f"BELOWLINE_OIDC_ISSUER is {found['OIDC_ISSUER']!r}: it should begin with https://.")
    return found


def _number(name: str, default: int, *, least: int, most: int) -> int:
    given = os.environ.get(name) or str(default)
    if not given.isascii() or not given.isdecimal() or not least <= int(given) <= most:
        raise PeopleSettingError(f"{name} is {given!r}: it should be a whole number from {least} to {most:,}.")
    return int(given)


def _origins(name: str) -> str:
    given = os.environ.get(name, "").split()
    for origin in given:
        if not _ORIGIN.fullmatch(origin):
            raise PeopleSettingError(
                f"{name}: {origin!r} is no site; write them as https://www.example.org, with spaces."
            )
    return " ".join(given) or "'none'"
