"""How often a row comes again: our own sentences by what they teach, pieces of long comments more often."""

import numpy as np

from model.attributes import ABUSE
from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.guide import HOUSE, NEW_YORK, SENTENCES
from training.encoder.rows.abuse import AbuseRow
from training.encoder.rows.again import TWICE, of_long_ones, repeated


def row(text: str, origin: str, source: int = 0) -> AbuseRow:
    """Make a civil row."""
    return AbuseRow(text, np.zeros(len(ABUSE), np.float32), origin, source, 1.0)


def test_every_group_that_comes_twice_is_there() -> None:
    assert {sentence.group for sentence in newspaper_sentences()} >= TWICE


def test_a_sneer_comes_twice_and_a_slur_once() -> None:
    sneer = next(one for one in newspaper_sentences() if one.group == "sneer_at_reader")
    slur = next(one for one in newspaper_sentences() if one.group == "slur")
    assert [one.repeated for one in repeated([row(sneer.text, SENTENCES), row(slur.text, SENTENCES)])] == [2, 1]


def test_a_piece_of_a_long_comment_comes_more_often() -> None:
    rows = repeated([row("I take the bus.", HOUSE), row("The bus is late.", NEW_YORK)])
    assert [one.repeated for one in of_long_ones(rows, 3)] == [6, 3]


def test_a_piece_of_a_post_that_others_labelled_comes_as_often_as_the_post() -> None:
    assert [one.repeated for one in of_long_ones([row("I take the bus.", "jigsaw_wiki", source=1)], 3)] == [1]
