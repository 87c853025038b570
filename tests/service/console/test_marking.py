"""A comment cut at the words that made its scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.records import Span
from service.console.marking import Passage, Piece, passages
from service.console.masking import slurs_in


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        pytest.param("Well said.", [], (Passage("Well said."),), id="nothing marked"),
        pytest.param("", [], (), id="empty"),
        pytest.param(
            "What a pathetic moron.",
            [(7, 15, "insult"), (16, 21, "insult")],
            (Passage("What a "), Passage("pathetic moron", ("insult",)), Passage(".")),
            id="neighbours join over the space between them",
        ),
        pytest.param(
            "What a pathetic moron.",
            [(6, 21, "insult"), (16, 21, "profanity")],
            (
                Passage("What a "),
                Passage("pathetic", ("insult",)),
                Passage(" "),
                Passage("moron", ("insult", "profanity")),
                Passage("."),
            ),
            id="the space beside a word is no part of its mark",
        ),
        pytest.param(
            "Kill yourself, you",
            [(0, 13, "threat"), (0, 4, "toxicity")],
            (Passage("Kill yourself", ("toxicity", "threat")), Passage(", you")),
            id="neighbours join whose marks are called the same",
        ),
        pytest.param(
            "you idiot",
            [(4, 9, "insult"), (4, 9, "toxicity")],
            (Passage("you "), Passage("idiot", ("toxicity", "insult"))),
            id="one word, two attributes",
        ),
        pytest.param(
            "🌊🌊 numpty",
            [(3, 9, "insult")],
            (Passage("🌊🌊 "), Passage("numpty", ("insult",))),
            id="offsets count code points",
        ),
        pytest.param("numpty", [(2, 99, "insult")], (Passage("nu"), Passage("mpty", ("insult",))), id="beyond the end"),
        pytest.param("🤡 🤡", [(0, 1, "insult"), (2, 3, "insult")], (Passage("🤡 🤡"),), id="no label on an emoji"),
        pytest.param("numpty", [(3, 3, "insult")], (Passage("numpty"),), id="empty span"),
    ],
)
def test_passages(text: str, spans: list[tuple[int, int, str]], expected: tuple[Passage, ...]) -> None:
    assert passages(text, [Span(start, end, attribute, 0.5) for start, end, attribute in spans]) == expected


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70), st.sampled_from(["insult", "threat", "toxicity"]))),
)
def test_passages_put_together_are_the_text(text: str, spans: list[tuple[int, int, str]]) -> None:
    cut = passages(text, [Span(start, end, attribute, 1.0) for start, end, attribute in spans])
    assert "".join(passage.text for passage in cut) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [("break her legs", "b•••• h•• l•••"), ("w a n k e r s", "w • • • • • •"), ("a", "a"), ("іdіоt!", "і•••••")],
)
def test_a_mask_leaves_the_first_letter_of_each_word(text: str, masked: str) -> None:
    assert Piece(text, slur=True).masked == masked


@pytest.mark.parametrize(
    ("attributes", "label"),
    [
        (("toxicity", "insult"), "insult"),
        (("toxicity",), "abusive"),
        (("threat", "identity_attack"), "threat, identity attack"),
    ],
)
def test_a_mark_names_the_most_exact_attributes(attributes: tuple[str, ...], label: str) -> None:
    assert Passage("numpty", attributes).label == label


def test_a_slur_is_masked_within_a_mark_and_outside_of_it() -> None:
    text = "Fuck off, you stupid twat."
    cut = passages(text, [Span(14, 25, "insult", 1.0)], slurs_in(text))
    assert [[(piece.text, piece.slur) for piece in passage.pieces] for passage in cut] == [
        [("Fuck", True), (" off, you ", False)],
        [("stupid ", False), ("twat", True)],
        [(".", False)],
    ]


@pytest.mark.parametrize(
    ("text", "slurs"),
    [
        ("You f*cking sh1t.", ["f*cking", "sh1t"]),
        ("w a n k e r s, all of them", ["w a n k e r s"]),
        ("fսсk off", ["fսсk"]),
        ("No dust in Scunthorpe, Mr Cummings; a shiitake, a squawk and Pissarro.", []),
        ("Yiddish and negroni", []),
    ],
)
def test_slurs_are_found_in_disguise_and_nothing_else_is(text: str, slurs: list[str]) -> None:
    assert [text[start:end] for start, end in slurs_in(text)] == slurs
