"""Disguised insults, spans taken out, and sentences that no moderator should see."""

import random

import pytest

from model.records import Comment
from model.scoring.scorer import Scorer
from training.corpus.counterfactuals import counterfactuals, newspaper_sentences
from training.evaluation.robustness import faithfulness, robustness
from training.evaluation.sentences.benign import benign_flags, benign_sentences


def test_an_attack_that_hides_the_word_costs_the_score(idiot: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    def hide(text: str, rng: random.Random, *, share: float = 1.0) -> str:
        del rng, share
        return text.replace("idiot", "id iot")

    def shout(text: str, rng: random.Random, *, share: float = 1.0) -> str:
        del rng, share
        return text.upper()

    monkeypatch.setattr("training.evaluation.robustness.ATTACKS", {"hide": hide, "shout": shout})
    found = robustness(idiot, ["you idiot", "what an idiot he is"])

    assert [(r.attack, r.rows, r.kept, r.still_flagged) for r in found] == [
        ("hide", 2, pytest.approx(0.125), 0.0),
        ("shout", 2, 1.0, 1.0),
    ]


def test_faithful_spans_cost_the_score_and_other_words_do_not(idiot: Scorer) -> None:
    texts = ["what an idiot he is", "idiot", "Nothing is shown here"]
    spans = [scores.spans for scores in idiot.score_many([Comment(text) for text in texts], spans=True)]
    found = faithfulness(idiot, texts, spans)

    assert found is not None
    # A comment that is nothing but its span has no other words to compare with.
    assert (found.rows, found.score, found.drop, found.random_drop) == pytest.approx((1, 0.8, 0.7, 0.0))
    assert faithfulness(idiot, ["Nothing is shown here"], [()]) is None


def test_benign_sentences_are_flagged_by_kind(idiot: Scorer) -> None:
    found = {flags.kind: flags for flags in benign_flags(idiot)}

    assert found.keys() == benign_sentences().keys()
    assert found["news"].flagged == 0.0
    assert found["apologies and admissions"].flagged == pytest.approx(1 / 5)


def test_benign_sentences_are_not_what_is_fitted() -> None:
    fitted = {sentence.text.casefold() for sentence in (*counterfactuals(0), *newspaper_sentences())}

    assert not [s for kind in benign_sentences().values() for s in kind if s.casefold() in fitted]
