"""Names that are rude words to whoever does not know them for names."""

import pytest

from model import Comment
from model.reading.names import names_read
from model.reading.rewriting import NormalisedText
from model.scoring.scorer import Scorer


@pytest.mark.parametrize(
    "text",
    [
        "Dick Van Dyke was a fine dancer.",
        "Dick Cheney was vice president.",
        "Cressida Dick resigned as commissioner.",
        "Ray Wilkins and Dick Advocaat managed them.",
        "Moby Dick is a long book.",
        "Philip K. Dick wrote it.",
        "Dick is right about the bridge.",
        "I agree with Dick.",
        "Mr Cock runs the bakery.",
        "Alastair Cock is my neighbour.",
        "Niger and Nigeria signed.",
        "A Niger official said so, and the dams on the Niger are full.",
        "She worked in Niger for a year.",
        "Thank you Niger for the dates.",
        "Dick White ran the service after the war.",
        "Dick Harding wrote the report.",
        "Sterling Dick spoke first.",
        "Cockermouth flooded again.",
        "I grew up in Scunthorpe and went to school in Penistone.",
        "Mrs Gay teaches maths, and Mr Butt history.",
    ],
)
def test_nobody_is_flagged_for_a_name(scorer: Scorer, text: str) -> None:
    scores = scorer.score(Comment(text=text))
    assert all(value < scorer.manifest.thresholds[name] for name, value in scores.values.items())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Dick Cheney", "Rick Cheney"),
        ("Cressida Dick", "Cressida Rick"),
        ("Hi Dick, we saw Moby Dick in town", "Hi Rick, we saw Moby Rick in town"),
        ("Professor Cock", "Professor Cook"),
        ("Niger", "Ghana"),
    ],
)
def test_a_name_is_read_as_another_of_the_same_length(text: str, read: str) -> None:
    assert names_read([NormalisedText(text)])[0].text == read
    assert len(read) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "You Dick",
        "Racist Cock",
        "Typical Tory Dick",
        "Arrogant Dick.",
        "Useless Butt",
        "Lying Dick",
        "You Niger",
        "Obama is a Niger",
        "Dirty Niger",
        "What a Dick.",
        "Suck my Dick",
        "Suck Dick",
        "Dick Head",
        "Boris is a total Dick",
        "Big Dick energy",
        "You Are A Cock Sucking Dick And Boris Dick Too",
        "dick cheney",
        "DICK CHENEY",
        "He is a Cock.",
        "nigger",
    ],
)
def test_no_name_is_read_into_abuse(text: str) -> None:
    plain = NormalisedText(text)
    assert names_read([plain])[0] is plain
