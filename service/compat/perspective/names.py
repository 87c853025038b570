"""Which of our attributes the Perspective API's names mean."""

from collections.abc import Collection

from model.attributes import ATTRIBUTES

#: Names that Google gave to the same thing at other times.
_ALSO = {"TOXICITY_FAST": "toxicity", "OBSCENE": "profanity"}
_OURS = {attribute.perspective: attribute.name for attribute in ATTRIBUTES} | _ALSO
#: What Google has scored besides, in production or as an experiment.
_GOOGLES_OWN = frozenset(
    (
        *("SEXUALLY_EXPLICIT", "FLIRTATION"),
        *("ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "ATTACK_ON_PUBLISHER", "INCOHERENT", "INFLAMMATORY", "SPAM"),
        *("UNSUBSTANTIAL", "AFFINITY", "COMPASSION", "CURIOSITY", "NUANCE", "PERSONAL_STORY", "REASONING", "RESPECT"),
        *("ALIENATION", "FEARMONGERING", "GENERALIZATION", "MORAL_OUTRAGE", "POWER_APPEAL", "SCAPEGOATING"),
    )
)


def attribute_of(name: str, modelled: Collection[str]) -> str | None:
    """Return our attribute, or None if the bundle does not score what the name means.

    `TOXICITY@6` and `TOXICITY_EXPERIMENTAL` mean `TOXICITY`: there is one
    version of it here, the bundle's.
    """
    found = next((_OURS[plain] for plain in _plain(name) if plain in _OURS), None)
    return found if found in modelled else None


def is_googles(name: str) -> bool:
    """Return whether Google has scored something of this name, so that it is no slip of the pen."""
    return any(plain in _OURS or plain in _GOOGLES_OWN for plain in _plain(name))


def _plain(name: str) -> tuple[str, str]:
    """Return an attribute's name without its version, and without `_EXPERIMENTAL` too."""
    versionless = name.partition("@")[0]
    return versionless, versionless.removesuffix("_EXPERIMENTAL")
