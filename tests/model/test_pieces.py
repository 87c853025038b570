"""A long comment is read piece by piece; nothing is left out and nothing is read twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.reading.pieces import WHOLE, pieces

CIVIL = "The council met on Tuesday and heard from nine residents about the bridge. "


@pytest.mark.parametrize("text", ["You are right.", CIVIL * 8, "no full stop at all " * 10])
def test_a_usual_comment_is_one_piece(text: str) -> None:
    assert pieces(text) == [(0, len(text))]


def test_a_piece_ends_with_a_sentence() -> None:
    text = CIVIL * 12 + "You utter clown."
    found = [text[start:end] for start, end in pieces(text)]
    assert found[-1].endswith("You utter clown.")
    assert all(piece.rstrip().endswith(".") for piece in found)


def test_a_short_last_sentence_stands_by_itself() -> None:
    text = CIVIL * 12 + "Clown."
    assert [text[start:end] for start, end in pieces(text)][-1] == "Clown."


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=2500) | st.text(alphabet="ab .!\n", max_size=2500))
def test_pieces_cover_the_text_once(text: str) -> None:
    found = pieces(text)
    assert "".join(text[start:end] for start, end in found) == text
    assert all(end - start <= WHOLE for start, end in found)
    assert all(start < end for start, end in found) or not text
