"""What the encoder learns: a long comment's worst pieces, and batches of like length."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from model.attributes import ABUSE
from training.encoder.recipe import Recipe
from training.encoder.rows.abuse import AbuseRow, in_batches, in_worst_pieces

CIVIL = "The council has published its plans for the market square, with drawings of every stall and tree. "
INSULT = "Only a brainless parasite like you could want it. "
THREAT = "I will find you tonight and hurt you for what you wrote. "
#: An insult, and far from it a threat, among civil sentences.
LONG = CIVIL * 4 + INSULT + CIVIL * 2 + THREAT + CIVIL


def row(text: str, origin: str = "house", **labels: float) -> AbuseRow:
    """Label a text; what is not named is 0."""
    return AbuseRow(text, np.array([labels.get(name, 0.0) for name in ABUSE], np.float32), origin, 0, 1.0)


def by_word(texts: Sequence[str]) -> NDArray[np.float32]:
    """Score texts by the words that tell: both kinds are toxic, the insult more so."""
    found = np.full((len(texts), len(ABUSE)), 0.1, np.float32)
    for i, text in enumerate(texts):
        if "parasite" in text:
            found[i, [ABUSE.index("toxicity"), ABUSE.index("insult")]] = 0.9
        if "hurt" in text:
            found[i, [ABUSE.index("toxicity"), ABUSE.index("threat")]] = 0.8
    return found


def labels(piece: AbuseRow) -> dict[str, float]:
    """Return what is known of a piece."""
    known = dict(zip(ABUSE, piece.labels.tolist(), strict=True))
    return {name: round(value, 2) for name, value in known.items() if not np.isnan(value)}


def test_a_short_comment_is_learnt_whole() -> None:
    short, worst = in_worst_pieces([row(INSULT, toxicity=0.9), row(LONG, toxicity=0.9)], by_word)
    assert [one.text for one in short] == [INSULT]
    assert [one.text for one in worst] == [INSULT]


def test_where_none_is_long_nothing_is_scored() -> None:
    rows = [row(INSULT, toxicity=0.9), row(CIVIL)]
    assert in_worst_pieces(rows, lambda _: pytest.fail("nothing is to be scored")) == (rows, [])


def test_each_label_is_taught_by_the_piece_that_is_worst_by_it() -> None:
    _, worst = in_worst_pieces([row(LONG, toxicity=0.9, insult=0.8, threat=0.7)], by_word)
    found = {piece.text.strip(): labels(piece) for piece in worst}
    rest = {"severe_toxicity": 0.0, "profanity": 0.0, "identity_attack": 0.0}
    assert found == {
        INSULT.strip(): {"toxicity": 0.9, "insult": 0.8} | rest,
        THREAT.strip(): {"threat": 0.7} | rest,
    }


@pytest.mark.parametrize("toxicity", [0.0, 0.1])
def test_of_a_civil_one_the_five_worst_looking_pieces_are_civil(toxicity: float) -> None:
    _, worst = in_worst_pieces([row(LONG, toxicity=toxicity)], by_word)
    assert [piece.text for piece in worst[:2]] == [INSULT, THREAT]
    assert len(worst) == 5
    assert all(max(labels(piece).values()) <= 0.1 for piece in worst)


def test_who_swears_and_harms_nobody_is_not_civil_in_every_piece() -> None:
    _, worst = in_worst_pieces([row(LONG, profanity=0.9)], by_word)
    assert len(worst) == 1


def test_marked_words_say_which_piece_it_is() -> None:
    marked = np.zeros(len(LONG), bool)
    start = LONG.index("hurt")
    marked[start : start + 4] = True
    one = row(LONG, toxicity=0.9)
    _, (piece,) = in_worst_pieces([AbuseRow(one.text, one.labels, "house", 0, 1.0, marked)], by_word)
    assert piece.marked is not None
    assert "".join(np.array(list(piece.text))[piece.marked]) == "hurt"


def test_each_text_keeps_its_own_pieces() -> None:
    civil = CIVIL * 8
    _, worst = in_worst_pieces([row(civil, "first"), row(LONG, "second", toxicity=0.9), row(LONG, "third")], by_word)
    assert [(piece.origin, "parasite" in piece.text) for piece in worst] == [
        *[("first", False)] * 5,
        ("second", True),
        ("third", True),
        *[("third", False)] * 4,
    ]


def test_a_post_that_nobody_judged_keeps_the_piece_with_its_marks() -> None:
    text = LONG + "Nobody can stop the rot in this town. "
    marked = np.zeros(len(text), bool)
    start = text.index(" rot ") + 1
    marked[start : start + 3] = True
    unknown = np.full(len(ABUSE), np.nan, np.float32)
    _, worst = in_worst_pieces([AbuseRow(text, unknown, "spans_only", 10, 1.0, marked)], by_word)
    assert ["rot" in piece.text.split() for piece in worst] == [True, False, False, False, False]


#: The defaults, in batches of eight.
EIGHT = Recipe(batch=8)


def many() -> list[AbuseRow]:
    """Return 400 rows, from a few letters to four sentences long, some of which come twice."""
    rows = [row(CIVIL[: 5 + number % 90] * (1 + number % 4), toxicity=0.0) for number in range(400)]
    return [replace(one, repeated=1 + number % 2) for number, one in enumerate(rows)]


def test_a_row_comes_as_often_as_it_is_to() -> None:
    batches = in_batches(many(), EIGHT)
    assert [len(batch) for batch in batches] == [8] * 75


def test_a_batch_is_of_like_length_with_what_was_put_around_its_rows() -> None:
    batches = in_batches(many(), EIGHT)
    lengths = [[len(one.text) for one in batch] for batch in batches]
    padded = sum(8 * max(batch) for batch in lengths) / sum(map(sum, lengths))
    assert padded < 1.15


def test_the_seed_decides_what_comes_and_how_it_is_disturbed() -> None:
    def texts(seed: int) -> list[list[str]]:
        return [[one.text for one in batch] for batch in in_batches(many(), replace(EIGHT, epochs=1.5, seed=seed))]

    assert texts(1) == texts(1)
    assert texts(1) != texts(2)
    assert any(one not in {row.text for row in many()} for batch in texts(1) for one in batch)


def test_civil_texts_stand_before_and_after_another_one_up_to_as_many_characters_as_the_tokens_hold() -> None:
    sneer = "Rubbish, all of it."
    rows = [replace(row(sneer, toxicity=0.5), repeated=80), *many()]
    found = [one.text for batch in in_batches(rows, replace(EIGHT, tokens=40)) for one in batch if sneer in one.text]
    assert any(text.startswith(sneer) and text != sneer for text in found)
    assert any(text.endswith(sneer) and text != sneer for text in found)
    assert any(not text.startswith(sneer) and not text.endswith(sneer) for text in found)
    assert max(map(len, found)) <= 150


def test_a_word_that_no_room_is_left_for_stands_around_nothing() -> None:
    address = row("https://" + "example/" * 40, toxicity=0.0)
    rows = [replace(row("Rubbish.", toxicity=0.5), repeated=200), address]
    texts = [one.text for batch in in_batches(rows, replace(EIGHT, tokens=40)) for one in batch]
    assert not [text for text in texts if "Rubbish." in text and "example" in text]
