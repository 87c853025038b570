"""A long comment is read piece by piece; nothing is left out and nothing is read twice."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.reading.pieces import WHOLE, in_pieces, pieces
from model.reading.text import NormalisedText

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


@pytest.mark.parametrize("sign", ["?!", ".", '."', "!\"'", "\n", "a.", "…”)"])
def test_signs_without_end_are_cut_in_no_time(sign: str) -> None:
    text = (sign * 20_000)[:20_000]
    began = time.thread_time()
    pieces(text)

    assert time.thread_time() - began < 0.5


def test_the_highest_pieces_of_each_text_are_found_in_their_order() -> None:
    texts = [NormalisedText(text) for text in (CIVIL * 40, "Well said.", CIVIL * 20)]
    cut = in_pieces(texts)
    values = np.arange(len(cut.owner), dtype=np.float32) % 5
    found = cut.highest(values, 3)

    assert found == sorted(found)
    for text in range(len(texts)):
        theirs = np.flatnonzero(cut.owner == text)
        kept = [values[place] for place in found if cut.owner[place] == text]
        assert sorted(kept) == sorted(values[theirs])[-3:]


def test_thousands_of_short_sentences_are_not_read_one_by_one() -> None:
    assert len(pieces("Go away. " * 2_200)) <= 320
    assert len(pieces("Go away. " * 7_000)) <= 63_000 / 160 + 1


@pytest.mark.parametrize("space", ["", " ", "\n", "\n \n"])
def test_a_piece_ends_with_its_last_visible_character(space: str) -> None:
    """So that a sentence scores inside a long comment, or with a blank behind it, as it does alone."""
    (one,) = in_pieces([NormalisedText("Nobody asked you." + space)]).plain
    assert one == "Nobody asked you."
    many = in_pieces([NormalisedText(("Nobody asked you about the market." + (space or " ")) * 40)]).plain
    assert set(many) == {"Nobody asked you about the market."}


@pytest.mark.parametrize("space", [" ", "\n", "\u00a0", " " * 600, "\n" * 600])
@pytest.mark.parametrize("length", [17, WHOLE])
def test_blanks_at_the_end_make_no_text_a_long_one(space: str, length: int) -> None:
    text = (CIVIL * 9)[: length - 1] + "!"
    assert in_pieces([NormalisedText(text + space)]).plain == [text]


def test_what_nobody_sees_is_one_piece_all_the_same() -> None:
    assert in_pieces([NormalisedText("   ")]).plain == ["   "]
    assert len(in_pieces([NormalisedText(" " * 2000)]).plain) > 1
