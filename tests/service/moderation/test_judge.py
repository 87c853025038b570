"""What the scorer makes of comments, for every API."""

from typing import Any

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
    sentence = "The comment holds no text that can be scored."
    assert (empty.scores, empty.doubt, empty.error) == (None, None, sentence)
    assert empty.reasons == (FlagReason(f"Could not be scored, so a person has to look: {sentence}"),)
    assert empty.flagged_for == frozenset()
    assert sound.scores is not None
    assert sound.error == ""
