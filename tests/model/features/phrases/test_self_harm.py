"""Words that urge a reader to harm themselves, and those that only look like it."""

import pytest

from model import Comment
from model.reasons.policy import review_reasons
from model.scoring.scorer import Scorer

URGES = [
    "kys",
    "KYS loser",
    "just kill yourself already",
    "k!ll urself, no one likes u",
    "neck yourself",
    "unalive yourself",
    "The world would be better without you in it",
    "everyone would be better off without you",
    "Nobody would miss you if you died",
    "You should never have been born.",
    "go drink some bleach",
    "do us all a favour and jump off a bridge",
    "Do the world a favor and drop dead",
    "please die",
    "end your miserable life",
    "k.y.s",
    "why don't you just kill yourself",
    "You need to kill yourself",
    "Go throw yourself off a bridge",
    "go play in traffic",
    "Everyone would be happier if you were dead",
    "The planet would be better without people like you in it",
    "you'd be better off dead",
    "No one would care if you died",
    "Your mother should have aborted you",
    "Have you considered suicide?",
    "do everyone a favour, stop breathing",
    "Die in a fire",
    "get a rope, mate",
    "step in front of a train",
    "i hope you hang yourself",
]
HARMLESS = [
    "Samaritans can help if you feel like killing yourself.",
    "Please do not kill yourself, talk to somebody.",
    "I nearly killed myself laughing",
    "Don't kill yourself trying to finish the crossword.",
    "We would all miss you here, Margaret.",
    "Everyone would be better off without this tax.",
    "Do not drink bleach, whatever the president says.",
    "I hope the plan will just die in committee.",
    "The prisoner tried to hang himself.",
    "You cut yourself off from the debate.",
    "A man threatened to jump off a bridge on Monday.",
    "He killed himself in 1912.",
    "The word unalive is everywhere on TikTok.",
    "Telling somebody to kill yourself is a crime now.",
    "Call the Samaritans on 116 123 if you want to kill yourself.",
    "Don't you dare kill yourself.",
    "You'll kill yourself working those hours.",
    "He told her to kill yourself, the court heard.",
    "The right to end your own life with dignity matters.",
    "You can end your life there if two doctors agree.",
    "Hang yourself a picture.",
    "Top yourself up with water.",
    "The engine will just die on you.",
    "They want us to drink bleach.",
    "Nobody will miss you if you skip the meeting.",
    "Kentucky Youth Soccer (KYS) won.",
    "Take your own life jacket.",
    "Whoever does that should die, says the law.",
    "Stop wasting air time on this.",
]


@pytest.mark.parametrize("text", URGES)
def test_a_comment_that_urges_self_harm_is_flagged_for_that(scorer: Scorer, text: str) -> None:
    scores = scorer.score(Comment(text=text), spans=True)
    reasons = {reason.attribute: reason for reason in review_reasons(scores, scorer.manifest.thresholds)}
    assert reasons["threat"].sentence == "Urges self-harm."
    assert reasons["threat"].spans


@pytest.mark.parametrize("text", HARMLESS)
def test_what_urges_nobody_is_no_such_comment(scorer: Scorer, text: str) -> None:
    assert scorer.score(Comment(text=text)).threat_sentence is None
