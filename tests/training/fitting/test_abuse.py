"""What the n-grams and heads learn of a long comment: what its pieces are known to be."""

import numpy as np
import pytest

from model.attributes import ABUSE
from model.reading.pieces import in_pieces
from model.reading.text import TextNormaliser
from training.corpus.corpus import Corpus
from training.fitting.abuse import AbuseRows, rows_in_pieces

CIVIL = "The council has published its plans for the market square, with drawings of every stall and tree. "
INSULT = "Only a brainless parasite like you could want it. "
THREAT = "I will find you tonight and hurt you for what you wrote. "
LONG = CIVIL * 4 + INSULT + CIVIL * 2 + THREAT + CIVIL
TOXICITY, SWEARING, THREATENING = (ABUSE.index(name) for name in ("toxicity", "profanity", "threat"))


def rows(*comments: tuple[str, dict[int, float]]) -> AbuseRows:
    """Cut labelled comments; columns that are not named are 0."""
    labels = np.zeros((len(comments), len(ABUSE)), np.float32)
    for i, (_, given) in enumerate(comments):
        labels[i, list(given)] = list(given.values())
    texts, ones = [text for text, _ in comments], np.ones(len(comments), np.float32)
    corpus = Corpus(texts, labels, ones, np.full(len(texts), "house", object), np.full(len(texts), np.nan, np.float32))
    cut = in_pieces(TextNormaliser([]).normalise_many(texts))
    odds = np.full((len(cut.plain), len(ABUSE)), -3.0, np.float32)
    for i, piece in enumerate(cut.plain):
        odds[i, TOXICITY] = 3.0 if "parasite" in piece else 2.0 if "hurt" in piece else -3.0
        odds[i, THREATENING] = 3.0 if "hurt" in piece else -3.0
    return rows_in_pieces(corpus, cut, odds)


def known(found: AbuseRows, column: int) -> dict[str, float]:
    """Return the pieces of which a label is known, with it."""
    values = found.corpus.labels[:, column]
    return {found.texts[i].strip(): round(float(values[i]), 2) for i in np.flatnonzero(np.isfinite(values)).tolist()}


def test_a_label_is_known_of_the_piece_that_is_worst_by_it() -> None:
    found = rows((LONG, {TOXICITY: 0.9, THREATENING: 0.7}))
    assert known(found, TOXICITY) == {INSULT.strip(): np.float32(0.9).round(2)}
    assert known(found, THREATENING) == {THREAT.strip(): np.float32(0.7).round(2)}


def test_what_a_comment_is_not_none_of_its_pieces_is() -> None:
    found = rows((LONG, {TOXICITY: 0.9}))
    assert set(known(found, SWEARING).values()) == {0.0}
    assert len(known(found, SWEARING)) == len({text.strip() for text in found.texts})


def test_short_and_long_comments_keep_their_own_labels() -> None:
    found = rows((INSULT, {TOXICITY: 0.8}), (CIVIL * 9, {TOXICITY: 0.1}), (LONG, {TOXICITY: 0.9}), (CIVIL, {}))
    labels = found.corpus.labels[:, TOXICITY].round(2).tolist()
    texts = [text.strip() for text in found.texts]
    assert (texts[0], labels[0]) == (INSULT.strip(), pytest.approx(0.8))
    assert (texts[-1], labels[-1]) == (CIVIL.strip(), 0.0)
    assert labels[texts.index(INSULT.strip(), 1)] == pytest.approx(0.9)
    assert labels[1] == labels[2] == pytest.approx(0.1)
