"""Settings: from the environment, else what suits one machine."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.errors import BelowlineError

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
    `BUNDLE`                     `BELOWLINE_BUNDLE`, else `accurate`
    `SECRET_KEY`                 `BELOWLINE_SECRET_KEY`, else one made once and
                                 kept in `var/secret-key`
    `KEYS_REQUIRED`              true: only `serve` on loopback turns it off
    ===========================  ==============================================
    """
    found = {
        "DATABASE": os.environ.get("BELOWLINE_DATABASE") or f"sqlite:///{VAR / 'belowline.db'}",
        "BUNDLE": os.environ.get("BELOWLINE_BUNDLE") or "accurate",
        "SCORER": None,
        "KEYS_REQUIRED": True,
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "SESSION_COOKIE_NAME": "belowline",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        **given,
    }
    if not found.get("SECRET_KEY"):
        found["SECRET_KEY"] = os.environ.get("BELOWLINE_SECRET_KEY") or _kept_secret(VAR / "secret-key")
    return found


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
