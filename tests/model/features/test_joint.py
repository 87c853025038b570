"""A comment and its article as one sequence of tokens."""

import pytest
from tokenizers import Tokenizer

from model.bundling.manifest import open_bundle
from model.features.joint import BODY, LONGEST, JointReader, JointTokens
from model.features.loading import load_encoder

BUNDLE = open_bundle("accurate")
TITLE, LEAD = "Ferry late again", "The harbour is too small for two ships."


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    found: Tokenizer = Tokenizer.from_buffer(BUNDLE.file("tokenizer.json").read())
    found.no_truncation()
    found.no_padding()
    return found


def words(tokenizer: Tokenizer, ids: list[int]) -> str:
    return " ".join(tokenizer.id_to_token(i) or "" for i in ids)


def test_the_comment_comes_first_then_what_it_answers_then_the_article(tokenizer: Tokenizer) -> None:
    tokens = JointTokens(tokenizer)
    ((ids, types),) = tokens.sequences([tokens.beginning(TITLE, LEAD)], ["Two ships?"], ["Yes, two."])
    above = "[CLS] yes , two . [SEP] two ships ? [SEP]"
    below = "ferry late again [SEP] the harbour is too small for two ships . [SEP]"
    assert words(tokenizer, ids.tolist()) == f"{above} {below}"
    assert types.tolist() == [0] * len(above.split()) + [1] * len(below.split())


@pytest.mark.parametrize(
    ("title", "body", "read"),
    [(TITLE, "", "ferry late again [SEP]"), ("", "Two ships.", "two ships . [SEP]"), ("", "", "")],
)
def test_what_an_article_lacks_leaves_no_gap(tokenizer: Tokenizer, title: str, body: str, read: str) -> None:
    assert words(tokenizer, JointTokens(tokenizer).beginning(title, body)) == read


def test_texts_of_any_length_fit(tokenizer: Tokenizer) -> None:
    tokens = JointTokens(tokenizer)
    beginning = tokens.beginning("ferry " * 500, "ships " * 500)
    ((ids, _),) = tokens.sequences([beginning], ["why " * 500], ["late " * 500])
    assert len(tokens.beginning("", "ships " * 500)) == BODY + 1
    assert len(ids) == LONGEST


def test_a_comment_reads_alone_as_it_does_among_others() -> None:
    reader = load_encoder("accurate", BUNDLE.file, threads=2)
    assert isinstance(reader, JointReader)
    beginnings = [reader.beginning(TITLE, LEAD), reader.beginning("Bread", "Flour, water and salt.")] * 3
    comments = ["The ferry is never on time.", "My sourdough failed.", "lol", "Ships, ships", "Salt?", "Two harbours"]
    together = reader.off_topic(beginnings, [""] * 6, comments)
    alone = [reader.off_topic([b], [""], [c])[0] for b, c in zip(beginnings, comments, strict=True)]
    assert together.tolist() == alone


def test_the_fast_tier_reads_no_pairs() -> None:
    assert not isinstance(load_encoder("fast", open_bundle("fast").file), JointReader)
