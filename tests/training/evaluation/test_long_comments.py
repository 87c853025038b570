"""Abuse that hides among civil comments, and civil comments that are long."""

from itertools import cycle, islice

import numpy as np
import pandas as pd

from model.records import Comment
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from training.corpus.dev_sets import JudgedComments, Sides
from training.evaluation.long_comments import civil_flags, hidden
from training.progress import silent

ABUSIVE = (
    "You are a stupid idiot and everybody knows it.",
    "Shut up, you pathetic moron, and crawl back under your stone.",
    "Idiot.",
    "He was last seen near the old harbour, where his sort belongs.",
)
CIVIL = (
    "The ferry was late again today.",
    "I think the harbour master is wrong on this, and the figures in the article show why.",
    "My father took the seven o'clock boat for thirty years and never once complained.",
)


def judged() -> JudgedComments:
    """Return a set whose comments clearly are abusive or clearly are not."""
    texts = [*ABUSIVE, *islice(cycle(CIVIL), 30)]
    yes = np.arange(len(texts)) < len(ABUSIVE)
    return JudgedComments("set", list(map(Comment, texts)), {}, pd.DataFrame(), {"toxicity": Sides(yes, ~yes)})


def test_a_sentence_is_found_wherever_it_stands() -> None:
    found = hidden(load_bundle("fast"), [judged()], 1000, silent)

    # "Idiot." is too short to be read by itself, and the last one is not flagged alone: two at three places.
    assert [(one.words, one.rows) for one in found] == [(100, 6), (1000, 6), (3000, 6)]
    # A hundred words are read as a whole, among which one may drown.
    assert [(one.kept, one.still_flagged, one.civil_flagged) for one in found[1:]] == [(1.0, 1.0, 0.0)] * 2


def test_a_scorer_that_reads_each_word_finds_all_of_it(idiot: Scorer) -> None:
    found = hidden(idiot, [judged()], 1000, silent)

    # It reads no pieces: of these sentences it flags the first alone.
    assert [(one.words, one.rows, one.kept, one.civil_flagged) for one in found] == [
        (100, 3, 1.0, 0.0),
        (1000, 3, 1.0, 0.0),
        (3000, 3, 1.0, 0.0),
    ]


def test_nothing_is_told_where_no_sentence_is_flagged_alone() -> None:
    civil = [Comment(text) for text in CIVIL]
    none = JudgedComments("set", civil, {}, pd.DataFrame(), {"toxicity": Sides(np.ones(3, bool), np.zeros(3, bool))})

    assert hidden(load_bundle("fast"), [none], 1000, silent) == ()


SHORT = "The ferry was late again today."
LONG = "My father took the seven o'clock boat for thirty years and never once complained. " * 10
RUDE = "You are a stupid idiot and everybody knows it."


def judged_civil(texts: list[str], civil: list[bool]) -> JudgedComments:
    """Return a set in which some comments clearly are civil, and none clearly is abusive."""
    sides = {"toxicity": Sides(np.zeros(len(texts), bool), np.array(civil, bool))}
    return JudgedComments("set", list(map(Comment, texts)), {}, pd.DataFrame(), sides)


def test_civil_comments_are_counted_by_their_length() -> None:
    texts = [SHORT, LONG, LONG + RUDE, RUDE]
    (found,) = civil_flags(load_bundle("fast"), [judged_civil(texts, [True, True, True, False])], silent)

    assert (found.dataset, found.short, found.short_flagged) == ("set", 1, 0.0)
    assert (found.long, found.long_flagged) == (2, 0.5)


def test_no_share_is_told_of_none() -> None:
    (found,) = civil_flags(load_bundle("fast"), [judged_civil([SHORT], [True])], silent)

    assert found.long == 0
    assert found.long_flagged is None


def test_a_set_without_civil_comments_is_left_out() -> None:
    assert civil_flags(load_bundle("fast"), [judged_civil([RUDE], [False])], silent) == ()
