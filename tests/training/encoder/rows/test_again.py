"""What comes again where an encoder goes on learning: what it has not read, and some of what it has."""

from dataclasses import replace

import numpy as np
import pytest

from model.attributes import ABUSE
from model.bundling.manifest import bundle_path, read_manifest
from model.errors import InvalidInput
from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.guide import HOUSE, SENTENCES
from training.encoder.rows.abuse import AbuseRow
from training.encoder.rows.again import ELSEWHERE, fresh_and_known, sentences_read


def rows(origin: str, *texts: str, source: int = 0) -> list[AbuseRow]:
    """Make civil rows."""
    return [AbuseRow(text, np.zeros(len(ABUSE), np.float32), origin, source, 1.0, repeated=3) for text in texts]


OURS = rows(SENTENCES, "The bus is late.", "I take the bus.", "The tram is new.")
OF_HOUSE = rows(HOUSE, *(f"I read {number} pages of it." for number in range(9)))
PUBLIC = [*rows("edos", "I like trains.", source=5), *rows("jigsaw_wiki", "See the talk page.", source=1)]


def read(some: dict[str, int], *, seed: int = 1) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Say what is fresh and what is known to one that has read two of our sentences, and how often each comes."""
    fresh, known = fresh_and_known([*PUBLIC, *OF_HOUSE, *OURS], 2, 2, some, seed)
    return [(row.text, row.repeated) for row in fresh], [(row.text, row.repeated) for row in known]


def test_a_sentence_that_was_not_read_comes_twice() -> None:
    assert read({})[0] == [("The tram is new.", 2)]


def test_of_what_was_read_so_many_come_once() -> None:
    _, known = read({HOUSE: 4, SENTENCES: 1})
    assert len({text for text, _ in known if text.startswith("I read")}) == 4
    assert sum(text in {"The bus is late.", "I take the bus."} for text, _ in known) == 1
    assert {times for _, times in known} == {1}


def test_whoever_labelled_them_elsewhere_is_one_origin() -> None:
    assert {text for text, _ in read({ELSEWHERE: 5})[1]} == {"I like trains.", "See the talk page."}


def test_the_seed_decides_which_come() -> None:
    assert read({HOUSE: 4}) == read({HOUSE: 4})
    assert read({HOUSE: 4}) != read({HOUSE: 4}, seed=2)


SHIPPED = read_manifest(bundle_path("accurate"))
ALL = len(newspaper_sentences())


@pytest.mark.parametrize(
    ("training", "count"),
    [
        ({"rows": {SENTENCES: 14_464}, "encoder": None}, 14_464),
        # It was fitted to sentences that its encoder had not read.
        ({"rows": {SENTENCES: 15_000}, "encoder": {"sentences": 14_464}}, 14_464),
    ],
)
def test_a_bundle_says_how_many_sentences_its_encoder_has_read(training: dict[str, object], count: int) -> None:
    assert sentences_read(replace(SHIPPED, training=training)) == count


@pytest.mark.parametrize(
    ("training", "why"),
    [
        ({"rows": {SENTENCES: ALL}}, f"has read all {ALL} sentences"),
        ({}, "does not say what its encoder has read"),
    ],
)
def test_one_that_has_nothing_to_learn_is_refused(training: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        sentences_read(replace(SHIPPED, training=training))
