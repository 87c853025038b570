"""Passwords, kept as Argon2id hashes; those of an earlier version are still understood."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.security import check_password_hash

SHORTEST = 10
# OWASP's least for Argon2id: 19 MiB and two passes, so that eight log-ins at once fit a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def made_up() -> str:
    """Make a password that nobody can guess."""
    return secrets.token_urlsafe(12)


def hashed(password: str) -> str:
    """Hash a password; slow on purpose."""
    return _HASHER.hash(password)


def matches(kept: str, password: str) -> bool:
    """Return whether a password is the one of a hash; as slow."""
    if not kept.startswith("$argon2"):
        return check_password_hash(kept, password)
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Return whether a hash was made in another way than today's."""
    return not kept.startswith("$argon2") or _HASHER.check_needs_rehash(kept)


@cache
def nobodys() -> str:
    """Return a hash to compare with where there is no account: it takes as long."""
    return hashed(made_up())
