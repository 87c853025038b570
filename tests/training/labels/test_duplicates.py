"""The same comment again, word for word or nearly."""

import numpy as np
import pytest

from training.labels.duplicates import clusters

FERRY = "The ferry to the island was late again this morning, and nobody on the quay could tell us why."


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (FERRY, FERRY, True),
        (FERRY, FERRY.upper().replace(",", " —") + "!!", True),
        (FERRY, FERRY.replace("could tell us", "was able to tell us"), True),
        (FERRY, "Copied from below: " + FERRY, True),
        (FERRY, "The ferry to the mainland left early, and everybody at the harbour knew the reason.", False),
        ("Well said.", "well said", True),
        ("Well said.", "Well done.", False),
        ("No.", "Yes.", False),
        ("👍", "🤡", False),
        ("", "Yes.", False),
    ],
)
def test_what_is_nearly_the_same_is_found(one: str, other: str, *, together: bool) -> None:
    found = clusters([one, "Something else stands between them.", other])

    assert (found[0] == found[2]) is np.bool_(together)
    assert found[1] not in {found[0], found[2]}


def test_many_copies_are_found_among_many_comments() -> None:
    words = [
        "bridge",
        "council",
        "market",
        "winter",
        "school",
        "doctor",
        "garden",
        "letter",
        "harvest",
        "river",
        "window",
        "summer",
    ]
    draw = np.random.default_rng(0)
    texts = [" ".join(draw.choice(words, 12)) + f" {i}" for i in range(3000)]
    copies = [f"{text} indeed" for text in texts[:300]]

    found = clusters(texts + copies)

    assert np.mean(found[:300] == found[3000:]) > 0.98
    assert len(set(found.tolist())) > 2900


def test_no_texts_have_no_clusters() -> None:
    assert clusters([]).tolist() == []
