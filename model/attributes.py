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
    openai
        Categories of OpenAI's moderations that it is evidence for.
    detoxify
        Its name in Detoxify, where that has it.
    columns
        Names that public data sets give to its labels.
    """

    name: str
    definition: str
    phrase: str
    perspective: str
    columns: tuple[str, ...] = ()
    openai: tuple[str, ...] = ()
    detoxify: str | None = None


#: What a newsroom's own decisions teach, once there are enough of them.
REJECT = "likely_to_reject"

ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute(
        "toxicity",
        "Rude, disrespectful or unreasonable: likely to make someone leave the discussion.",
        "abusive",
        "TOXICITY",
        ("toxic", "target", "is_toxic"),
        openai=("harassment",),
        detoxify="toxicity",
    ),
    Attribute(
        "severe_toxicity",
        "Very hateful, aggressive or disrespectful.",
        "severely abusive",
        "SEVERE_TOXICITY",
        ("severe_toxic",),
        detoxify="severe_toxicity",
    ),
    Attribute(
        "insult",
        "Demeaning or inflammatory towards a person or several.",
        "an insult",
        "INSULT",
        openai=("harassment",),
        detoxify="insult",
    ),
    Attribute(
        "profanity",
        "Swear words or other obscene language.",
        "profane",
        "PROFANITY",
        ("obscene", "obscenity"),
        detoxify="obscene",
    ),
    Attribute(
        "threat",
        "Intends or wishes pain, injury or violence against someone.",
        "a threat",
        "THREAT",
        openai=("harassment/threatening", "violence"),
        detoxify="threat",
    ),
    Attribute(
        "identity_attack",
        "Hateful towards people for who they are: religion, origin, sex, disability and the like.",
        "an attack on people for who they are",
        "IDENTITY_ATTACK",
        ("identity_hate", "hate"),
        openai=("hate",),
        detoxify="identity_attack",
    ),
    Attribute(
        "off_topic",
        "Has nothing to do with the article, nor with the comment that it answers.",
        "off topic",
        "OFF_TOPIC",
    ),
    Attribute(
        REJECT,
        "This newsroom's moderators would remove it, as learnt from their own decisions.",
        "what this newsroom usually removes",
        "LIKELY_TO_REJECT",
        ("removed", "rejected"),
    ),
)

BY_NAME = {attribute.name: attribute for attribute in ATTRIBUTES}
#: What is scored from a comment's words alone, in the order of the heads.
ABUSE = ("toxicity", "severe_toxicity", "insult", "profanity", "threat", "identity_attack")
