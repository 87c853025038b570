"""Which of our attributes a name of the Perspective API means."""

from collections.abc import Collection

from model.attributes import ATTRIBUTES

#: Names that Google gave to the same thing at other times.
_ALSO = {"TOXICITY_FAST": "toxicity", "OBSCENE": "profanity"}
_OURS = {attribute.perspective: attribute.name for attribute in ATTRIBUTES} | _ALSO


def attribute_of(name: str, modelled: Collection[str]) -> str | None:
    """Return our attribute, or None if the bundle does not score what the name means.

    `TOXICITY@6` and `TOXICITY_EXPERIMENTAL` mean `TOXICITY`: there is one
    version of it here, the bundle's.
    """
    plain = name.partition("@")[0]
    found = _OURS.get(plain) or _OURS.get(plain.removesuffix("_EXPERIMENTAL"))
    return found if found in modelled else None
