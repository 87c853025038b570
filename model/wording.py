"""Wording that the messages of all programs share."""


def counted(number: int, what: str) -> str:
    """Return how many of something there are: `1 comment`, `1,200 comments`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
