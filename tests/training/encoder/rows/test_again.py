"""What comes again where an encoder goes on learning: what it has not read, and some of what it has."""

import numpy as np

from model.attributes import ABUSE
from model.records import Article
from training.corpus.guide import HOUSE, SENTENCES
from training.corpus.relevance_rows import NYT, WRITTEN, RelevanceRows, newspaper_articles
from training.encoder.rows.abuse import AbuseRow
from training.encoder.rows.again import ELSEWHERE, fresh_and_known, pairs_again


def rows(origin: str, *texts: str, source: int = 0) -> list[AbuseRow]:
    """Make civil rows."""
    return [AbuseRow(text, np.zeros(len(ABUSE), np.float32), origin, source, 1.0, repeated=3) for text in texts]


OURS = rows(SENTENCES, "The bus is late.", "I take the bus.", "The tram is new.")
OF_HOUSE = rows(HOUSE, *(f"I read {number} pages of it." for number in range(9)))
PUBLIC = [*rows("edos", "I like trains.", source=5), *rows("jigsaw_wiki", "See the talk page.", source=1)]


BELOW_OURS = rows(WRITTEN, "The pier is closed.", "I walk there.")


def read(some: dict[str, int], *, seed: int = 1) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Say what is fresh and known to one that has read two of our sentences and one comment, and how often it comes."""
    fresh, known = fresh_and_known([*PUBLIC, *OF_HOUSE, *OURS, *BELOW_OURS], {SENTENCES: 2, WRITTEN: 1}, 2, some, seed)
    return [(row.text, row.repeated) for row in fresh], [(row.text, row.repeated) for row in known]


def test_what_was_not_read_comes_twice() -> None:
    assert read({})[0] == [("The tram is new.", 2), ("I walk there.", 2)]


def test_of_what_was_read_so_many_come_once() -> None:
    _, known = read({HOUSE: 4, SENTENCES: 1})
    assert len({text for text, _ in known if text.startswith("I read")}) == 4
    assert sum(text in {"The bus is late.", "I take the bus."} for text, _ in known) == 1
    assert {times for _, times in known} == {1}


def test_whoever_labelled_them_elsewhere_is_one_origin() -> None:
    assert {text for text, _ in read({ELSEWHERE: 5})[1]} == {"I like trains.", "See the talk page."}


def test_the_seed_decides_which_come() -> None:
    assert read({HOUSE: 4}) == read({HOUSE: 4})
    assert read({HOUSE: 4}) != read({HOUSE: 4}, seed=2)


#: Six comments, in turn below an article that was read and one that was not, and three below a newspaper's.
BELOW = [*newspaper_articles("train")][:2] * 3
ROWS = RelevanceRows(
    texts=[f"I saw {number} trains." for number in range(9)],
    parents=[""] * 9,
    articles=[*(Article(id=key) for key in BELOW), *[Article(title="Trains")] * 3],
    target=np.zeros(9, np.float32),
    weight=np.ones(9, np.float32),
    source=np.repeat([WRITTEN, NYT], [6, 3]),
    natural=np.zeros(9, np.bool_),
)


def test_what_stands_below_a_new_article_comes_twice() -> None:
    assert pairs_again(ROWS, 1, 2, {}, 1).tolist() == [1, 3, 5, 1, 3, 5]


def test_of_the_pairs_that_were_read_so_many_come_once() -> None:
    again = pairs_again(ROWS, 1, 1, {WRITTEN: 2, NYT: 2}, 1).tolist()[3:]
    assert len(set(again)) == 4
    assert sorted(set(again) & {0, 2, 4}) == sorted(again[:2])
    assert set(again[2:]) < {6, 7, 8}


def test_a_source_that_is_not_there_gives_nothing() -> None:
    assert pairs_again(ROWS, 2, 1, {HOUSE: 5}, 1).tolist() == []
