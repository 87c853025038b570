"""Comments to time with: never the same one twice, each of about the length asked for."""

import random
from collections.abc import Iterator, Sequence

_WHO = (
    "The council", "My neighbour", "This government", "Every commuter", "The author", "Our local paper", "Nobody here",
    "The minister", "Half of the country", "The union", "That referee", "The head teacher", "A friend of mine",
    "The driver", "Some idiot", "The editor", "Anyone with sense", "The company", "Her party", "The hospital",
)  # fmt: skip
_DOES = (
    "ignores", "has never understood", "is right about", "keeps talking of", "should pay for", "cannot explain",
    "has ruined", "voted for", "will regret", "wrote well about", "lied about", "is fed up with", "forgot",
    "depends on", "laughs at", "complained of", "hates", "would miss", "invented", "is too stupid for",
)  # fmt: skip
_WHAT = (
    "the price of bread", "bicycle lanes", "the new stadium", "school meals", "the last budget", "a damn good film",
    "the ferry to the islands", "house prices", "the night buses", "broken windows", "rubbish in the park",
    "the pension age", "doctors' waiting lists", "the old library", "football on Sundays", "speed cameras",
    "the cost of heating", "this ridiculous headline", "the harvest", "the trial",
)  # fmt: skip
_THEN = (
    "and so it goes on", "as we all know", "which is a shame", "if you ask me", "and nobody cares", "again",
    "for the third time", "whatever they say", "and I have the letters to prove it", "sad to say", "at long last",
    "since the election", "in this town", "just look at the figures", "no surprise there", "thank goodness",
)  # fmt: skip


def comments(length: int, texts: Sequence[str] = (), seed: int = 0) -> Iterator[str]:
    """Yield comments without end, each of about `length` characters.

    Parameters
    ----------
    length
        What to cut the words into; a comment is at least one word.
    texts
        Where the words come from, in their order; sentences are made up if
        there are none. When they are at an end, they come again in another
        order.
    seed
        Decides what is made up.
    """
    words = _words(texts, random.Random(seed))
    comment = next(words)
    for word in words:
        if len(comment) + 1 + len(word) > length:
            yield comment
            comment = word
        else:
            comment = f"{comment} {word}"


def _words(texts: Sequence[str], rng: random.Random) -> Iterator[str]:
    """Yield words without end, from the given texts or made up."""
    known = [word for text in texts for word in text.split()]
    while True:
        if known:
            yield from known
            # What is timed reads words and their neighbours, not sense.
            rng.shuffle(known)
        else:
            sentence = " ".join(rng.choice(part) for part in (_WHO, _DOES, _WHAT, _THEN))
            # Numbers make what is said new, as names and prices do in real comments.
            yield from f"{sentence}, {rng.randrange(1000)}.".split()
