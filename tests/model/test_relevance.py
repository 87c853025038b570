"""How far comments are from their articles, in numbers."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.relevance import ArticleView, Background, Relevance, Texts, article_texts, passages, readable_part

RNG = np.random.default_rng(0)


def unit(*shape: int) -> NDArray[np.float32]:
    vectors = RNG.normal(size=shape).astype(np.float32)
    found: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return found


BACKGROUND = Background(unit(50, 32), unit(40, 32), unit(12, 32))
RELEVANCE = Relevance(BACKGROUND, ["the", "ferry", "harbour"])
NOBODY = Texts([], np.empty((0, 32), np.float32))
NOWHERE = np.empty((0, 32), np.float32)


def view(title: str, body: str) -> ArticleView:
    texts = article_texts(title, body)
    return RELEVANCE.view(Texts(texts, unit(len(texts), 32)), titled=bool(title))


FERRY = view("Ferry", "The harbour is too small.")
BREAD = view("", "Flour, water and salt.")


def test_a_comment_is_measured_alone_as_among_others_to_the_last_bit() -> None:
    comments = Texts([f"the ferry {i}" for i in range(37)], unit(37, 32))
    parents = Texts([f"the harbour {i}" for i in range(12)], unit(12, 32))
    replies = list(range(0, 36, 3))
    articles = [FERRY if i % 2 else BREAD for i in range(37)]
    others = np.stack([FERRY.centre, BREAD.centre])

    together = RELEVANCE.features(comments, parents, replies, articles, others)

    for i in range(37):
        mine = [replies.index(i)] if i in replies else []
        alone = RELEVANCE.features(
            Texts(comments.plain[i : i + 1], comments.vectors[i : i + 1]),
            Texts([parents.plain[k] for k in mine], parents.vectors[mine]),
            [0] * len(mine),
            articles[i : i + 1],
            others,
        )
        assert np.array_equal(alone[0], together[i])


def test_without_a_parent_nothing_is_said_of_one() -> None:
    comment = Texts(["the ferry"], unit(1, 32))
    alone = RELEVANCE.features(comment, NOBODY, [], [FERRY], NOWHERE)
    reply = RELEVANCE.features(comment, comment, [0], [FERRY], NOWHERE)
    size = (alone.shape[1] - 32 - 2) // 2
    assert not alone[0, size : 2 * size + 2].any()
    assert np.array_equal(reply[0, size : 2 * size], reply[0, :size])
    assert reply[0, 2 * size : 2 * size + 2] == pytest.approx([1.0, 1.0])


def test_a_comment_that_fits_another_article_better_is_told_from_one_that_does_not() -> None:
    comment = Texts(["flour"], BREAD.centre[None, :])
    elsewhere = [
        RELEVANCE.features(comment, NOBODY, [], [FERRY], others)[0, 8]
        for others in (NOWHERE, FERRY.centre[None, :], np.stack([FERRY.centre, BREAD.centre]))
    ]
    assert elsewhere[:2] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert elsewhere[2] > 0.5


def test_the_background_is_kept_to_a_few_thousandths(tmp_path: Path) -> None:
    BACKGROUND.save(tmp_path / "background.npz")
    again = Background.load(tmp_path / "background.npz")
    for name in ("articles", "comments", "remarks"):
        assert getattr(again, name) == pytest.approx(getattr(BACKGROUND, name), abs=0.01)


@pytest.mark.parametrize(
    ("title", "body", "texts"),
    [
        ("Ferry", "", ["Ferry"]),
        ("", "The harbour.", ["The harbour."]),
        (" Ferry ", "One. Two!\n\nThree", ["Ferry", "One. Two! Three"]),
    ],
)
def test_an_article_is_read_by_its_title_its_body_or_both(title: str, body: str, texts: list[str]) -> None:
    assert article_texts(title, body) == texts


def test_passages_are_whole_sentences() -> None:
    assert passages("One two three. Four five. Six.", words=5) == ["One two three. Four five.", "Six."]


def test_of_a_long_body_the_beginning_is_read() -> None:
    assert readable_part("\u200b" * 60_000 + "a" * 60_000) == "a" * 50_000
