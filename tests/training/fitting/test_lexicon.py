"""The words that an obfuscated token may be read as."""

import pytest

from training.fitting.lexicon import build_lexicon


def test_words_come_most_frequent_first() -> None:
    texts = ["You idiot"] * 3 + ["you fool"] * 2 + ["rare"]

    assert build_lexicon(texts, minimum=2) == ["you", "idiot", "fool"]


def test_size_is_kept() -> None:
    assert build_lexicon(["you idiot", "you"], minimum=1, size=1) == ["you"]


def test_a_text_counts_a_word_once() -> None:
    assert build_lexicon(["spam spam spam"], minimum=2) == []


def test_words_are_read_through_look_alikes() -> None:
    assert build_lexicon(["don’t ｇｏ"], minimum=1) == ["don't", "go"]


@pytest.mark.parametrize(
    "obfuscated",
    [
        "sh1t",
        "f*ck",
        "a$$",
        "fuuuck",
        "fuckk",
        "#maga",
        "@someone",
        "https://example.org",
        "x@example.org",
        "i.d.i.o.t",
    ],
)
def test_what_is_no_word_is_left_out(obfuscated: str) -> None:
    texts = [f"that {obfuscated} again"] * 5 + ["fuck that again"] * 50

    assert sorted(build_lexicon(texts)) == ["again", "fuck", "that"]


def test_glued_words_are_left_out() -> None:
    texts = ["i hate you all"] * 60 + ["ihateyouall something"] * 6

    assert build_lexicon(texts, minimum=5) == ["all", "hate", "i", "you", "something"]
