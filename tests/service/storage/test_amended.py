"""What stands of a comment that was amended, and what was struck from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import InvalidInput
from service.storage.amended import check_amended, strike, struck

COMMENT = "You stupid wanker, the bridge is late and you know it."


def test_struck_words_leave_one_gap() -> None:
    assert strike(COMMENT, [(11, 18), (4, 10)]) == "You […] the bridge is late and you know it."
    assert strike(COMMENT, [(0, 3), (51, 54)]) == "[…] stupid wanker, the bridge is late and you know […]"


@pytest.mark.parametrize(
    ("amended", "gone"),
    [
        ("You […] the bridge is late and you know it.", ["stupid wanker,"]),
        ("The bridge is late and you know it.", ["You stupid wanker, the"]),
        (COMMENT + " So there.", []),
        ("Late.", [COMMENT]),
    ],
)
def test_what_was_struck_is_found_word_by_word(amended: str, gone: list[str]) -> None:
    assert [COMMENT[start:end] for start, end in struck(COMMENT, amended)] == gone


@given(st.lists(st.sampled_from(["the", "bridge", "you", "fool,"]), min_size=1, max_size=30), st.data())
def test_what_is_struck_never_stands_in_what_is_left(words: list[str], data: st.DataObject) -> None:
    # Of a word that stands twice, nobody can tell which one was struck.
    words = [f"{word}{number}" for number, word in enumerate(words)]
    text, at, ranges = " ".join(words), 0, []
    for word in words:
        if data.draw(st.booleans()):
            ranges.append((at, at + len(word)))
        at += len(word) + 1
    amended = strike(text, ranges)
    kept = text
    for start, end in reversed(struck(text, amended)):
        kept = kept[:start] + "[…]" + kept[end:]
    assert kept == amended


@pytest.mark.parametrize(
    ("amended", "message"), [(COMMENT, "as it stands"), ("[…]", "remove it instead"), (" \n", "remove it instead")]
)
def test_an_amendment_changes_something_and_leaves_something(amended: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_amended(COMMENT, amended)
