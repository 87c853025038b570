"""Settings: from the environment, else what suits one machine."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.errors import BelowlineError
from service.people_settings import people_settings
from service.queue_settings import queue_settings
from service.staffing.newsroom import newsroom_settings

#: Where the database and the secret key lie if nobody says otherwise.
VAR = Path("var")
#: 1,000 comments of a usual length with an article; a single comment may have 64 KiB.
MAX_BODY = 16 * 1024 * 1024


class ConfigError(BelowlineError):
    """A setting that is missing or makes no sense."""


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the given settings.

    ===========================  ==============================================
    `DATABASE`                   `BELOWLINE_DATABASE`, else SQLite in `var/`
    `BUNDLE`                     `BELOWLINE_BUNDLE`, else the one that was promoted,
                                 and `accurate` before one was
    `BUNDLES`                    `BELOWLINE_BUNDLES`, else `var/bundles`: the shelf
                                 of promoted ones
    `SECRET_KEY`                 `BELOWLINE_SECRET_KEY`, else one made once and
                                 kept in `var/secret-key`
    `KEYS_REQUIRED`              true: only `serve` on loopback turns it off
    `PUBLIC_URL`                 `BELOWLINE_PUBLIC_URL`: the address that others
                                 see, else the one that a request was sent to
    `RECENT_ARTICLES`            100: how many stored articles a comment is held
                                 against besides its own
    `CORS_ORIGINS`               `BELOWLINE_CORS_ORIGINS`: whose pages may call
                                 the API, separated by spaces; else none
    `RATE_LIMIT`                 `BELOWLINE_RATE_LIMIT`, else 12000/minute a key
    `RATE_LIMIT_ADDRESS`         `BELOWLINE_RATE_LIMIT_ADDRESS`, else 120/minute
                                 an address without a good key; off where no
                                 key is required
    `CORAL_SECRETS`              `BELOWLINE_CORAL_SECRETS`, else none
    `CORAL_ABUSE`                `BELOWLINE_CORAL_ABUSE`, else flag
    `CORAL_OFF_TOPIC`            `BELOWLINE_CORAL_OFF_TOPIC`, else flag
    `FRAME_ANCESTORS`, others    of readers and moderators:
                                 `service.people_settings`
    `WORKERS`, `THREADS`         how it is served, which bounds how many comments
                                 wait to be scored
    `AKISMET`, `DISCOURSE`       `BELOWLINE_AKISMET`, `BELOWLINE_DISCOURSE`: on
                                 with 1, else off
    `SHARES` and others          of the queue: `service.queue_settings`
    `TIMEZONE`, `HOLIDAYS`       of the newsroom: `service.staffing.newsroom`
    ===========================  ==============================================
    """
    found = {
        "DATABASE": os.environ.get("BELOWLINE_DATABASE") or f"sqlite:///{VAR / 'belowline.db'}",
        "BUNDLE": os.environ.get("BELOWLINE_BUNDLE", ""),
        "BUNDLES": os.environ.get("BELOWLINE_BUNDLES") or str(VAR / "bundles"),
        "SCORER": None,
        "KEYS_REQUIRED": True,
        "PUBLIC_URL": os.environ.get("BELOWLINE_PUBLIC_URL", ""),
        "RECENT_ARTICLES": 100,
        "CORS_ORIGINS": os.environ.get("BELOWLINE_CORS_ORIGINS", ""),
        "RATE_LIMIT": os.environ.get("BELOWLINE_RATE_LIMIT") or "12000/minute",
        "CORAL_SECRETS": os.environ.get("BELOWLINE_CORAL_SECRETS", "").replace(",", " ").split(),
        "CORAL_ABUSE": os.environ.get("BELOWLINE_CORAL_ABUSE") or "flag",
        "CORAL_OFF_TOPIC": os.environ.get("BELOWLINE_CORAL_OFF_TOPIC") or "flag",
        "WORKERS": 1,
        "THREADS": 32,
        "AKISMET": _is_on("BELOWLINE_AKISMET"),
        "DISCOURSE": _is_on("BELOWLINE_DISCOURSE"),
        "MAX_CONTENT_LENGTH": MAX_BODY,
        **people_settings(),
        **queue_settings(),
        **newsroom_settings(),
        "SESSION_COOKIE_NAME": "belowline",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        **given,
    }
    # A proxy of one's own speaks HTTPS to the world.
    found.setdefault("SESSION_COOKIE_SECURE", bool(found["PROXIES"]))
    found.setdefault(
        "RATE_LIMIT_ADDRESS",
        os.environ.get("BELOWLINE_RATE_LIMIT_ADDRESS") or ("120/minute" if found["KEYS_REQUIRED"] else "off"),
    )
    if not found.get("SECRET_KEY"):
        found["SECRET_KEY"] = os.environ.get("BELOWLINE_SECRET_KEY") or _kept_secret(VAR / "secret-key")
    return found


def _is_on(name: str) -> bool:
    given = os.environ.get(name) or "0"
    if given not in {"0", "1"}:
        raise ConfigError(f"{name} is {given!r}: set it to 1, or to 0 for off.")
    return given == "1"


def _kept_secret(path: Path) -> str:
    """Read the key that signs sessions; make it first if there is none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            # mkstemp's file is its owner's alone, and a link appears with its content: several
            # processes that start at once all read the same key.
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(32))
            with contextlib.suppress(FileExistsError):
                os.link(name, path)
            Path(name).unlink()
        secret = path.read_text().strip()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read or made ({error.strerror}): set BELOWLINE_SECRET_KEY.") from error
    if not secret:
        raise ConfigError(f"{path} is empty: delete it, and a new key is made.")
    return secret
