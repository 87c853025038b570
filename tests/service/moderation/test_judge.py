"""What the scorer makes of comments, for every API."""

from typing import Any

import pytest

from model.records import Article, Comment
from service.moderation.judge import Judge
from service.storage.records import FlagReason

FERRY = Article(id="ferry", title="New ferry delayed", body="The ferry to Arran will be two years late, the yard says.")
BRIDGE = Article(id="bridge", title="Bridge to close", body="The old road bridge closes for repairs on Monday.")


def test_each_comment_is_judged_below_its_own_article(scorer: Any) -> None:
    comments = [
        Comment(text="The yard never delivers a ferry on time.", article_id="ferry"),
        Comment(text="The yard never delivers a ferry on time.", article_id="bridge"),
        Comment(text="The yard never delivers a ferry on time."),
        Comment(text="You are a stupid idiot.", article_id="ferry"),
    ]
    found = Judge(scorer).judge_each(comments, {"ferry": FERRY, "bridge": BRIDGE})
    apart = [
        Judge(scorer).judge([comment], article)[0]
        for comment, article in zip(comments, (FERRY, BRIDGE, None, FERRY), strict=True)
    ]
    assert found == apart
    assert ["off_topic" in one.scores.values for one in found if one.scores] == [True, True, False, True]
    assert "insult" in found[3].flagged_for


def test_what_cannot_be_scored_is_for_a_person_and_does_not_fail_the_rest(scorer: Any) -> None:
    empty, sound = Judge(scorer).judge([Comment(text="\u200b"), Comment(text="Well said.")])
    sentence = "The comment has no text to score."
    assert (empty.scores, empty.doubt, empty.error) == (None, None, sentence)
    assert empty.reasons == (FlagReason(f"Could not be scored, so a person has to look: {sentence}"),)
    assert empty.flagged_for == frozenset()
    assert sound.scores is not None
    assert sound.error == ""


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Halt endlich dein dummes Maul, du hast doch überhaupt keine Ahnung davon.", "de", "German"),
        ("Vous êtes vraiment un imbécile, taisez-vous une bonne fois pour toutes !", "fr", "French"),
        ("Это совершенно неправильное решение городского совета.", "ru", "Russian"),
    ],
)
def test_what_is_not_in_english_is_not_scored_and_does_not_keep_the_rest_from_it(
    scorer: Any, text: str, language: str, name: str
) -> None:
    foreign, sound = Judge(scorer).judge([Comment(text=text), Comment(text="You are a stupid idiot.")], BRIDGE)
    sentence = f"Not in English but, it seems, in {name}: not scored, so a person has to look."
    assert (foreign.scores, foreign.doubt, foreign.language) == (None, None, language)
    assert foreign.reasons == (FlagReason(sentence),)
    assert (sound.language, "insult" in sound.flagged_for) == (None, True)


def test_the_words_of_what_is_under_its_threshold_are_not_shown(scorer: Any) -> None:
    mild, rude = Judge(scorer).judge([Comment(text="What rubbish."), Comment(text="You are a stupid idiot.")])
    assert (mild.flagged_for, mild.scores and mild.scores.spans) == (frozenset(), ())
    assert rude.scores is not None
    assert {span.attribute for span in rude.scores.spans} == rude.flagged_for
