"""The key that signs moderators' sessions: made once, where no setting names one."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from model.errors import BelowlineError

#: Beside the database, where no setting says otherwise.
FILE = Path("var/secret-key")


class SecretKeyError(BelowlineError):
    """A key that can be neither read nor made."""


def kept_secret_key(path: Path = FILE) -> str:
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
        raise SecretKeyError(
            f"{path} cannot be read or created ({error.strerror}): set BELOWLINE_SECRET_KEY."
        ) from error
    if not secret:
        raise SecretKeyError(f"{path} is empty: delete it to have a new key created.")
    return secret
