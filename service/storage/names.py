"""How people's names are stored."""

import unicodedata


def composed(name: str) -> str:
    """Return a name in composed form (NFC): written in two ways, it is one name."""
    return unicodedata.normalize("NFC", name)
