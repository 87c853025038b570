"""No text may raise; where one does all the same, it is scored as it was written."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.reading.text import NormalisedText, TextNormaliser
from model.reasons.spans import SpanFinder
from model.reasons.subjects import Subjector
from model.records import Article, Comment, Scores
from model.scoring.scorer import Scorer
from tests.texts import ANY

ARTICLE = Article(title="Harbour bridge to close", body="The swing bridge will close to cars next autumn.")
ABUSE = "You stupid fucking idiot, shut your filthy mouth."
#: What the broken transforms of these tests cannot take.
BREAKS = "breaks"


@settings(max_examples=200)
@given(st.lists(ANY, min_size=1, max_size=3), ANY, ANY, ANY)
def test_every_text_is_scored(scorer: Scorer, texts: list[str], title: str, body: str, parent: str) -> None:
    failed: list[str] = []
    scorer.fallback.note = failed.append
    comments = [Comment(text=text, parent_text=parent) for text in texts]

    found = scorer.score_each(comments, Article(title=title, body=body), spans=True)

    assert failed == []
    for text, scores in zip(texts, found, strict=True):
        spans = scores.spans if isinstance(scores, Scores) else ()
        assert all(0 <= span.start < span.end <= len(text) for span in spans)


@pytest.fixture
def failed(scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Break every transform on texts that hold a certain word, and return the steps that failed."""
    normalise, find, subjects = TextNormaliser.normalise, SpanFinder.find, Subjector.subjects

    def check(text: str) -> None:
        if BREAKS in text:
            raise ValueError(f"cannot read {text!r}")

    def normalise_many(normaliser: TextNormaliser, texts: list[str]) -> list[NormalisedText]:
        return [broken_normalise(normaliser, text) for text in texts]

    def broken_normalise(normaliser: TextNormaliser, text: str) -> NormalisedText:
        check(text)
        return normalise(normaliser, text)

    def broken_find(finder: SpanFinder, text: NormalisedText, *rest: object) -> object:
        check(text.text)
        return find(finder, text, *rest)  # type: ignore[arg-type]

    def broken_subjects(subjector: Subjector, comment: str, written: str, article: Article) -> object:
        check(comment)
        return subjects(subjector, comment, written, article)

    monkeypatch.setattr(TextNormaliser, "normalise", broken_normalise)
    monkeypatch.setattr(TextNormaliser, "normalise_many", normalise_many)
    monkeypatch.setattr(SpanFinder, "find", broken_find)
    monkeypatch.setattr(Subjector, "subjects", broken_subjects)
    steps: list[str] = []
    monkeypatch.setattr(scorer.fallback, "note", steps.append)
    return steps


def test_what_fails_is_scored_as_written_and_costs_the_others_nothing(
    scorer: Scorer, failed: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    other = Comment(text="1d10ts, all of you.")
    alone = scorer.score(other, ARTICLE, spans=True)

    with caplog.at_level(logging.ERROR):
        broken, beside = scorer.score_many([Comment(text=f"{ABUSE} {BREAKS} \ud83d"), other], ARTICLE, spans=True)

    assert broken["toxicity"] >= scorer.manifest.thresholds["toxicity"]
    assert (broken.spans, broken.subjects) == ((), None)
    assert (beside.spans, beside.subjects) == (alone.spans, alone.subjects)
    assert failed == ["reading", "reading", "spans", "subjects"]
    assert "ValueError" in caplog.text
    assert BREAKS not in caplog.text
