"""Words that threaten without naming the harm, and those that only look like it."""

import json
from pathlib import Path

import pytest

from model import Comment
from model.features.phrases.finder import PhraseFinder
from model.features.phrases.veiled_threats import VEILED_THREATS
from model.reasons.policy import review_reasons
from model.scoring.scorer import Scorer

WORDINGS = json.loads((Path(__file__).parents[3] / "data/veiled_threats.json").read_text())
FINDER = PhraseFinder([VEILED_THREATS])
THREATS = [
    "I know where you live.",
    "We know where you park.",
    "we know where ur kids go to school mate",
    "kn0w where u live lad",
    "We have your address.",
    "Would be a pity if something were to happen to him on the way home.",
    "nice little business u got there",
    "better watch ur back when u leave the council offices",
    "Sleep with one eye open.",
    "I hope your locks are good.",
    "I'd check under the car in the mornings if I were him.",
    "Accidents happen, councillor. Especially on that road you cycle.",
    "youll get whats coming, scum journos",
    "We'll be waiting for you.",
    "Somebody should pay him a visit.",
    "The lampposts are waiting.",
    "We have lists, and when the day comes we'll use them.",
    "tick tock traitor",
    "Touts will be dealt with.",
]


@pytest.mark.parametrize("text", THREATS)
def test_a_comment_that_veils_a_threat_is_flagged_for_that(scorer: Scorer, text: str) -> None:
    scores = scorer.score(Comment(text=text), spans=True)
    reasons = {reason.attribute: reason for reason in review_reasons(scores, scorer.manifest.thresholds)}
    assert reasons["threat"].sentence == "Makes a veiled threat."
    assert reasons["threat"].spans


@pytest.mark.parametrize(
    ("threats", "found"), [("threats", 57), ("held_back_threats", 59)], ids=["used to tune", "held back"]
)
def test_most_wordings_are_found_and_all_that_are_found_are_flagged(scorer: Scorer, threats: str, found: int) -> None:
    scores = scorer.score_many([Comment(text=text) for text in WORDINGS[threats]])
    veiled = [one for one in scores if one.threat_sentence]
    assert len(veiled) == found
    assert all(one["threat"] >= scorer.manifest.thresholds["threat"] for one in veiled)


@pytest.mark.parametrize("text", [*WORDINGS["lookalikes"], *WORDINGS["held_back_lookalikes"]])
def test_what_threatens_nobody_is_no_such_comment(text: str) -> None:
    assert FINDER.find([text]) == {}


@pytest.mark.parametrize("text", THREATS)
def test_a_threat_amid_civil_words_is_flagged_too(scorer: Scorer, text: str) -> None:
    civil = "Thank you for the report. My family has farmed there for sixty years and the flooding is worse now. "
    assert scorer.score(Comment(text=civil + text))["threat"] >= scorer.manifest.thresholds["threat"]


def test_the_words_of_the_threat_are_marked(scorer: Scorer) -> None:
    text = "Typical councillor. We know where you park, by the way."
    scores = scorer.score(Comment(text=text), spans=True)
    assert [text[span.start : span.end] for span in scores.spans if span.attribute == "threat"] == [
        "We know where you park"
    ]


def test_a_threat_that_is_quoted_and_answered_is_not_its_writers(scorer: Scorer) -> None:
    threat, answer = "We know where you park.", "That is no way to speak to anybody, whatever you make of her vote."
    answered = Comment(text=f"> {threat}\n{answer}", parent_text=threat)
    assert scorer.score(Comment(text=threat)).threat_sentence
    assert scorer.score(answered).threat_sentence is None
