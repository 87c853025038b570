"""What a bundle's encoders have read, what they read next, and what is said of it afterwards."""

from dataclasses import asdict, replace

import pytest

from model.bundling.manifest import Manifest, bundle_path, read_manifest
from model.errors import InvalidInput
from training.corpus.guide import SENTENCES
from training.corpus.relevance_rows import WRITTEN
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
    ("sentences", "articles", "pairs"),
    [
        (ALL.sentences - 1, ALL.articles - 1, True),
        (ALL.sentences, ALL.articles - 1, True),
        (ALL.sentences - 1, ALL.articles, False),
    ],
)
def test_the_joint_encoder_learns_where_there_is_a_new_article(sentences: int, articles: int, *, pairs: bool) -> None:
    assert (next_round(having_read(sentences, articles), 1.0, None).pairs is not None) == pairs


def test_encoders_that_have_read_everything_are_refused() -> None:
    with pytest.raises(InvalidInput, match=f"all {ALL.sentences} sentences.*all {ALL.articles} articles"):
        next_round(having_read(ALL.sentences, ALL.articles), 1.0, None)


def test_what_is_recorded_says_that_all_is_read() -> None:
    before = having_read(ALL.sentences - 1, 0)
    said = record(next_round(before, 0.5, None), before)
    assert read_by(replace(SHIPPED, training={"encoder": said})) == ALL
    assert said["since"] == SHIPPED.version
    assert said["before"] == before.training["encoder"]
    assert said["comments"]["read"] == {**ALL.abuse(), SENTENCES: ALL.sentences - 1, WRITTEN: 0}
    assert said["pairs"]["learning"]["epochs"] == said["comments"]["learning"]["epochs"] == 0.5
