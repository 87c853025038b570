"""A bundle being taught sees a long comment as a scorer does: in pieces, of which the worst counts."""

from functools import cache

import numpy as np
import pytest

from model.attributes import ABUSE
from model.bundling.manifest import SHIPPED, open_bundle
from model.records import Comment
from model.scoring.loading import load_bundle
from training.corpus.corpus import Corpus
from training.progress import silent
from training.teaching.student import Student, read_student

CIVIL = "The council has published its plans for the market square, with drawings of every stall and tree. "
INSULT, THREAT = "You are a stupid worthless idiot. ", "I will kill you tonight at your house. "
#: A short one stands between two long ones: no piece may count for its neighbour.
TEXTS = (
    CIVIL * 3 + INSULT + CIVIL * 3 + THREAT + CIVIL * 3,
    "Thank you for this article.",
    CIVIL * 31 + INSULT,
    INSULT,
)


def corpus(texts: tuple[str, ...]) -> Corpus:
    count = len(texts)
    unknown = np.full((count, len(ABUSE)), np.nan, np.float32)
    ones = np.ones(count, np.float32)
    return Corpus(list(texts), unknown, ones, np.full(count, "newsroom", object), np.full(count, np.nan, np.float32))


@cache
def student() -> Student:
    return read_student(open_bundle(SHIPPED / "fast"), corpus(TEXTS), corpus(()), silent, teaches_reject=False)


@pytest.mark.parametrize("name", ["toxicity", "threat", "insult"])
def test_its_scores_are_the_bundles(name: str) -> None:
    scorer = load_bundle("fast")
    expected = [scores.values[name] for scores in scorer.score_many([Comment(text) for text in TEXTS])]
    # What phrases add ("I will kill you") is the scorer's alone.
    assert student().scores(name)[1:] == pytest.approx(expected[1:], abs=1e-5)


def test_each_attribute_has_a_worst_piece_of_its_own() -> None:
    cut = student().cut
    pieces = {name: cut.texts[cut.worst_piece(student()._of_pieces(name))[0]].text for name in ("insult", "threat")}  # noqa: SLF001 - which piece a label teaches
    assert pieces["insult"].strip() == INSULT.strip()
    assert pieces["threat"].strip() == THREAT.strip()


def test_some_of_its_comments_score_as_among_all() -> None:
    chosen = np.array([0, 3])
    assert student().rows(chosen).odds("toxicity").tolist() == student().odds("toxicity")[chosen].tolist()


def test_a_label_teaches_the_words_that_made_the_score() -> None:
    truth = np.array([np.nan, 0.5, 0.0, np.nan], np.float32)
    taught = student().taught("insult", truth, np.ones(4, np.float32), np.ones(4, bool))
    column = ABUSE.index("insult")
    # The insult stands behind three thousand civil characters, and it alone was called harmless.
    before, after = (
        one.weights.ngrams([INSULT, CIVIL]).dot(one.weights.margins)[:, column] for one in (student(), taught)
    )
    assert after[0] < before[0]
    assert abs(after[1] - before[1]) < (before[0] - after[0]) / 2
