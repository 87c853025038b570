"""The table of what is scored, and each thing's names in other programs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing that is scored.

    Attributes
    ----------
    name
        Its name everywhere in Belowline.
    definition
        One sentence: what a high score says.
    phrase
        What a reason says of a comment: "reads as <phrase>".
    perspective
        Its name in the Perspective API.
    columns
        Names that public data sets give to its labels.
    """

    name: str
    definition: str
    phrase: str
    perspective: str
    columns: tuple[str, ...] = ()


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "toxicity",
        "Rude, disrespectful or unreasonable: likely to make someone leave the discussion.",
        "abusive",
        "TOXICITY",
        ("toxic", "target", "is_toxic"),
    ),
    Attribute(
        "severe_toxicity",
        "Very hateful, aggressive or disrespectful.",
        "severely abusive",
        "SEVERE_TOXICITY",
        ("severe_toxic",),
    ),
    Attribute(
        "insult",
        "Demeaning or inflammatory towards a person or several.",
        "an insult",
        "INSULT",
    ),
    Attribute(
        "profanity",
        "Swear words or other obscene language.",
        "profane",
        "PROFANITY",
        ("obscene", "obscenity"),
    ),
    Attribute(
        "threat",
        "Intends or wishes pain, injury or violence against someone.",
        "a threat",
        "THREAT",
    ),
    Attribute(
        "identity_attack",
        "Hateful towards people for who they are: religion, origin, sex, disability and the like.",
        "an attack on people for who they are",
        "IDENTITY_ATTACK",
        ("identity_hate", "hate"),
    ),
    Attribute(
        "off_topic",
        "Has nothing to do with the article, nor with the comment that it answers.",
        "off topic",
        "OFF_TOPIC",
    ),
    Attribute(
        "likely_to_reject",
        "This newsroom's moderators would remove it, as learnt from their own decisions.",
        "what this newsroom usually removes",
        "LIKELY_TO_REJECT",
        ("removed", "rejected"),
    ),
)

BY_NAME = {attribute.name: attribute for attribute in ATTRIBUTES}
#: What is scored from a comment's words alone, in the order of the heads.
ABUSE = ("toxicity", "severe_toxicity", "insult", "profanity", "threat", "identity_attack")
