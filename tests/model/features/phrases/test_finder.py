"""Phrases of several kinds: where they stand, what they raise, and how long it takes to look for them."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.features.phrases.finder import PhraseFinder, Phrases, Said, raised
from model.features.phrases.self_harm import SELF_HARM
from model.features.phrases.veiled_threats import VEILED_THREATS

WORDINGS = {
    name: texts
    for name, texts in json.loads((Path(__file__).parents[3] / "data/veiled_threats.json").read_text()).items()
    if name != "about"
}
URGES = [
    "neck yourself",
    "k.y.s",
    "No one would care if you died",
    "put a gun to your head",
    "please die",
    "Die in a fire",
]
FINDER = PhraseFinder([SELF_HARM, VEILED_THREATS])
#: What the patterns look for, so that a text of these comes as near to one as may be.
HINTS = [hint for kind in (SELF_HARM, VEILED_THREATS) for hints, _ in kind.patterns for hint in hints.split("|")]
PARTS = st.sampled_from([*HINTS, "you", "your", "if", "i", "we", "will", ".", ",", "'", '"', "\n", "   ", "a" * 60])


def test_phrases_are_found_where_they_stand() -> None:
    text = "Typical. Go drink bleach, you and the mayor."
    found = FINDER.find(["I would not miss you.", text])
    (place,) = found[1].places
    assert (list(found), found[1].kind, text[slice(*place)]) == ([1], SELF_HARM, "Go drink bleach")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Just kill  yourself, mate", "kill  yourself"),
        ("I know where\nyou live", "I know where\nyou live"),
        ("lol ok\r\nkill \t yourself", "kill \t yourself"),
    ],
)
def test_neither_blanks_nor_broken_lines_hide_a_phrase(text: str, phrase: str) -> None:
    assert [text[slice(*place)] for place in FINDER.find([text])[0].places] == [phrase]


@pytest.mark.parametrize("text", ["I know where\n\nyou live", "- I know where\n- you live", "> I know where\nyou live"])
def test_paragraphs_lists_and_quotations_end_a_line(text: str) -> None:
    assert FINDER.find([text]) == {}


def test_a_text_with_phrases_of_two_kinds_is_of_the_first() -> None:
    said = FINDER.find(["I know where you live. Kill yourself."])
    assert said[0].kind is SELF_HARM


@pytest.mark.parametrize("text", ["kys😂", "KYS", "kys…", "—kys", "k.y.s"])
def test_a_hint_is_found_whatever_parts_it_from_other_words(text: str) -> None:
    assert FINDER.find([text]).keys() == {0}


def test_the_end_of_the_sentence_before_is_no_part_of_a_phrase() -> None:
    text = "Typical. Watch your back."
    (place,) = FINDER.find([text])[0].places
    assert text[slice(*place)] == "Watch your back"


@pytest.mark.parametrize("kind", [SELF_HARM, VEILED_THREATS])
def test_hints_keep_no_pattern_from_what_it_matches(kind: Phrases) -> None:
    texts = [text for wordings in WORDINGS.values() for text in wordings] + URGES
    matched = {
        i
        for i, text in enumerate(texts)
        for _, pattern in kind.patterns
        for match in re.finditer(pattern, text, re.IGNORECASE)
        if kind.is_meant(text, *match.span())
    }
    assert PhraseFinder([kind]).find(texts).keys() == matched


def test_only_scores_of_what_holds_phrases_are_raised() -> None:
    scores = np.array([[0.04, 0.02], [0.04, 0.02]], np.float32)
    found = raised(scores, ["threat", "insult"], {1: Said(SELF_HARM, ((0, 3),))})
    assert np.array_equal(found[0], scores[0])
    assert found[1, 0] == pytest.approx(0.91, abs=0.01)
    assert found[1, 1] == pytest.approx(0.02, abs=1e-6)


@given(st.lists(PARTS, min_size=1, max_size=8))
def test_no_text_keeps_the_patterns_busy(parts: list[str]) -> None:
    text = " ".join(parts) + " "
    text *= 20_000 // len(text)
    began = time.thread_time()
    FINDER.find([text])

    assert time.thread_time() - began < 5


@pytest.mark.parametrize(("hints", "pattern"), [*SELF_HARM.patterns, *VEILED_THREATS.patterns])
@settings(max_examples=8)
@given(data=st.data())
def test_whatever_a_pattern_matches_holds_one_of_its_hints(hints: str, pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(pattern, re.IGNORECASE), alphabet=st.characters(max_codepoint=127)))
    assert any(hint in text.lower() for hint in hints.split("|"))
