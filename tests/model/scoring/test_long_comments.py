"""A comment is nearly as abusive as its worst sentence, however much stands around it."""

import numpy as np
import pytest

from model import Comment, load_bundle

#: Each is flagged by itself, in both tiers.
ABUSIVE = (
    "You are a pathetic little moron and everybody here knows it.",
    "Shut your mouth, you stupid cow.",
    "What a bunch of lying scumbags you people are.",
    "I hope somebody breaks your legs, you filthy rat.",
    "Only an idiot like you could write such drivel.",
    "Go back to your own country, you parasite.",
    "You disgusting pig, you make me sick.",
    "These people are vermin and should be wiped out.",
    "The author is a brainless clown who should be fired.",
    "Crawl back under your rock, you worthless troll.",
    "You are too stupid to tie your own shoes.",
    "Keep talking and we will come to your house and kill you.",
    "What a fucking disgrace of a human being you are.",
    "All women drivers are dumb bitches.",
    "Every one of those immigrants is a dirty thief.",
)
CIVIL = (
    "The council met on Tuesday evening and heard from nine residents about the bridge.",
    "I have cycled that way to work for six years and never had any trouble.",
    "Surely the money would be better spent on the buses, which come once an hour.",
    "My daughter goes to the school next door, and she walks there in ten minutes.",
    "According to the report, the repairs will take until next summer at least.",
    "Does anybody know when the library is going to open again?",
    "We had the same discussion in 2009, and the figures were much the same then.",
    "I disagree with the previous writer, although she makes a fair point about parking.",
    "The shops on the high street have been empty since the ring road was built.",
    "Thank you for a balanced article on a difficult subject.",
)
#: The accurate tier takes its time.
CASES = [("fast", 150), ("fast", 600), ("fast", 3000), ("accurate", 300)]


def civil_text(words: int, rng: np.random.Generator) -> list[str]:
    """Return sentences of so many words, in any order."""
    chosen: list[str] = []
    while sum(len(sentence.split()) for sentence in chosen) < words:
        chosen.append(str(rng.choice(CIVIL)))
    return chosen


@pytest.mark.parametrize(("tier", "words"), CASES)
def test_an_abusive_sentence_keeps_four_fifths_of_its_score(tier: str, words: int) -> None:
    rng = np.random.default_rng(words)
    scorer = load_bundle(tier)
    texts = []
    for i, sentence in enumerate(ABUSIVE):
        around = civil_text(words, rng)
        around.insert((0, len(around) // 2, len(around))[i % 3], sentence)
        texts.append(" ".join(around))
    alone, hidden = (
        [scores.values["toxicity"] for scores in scorer.score_many([Comment(text=text) for text in written])]
        for written in (ABUSIVE, texts)
    )
    assert [
        (sentence, one, other)
        for sentence, one, other in zip(ABUSIVE, alone, hidden, strict=True)
        if one < scorer.manifest.thresholds["toxicity"] or other < 0.8 * one
    ] == []


@pytest.mark.parametrize(("tier", "words"), CASES)
def test_a_long_civil_comment_is_not_flagged(tier: str, words: int) -> None:
    rng = np.random.default_rng(words)
    scorer = load_bundle(tier)
    comments = [Comment(text=" ".join(civil_text(words, rng))) for _ in range(5)]
    flagged = [
        name
        for scores in scorer.score_many(comments)
        for name, score in scores.values.items()
        if score >= scorer.manifest.thresholds[name]
    ]
    assert flagged == []
