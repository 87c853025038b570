"""What a bundle's encoders have read, what they read next, and what is said of it afterwards."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from model.bundling.manifest import Manifest, bundle_path, read_manifest
from model.errors import InvalidInput
from training.corpus.guide import SENTENCES
from training.encoder.rounds import Read, all_there_is, next_round, read_by, record

SHIPPED = read_manifest(bundle_path("accurate"))
ALL = all_there_is()


def having_read(sentences: int, articles: int) -> Manifest:
    """Return the manifest of a bundle whose encoders have read so much."""
    return replace(SHIPPED, training={"encoder": asdict(Read(sentences, articles))})


@pytest.mark.parametrize(
    ("training", "read"),
    [
        ({"rows": {SENTENCES: 14_464}, "encoder": None}, Read(14_464, 0)),
        # It was fitted to sentences that its encoder had not read.
        ({"rows": {SENTENCES: 15_000}, "encoder": {"sentences": 14_464, "articles": 3}}, Read(14_464, 3)),
    ],
)
def test_a_bundle_says_how_much_its_encoders_have_read(training: dict[str, object], read: Read) -> None:
    assert read_by(replace(SHIPPED, training=training)) == read


def test_one_that_does_not_say_it_cannot_go_on() -> None:
    with pytest.raises(InvalidInput, match="does not say what its encoder has read"):
        next_round(replace(SHIPPED, training={}), 1.0, None)


@pytest.mark.parametrize(
    ("sentences", "articles", "comments", "pairs"),
    [
        (ALL.sentences - 1, ALL.articles - 1, True, True),
        (ALL.sentences, ALL.articles - 1, False, True),
        (ALL.sentences - 1, ALL.articles, True, False),
    ],
)
def test_each_encoder_learns_where_there_is_something_new_to_it(
    sentences: int, articles: int, *, comments: bool, pairs: bool
) -> None:
    found = next_round(having_read(sentences, articles), 1.0, None)
    assert (found.comments is not None, found.pairs is not None) == (comments, pairs)


def test_encoders_that_have_read_everything_are_refused() -> None:
    with pytest.raises(InvalidInput, match=f"all {ALL.sentences} sentences.*all {ALL.articles} articles"):
        next_round(having_read(ALL.sentences, ALL.articles), 1.0, None)


def test_a_teacher_that_has_nothing_to_teach_is_refused() -> None:
    with pytest.raises(InvalidInput, match="leave out --teacher"):
        next_round(having_read(ALL.sentences, 0), 1.0, Path("all-mpnet-base-v2"))


def test_what_is_recorded_says_that_all_is_read() -> None:
    before = having_read(ALL.sentences - 1, 0)
    said = record(next_round(before, 0.5, None), before)
    assert read_by(replace(SHIPPED, training={"encoder": said})) == ALL
    assert said["since"] == SHIPPED.version
    assert said["before"] == before.training["encoder"]
    assert said["comments"]["read"] == ALL.sentences - 1
    assert said["pairs"]["learning"]["epochs"] == said["comments"]["learning"]["epochs"] == 0.5


def test_an_encoder_that_has_learnt_nothing_is_recorded_so() -> None:
    before = having_read(ALL.sentences, 0)
    assert record(next_round(before, 1.0, None), before)["comments"] is None
