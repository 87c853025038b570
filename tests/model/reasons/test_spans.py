"""The words behind a score: only where there is a score to explain, and only words that carry it."""

import pytest

from model import Comment, load_bundle
from model.reasons.spans import word_bounds
from model.scoring.scorer import Scorer


@pytest.fixture(scope="module", params=["fast", "accurate"])
def scorer(request: pytest.FixtureRequest) -> Scorer:
    return load_bundle(request.param)


def marked(scorer: Scorer, text: str, attribute: str | None = None) -> list[str]:
    spans = scorer.score(Comment(text=text), spans=True).spans
    return [text[span.start : span.end] for span in spans if attribute in (None, span.attribute)]


@pytest.mark.parametrize(
    "text",
    [
        "There was no dust on the road this morning, and no noise either.",
        "He killed himself in 1912, and nobody knows why.",
        "The council met on Tuesday and voted on the pier.",
        "My grandfather was hanged at York for stealing a sheep.",
    ],
)
def test_harmless_words_are_not_marked(scorer: Scorer, text: str) -> None:
    assert scorer.score(Comment(text=text))["toxicity"] < 0.05
    assert marked(scorer, text) == []


@pytest.mark.parametrize("text", ["I will kill you and your family.", "I hope your house burns down with you in it."])
def test_a_threats_mark_is_on_what_threatens(scorer: Scorer, text: str) -> None:
    assert {"kill", "burns"} & set(" ".join(marked(scorer, text, "threat")).split())
    assert not {"you", "your", "I", "hope"} & set(" ".join(marked(scorer, text, "threat")).split())


@pytest.mark.parametrize(
    "text", ["What an idiot.", "You pathetic old cow, shut up!", "Utter rubbish, like its author."]
)
def test_an_attribute_below_its_threshold_is_not_explained(scorer: Scorer, text: str) -> None:
    scores = scorer.score(Comment(text=text), spans=True)
    explained = {span.attribute for span in scores.spans} - {"toxicity"}
    assert explained <= {name for name, value in scores.values.items() if value >= scorer.manifest.thresholds[name]}


@pytest.mark.parametrize("text", ["k y s", "kill yourself", "Nobody will miss you"])
def test_a_phrase_explains_all_that_is_flagged_for_it(scorer: Scorer, text: str) -> None:
    scores = scorer.score(Comment(text=text), spans=True)
    flagged = {name for name, value in scores.values.items() if value >= scorer.manifest.thresholds[name]}
    raised = flagged & {"toxicity", "severe_toxicity", "threat"}
    assert "threat" in raised
    assert [marked(scorer, text, name) for name in sorted(raised)] == [[text]] * len(raised)


def test_other_abuse_is_marked_beside_a_phrase(scorer: Scorer) -> None:
    text = "You worthless fucking idiot, nobody will miss you."
    assert "idiot" in " ".join(marked(scorer, text, "toxicity"))
    assert marked(scorer, text, "threat") == ["nobody will miss you"]


def test_a_phrase_is_marked_for_what_was_asked_for(scorer: Scorer) -> None:
    (scores,) = scorer.score_many([Comment(text="kill yourself")], attributes=["toxicity"], spans=True)
    assert {span.attribute for span in scores.spans} == {"toxicity"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("you <idiot> [moron] - and/or half-wit", ["you", "idiot", "moron", "and", "or", "half-wit"]),
        ("f**k @rsehole's **** -- idiot- do", ["f**k", "@rsehole's", "****", "idiot", "do"]),
    ],
)
def test_signs_part_words_but_for_those_that_stand_for_letters(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in word_bounds(text)] == words


@pytest.mark.parametrize(
    "text", ["Tory scum—out", "You absolute idiot—do you even read?", "you &lt;idiot&gt;", "You are an *idiot*"]
)
def test_a_mark_ends_with_its_word(scorer: Scorer, text: str) -> None:
    assert not set("—&;*<>") & set(" ".join(marked(scorer, text)))
