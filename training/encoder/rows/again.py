"""How often an encoder that goes on learning reads a row again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.guide import ANNOTATED, HOUSE, NEW_YORK, RELABELLED, SENTENCES
from training.encoder.rows.abuse import AbuseRow, read_as

#: How often a row labelled by the guide comes.
_AGAIN = {HOUSE: 2, ANNOTATED: 2, RELABELLED: 1, NEW_YORK: 1, SENTENCES: 1}
#: Of our own sentences, those of these groups come twice, abusive and civil ones: what is said without a swear word
#: is learnt slowly.
TWICE = frozenset(
    {
        "accusation",
        "belittling",
        "dog_whistle",
        "excerpt",
        "gloating",
        "hate_asked_or_opined",
        "ironic_praise",
        "long_text",
        "quotation",
        "reply",
        "sneer_at_author",
        "sneer_at_reader",
        "urges_self_harm",
        "veiled_threat",
        "wish_of_harm",
    }
)


def repeated(rows: Iterable[AbuseRow]) -> Iterator[AbuseRow]:
    """Say of rows labelled by the guide how often they come."""
    twice = {read_as(sentence.text)[0] for sentence in newspaper_sentences() if sentence.group in TWICE}
    for row in rows:
        yield replace(row, repeated=_AGAIN[row.origin] * (2 if row.text in twice else 1))


def of_long_ones(pieces: Iterable[AbuseRow], times: int) -> Iterator[AbuseRow]:
    """Let pieces of long texts labelled by the guide come so many times as often as the texts would."""
    for piece in pieces:
        yield piece if piece.source else replace(piece, repeated=times * piece.repeated)
