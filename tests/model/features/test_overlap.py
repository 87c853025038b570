"""Which words a comment shares with its article."""

import numpy as np
import pytest

from model.features.overlap import WordOverlap, stem

WORDS = ["the", "a", "is", "to", *(f"filler{i}" for i in range(200)), "ferry", "harbour", "flour", "sourdough"]
OVERLAP = WordOverlap(WORDS)
FERRY = OVERLAP.article("Ferries delayed", "CalMac says the harbour at Arran needs 4,000 tonnes of rock.")


NAMES = (
    *("share", "sum", "rarest", "rarest_unshared", "sum_unshared"),
    *("title_share", "names", "other_names", "words", "question"),
)


def measure(text: str) -> dict[str, float]:
    return dict(zip(NAMES, OVERLAP.measure([text], [FERRY])[0].tolist(), strict=True))


@pytest.mark.parametrize(("word", "same"), [("delayed", "delays"), ("harbour", "harbours"), ("baking", "baked")])
def test_an_inflected_word_keeps_its_stem(word: str, same: str) -> None:
    assert stem(word) == stem(same)


def test_a_word_that_the_article_has_is_shared() -> None:
    on, off = measure("is the harbour closed"), measure("is the sourdough closed")
    assert on["share"] > off["share"]
    assert on["rarest"] > 0.0 == off["sum"]


def test_names_and_numbers_count_inside_a_sentence_only() -> None:
    assert measure("Now at Arran, 4,000 of them")["names"] == pytest.approx(np.log(3))
    assert measure("Now in Leeds")["names"] == 0.0
    assert measure("Now in Leeds")["other_names"] == pytest.approx(np.log(2))


def test_common_words_tell_little() -> None:
    assert measure("the a is to")["sum_unshared"] == 0.0


@pytest.mark.parametrize("text", ["", "!!!", "?"])
def test_a_text_without_words_is_measured(text: str) -> None:
    assert measure(text)["share"] == 0.0


def test_what_is_measured_beside_it_changes_nothing() -> None:
    texts = ["is the ferry late", "", "sourdough! In Leeds? 4,000", "the harbour " * 50] * 9
    together = OVERLAP.measure(texts, [FERRY] * len(texts))
    alone = [OVERLAP.measure([text], [FERRY])[0] for text in texts]
    assert np.array_equal(together, np.stack(alone))
