"""One item before one moderator: what is shown, and what becomes of a decision."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.records import Article, Comment, Scores, Span
from service.console.cards import card
from service.moderation.articles import save_article
from service.moderation.comments import get_item, save_comment
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.records import Decision, FlagReason, Judgement
from service.storage.tables.comments import DecisionRow

Flag = Callable[..., None]
#: Flagged for nothing: chance alone brings it before a person.
RANDOM: dict[str, Any] = {"stream": "random"}


def decisions(db: Database, comment_id: str) -> tuple[Decision, ...]:
    with db.read() as session:
        return get_item(session, comment_id).decisions


def state(db: Database, comment_id: str) -> str | None:
    with db.read() as session:
        return get_item(session, comment_id).state


# What is shown


def test_the_words_are_marked_masked_and_named(isla: Any, flag: Flag) -> None:
    flag("c1")
    marked = (
        'What a <mark data-label="insult"><span class="masked">w•••••</span><span class="word">wanker</span></mark>.'
    )
    assert marked in isla.reads("/review/comments/c1").text


def test_a_slur_is_masked_without_a_label_though_no_score_reaches_its_threshold(isla: Any, flag: Flag) -> None:
    flag("quiet", text="The p1keys by the ferry, they mean.", spans=(Span(4, 10, "insult", 1.0),), score=0.1, **RANDOM)
    page = isla.reads("/review/comments/quiet").text
    assert 'The <span class="masked">p•••••</span><span class="word">p1keys</span> by the ferry' in page


def test_a_word_is_neither_labelled_nor_masked_below_the_threshold(isla: Any, flag: Flag) -> None:
    spans = (Span(0, 2, "insult", 0.5), Span(8, 12, "profanity", 0.5))
    flag("calm", text="No, the dust is the council's.", spans=spans, score=0.005, **RANDOM)
    page = isla.reads("/review/comments/calm").text
    assert "No, the dust is the council&#39;s." in page
    assert "<mark" not in page


def test_other_thresholds_make_no_reasons_of_what_was_none(app: Flask, db: Database, flag: Flag) -> None:
    flag("c1")
    with db.read() as session:
        found = get_item(session, "c1")
    judgement = replace(found.judgement, scores=Scores({"insult": 0.9, "profanity": 0.05}, ()))
    with app.test_request_context():
        shown = card(replace(found, judgement=judgement), thresholds={"insult": 0.5, "profanity": 0.04})
        assert (shown.headline, shown.told) == ("Insult 90%", "Insult 90%")


def test_emoji_get_no_label_each(isla: Any, flag: Flag) -> None:
    spans = tuple(Span(2 * place, 2 * place + 1, "insult", 0.1) for place in range(5))
    flag("c1", text="🤡 🤮 🤡 🤮 🤡", spans=spans)
    assert "<mark" not in isla.reads("/review/comments/c1").text


@pytest.mark.parametrize(
    ("scores", "reported_for", "rule"),
    [
        pytest.param({"toxicity": 0.97, "identity_attack": 0.79}, [], "3", id="exact before general"),
        pytest.param({"toxicity": 0.97, "insult": 0.9, "threat": 0.6}, [], "1", id="severe before the rest"),
        pytest.param({"toxicity": 0.97, "profanity": 0.7}, [], "5", id="swearing"),
        pytest.param({"toxicity": 0.97}, [], "2", id="nothing more exact"),
        pytest.param({"toxicity": 0.97}, ["hate"], "3", id="a reader says hate"),
        pytest.param({}, ["off_topic"], "4", id="a reader alone"),
        pytest.param({}, ["Personal attack"], "2", id="another program's words"),
        pytest.param({}, ["I disagree"], None, id="nothing to go by"),
    ],
)
def test_the_most_severe_and_exact_attribute_suggests_the_rule(
    isla: Any, db: Database, flag: Flag, scores: dict[str, float], reported_for: list[str], rule: str | None
) -> None:
    flag("other")  # whose article this one stands below
    reasons = tuple(FlagReason("Reads so.", name, score, 0.5) for name, score in scores.items())
    with db.write() as session:
        comment = Comment(id="c1", article_id="bridge", text="They are vermin. Send them back.")
        save_comment(session, comment, Judgement("b1", Scores(scores), reasons))
        for number, reason in enumerate(reported_for):
            add_report(session, "c1", reporter=f"r{number}", reason=reason)
    found = re.findall(r'name="remove" value="(\d+)"[^>]*data-suggested', isla.reads("/review/comments/c1").text)
    assert found == ([] if rule is None else [rule])


def test_a_moderators_choice_to_see_the_words_is_kept(isla: Any, rory: Any, flag: Flag) -> None:
    flag("c1")
    assert not re.search(r'class="unmask"[^>]* checked', isla.reads("/review/comments/c1").text)
    isla.sends("/review/words", "/review", words="shown", back="/review")
    assert re.search(r'class="unmask"[^>]* checked', isla.reads("/review/comments/c1").text)
    assert not re.search(r'class="unmask"[^>]* checked', rory.reads("/review/comments/c1").text)


def test_the_thread_above_stands_before_the_comment(isla: Any, flag: Flag) -> None:
    flag("first", text="Mend the bridge first.", spans=(), score=0.6)
    flag("second", text="With what money?", spans=(), score=0.6, parent_id="first")
    flag("third", parent_id="second")
    page = isla.reads("/review/comments/third").text
    assert page.index("Mend the bridge first.") < page.index("With what money?") < page.index('class="itself"')


@pytest.mark.parametrize(
    "path", ["/review", "/review/comments/reply", "/review/batch?thread=c1", "/review/search?q=wanker"]
)
def test_where_nobody_says_when_it_was_posted_the_time_it_came_in_stands(
    isla: Any, flag: Flag, db: Database, path: str
) -> None:
    flag("c1")
    flag("reply", parent_id="c1")
    with db.read() as session:
        came_in = [get_item(session, name).received_at.isoformat() for name in ("c1", "reply")]
    page = isla.reads(path).text
    assert [time in page for time in came_in] == [True, True]


def test_an_item_tells_what_a_moderator_needs(isla: Any, flag: Flag, db: Database) -> None:
    with db.write() as session:
        save_article(
            session, Article(id="long", title="Bridge", body="The council will vote. " * 40, url="https://p.example/2")
        )
    flag("c0", author="Tam", article_id="long")
    flag("c1", author="Tam", article_id="long")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="personal attack", note="He names her.")
    isla.decides("c0", "2")
    page = " ".join(isla.reads("/review/comments/c1").text.split())
    for words in (
        'href="https://p.example/2"',
        "The council will vote. The council",
        "Reads as an insult.",
        "<strong><bdi>personal attack</bdi></strong>, reported by <bdi>r1</bdi>",
        "He names her.",
        "Tam</bdi></a>: 2 comments here, <strong>1 removed</strong>.",
        'Removed earlier: comments by <a href="/review/',
        "90%",
        "Rules: version 1. Scored by bundle <code>b1</code>.",
    ):
        assert words in page, words


def test_the_scores_are_one_line_and_the_suggested_rule_comes_first(isla: Any, db: Database, flag: Flag) -> None:
    flag("other")  # whose article this one stands below
    reasons = tuple(FlagReason("Reads so.", name, score, 0.4) for name, score in (("toxicity", 0.74), ("insult", 0.44)))
    with db.write() as session:
        scores = Scores({"toxicity": 0.74, "insult": 0.44, "threat": 0.02})
        save_comment(session, Comment(id="c1", article_id="bridge", text="You fool."), Judgement("b1", scores, reasons))
    page = isla.reads("/review/comments/c1").text
    assert "<summary>Insult 44%, abusive 74%</summary>" in page
    assert re.findall(r'name="remove" value="(\d+)"', page)[:3] == ["2", "1", "3"]
    suggested = page[page.index('name="remove" value="2"') : page.index('name="remove" value="1"')]
    assert "suggested" in suggested
    assert "Say what is wrong with an opinion" in page.partition('class="rule-text')[2]


def test_the_next_item_has_an_address_of_its_own(isla: Any, flag: Flag) -> None:
    flag("c1")
    answer = isla.reads("/review/next?about=insult")
    assert (answer.status_code, answer.location) == (303, "/review/comments/c1?about=insult")


# Decisions


@pytest.mark.parametrize(
    ("button", "verdict", "rule", "expected"),
    [
        ("keep", "keep", None, "decided"),
        ("2", "remove", "2", "decided"),
        ("escalate", "escalate", None, "escalated"),
    ],
)
def test_a_verdict_is_recorded_and_the_next_item_gets_its_turn(
    isla: Any, flag: Flag, db: Database, button: str, verdict: str, rule: str | None, expected: str
) -> None:
    flag("c1")
    flag("c2", score=0.7)
    assert isla.is_shown_next() == "c1"
    answer = isla.decides("c1", button)
    assert (answer.status_code, answer.location) == (303, "/review/next")
    (decision,) = decisions(db, "c1")
    assert (decision.verdict, decision.rule, decision.moderator) == (verdict, rule, "isla")
    assert decision.rules_version == 1
    assert state(db, "c1") == expected
    assert isla.is_shown_next() == "c2"


def test_the_filter_goes_on_with_the_next_item(isla: Any, flag: Flag) -> None:
    flag("c1")
    form = isla.opens("c1", "?about=insult&stream=safety")
    assert isla.presses(form, "keep").location == "/review/next?stream=safety&about=insult"


def test_after_the_last_one_the_list_says_so(isla: Any, flag: Flag) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    answer = isla.reads("/review/next")
    assert answer.status_code == 303
    assert "Nothing else is waiting here" in isla.reads(answer.location).text


@pytest.mark.parametrize("fields", [{"verdict": "delete"}, {"verdict": "remove"}, {"verdict": "undo"}, {}])
def test_an_unknown_verdict_or_a_removal_without_a_rule_is_refused(
    isla: Any, flag: Flag, db: Database, fields: dict[str, str]
) -> None:
    flag("c1")
    answer = isla.client.post("/review/decisions", data={**isla.opens("c1"), **fields})
    assert (answer.status_code, state(db, "c1")) == (400, "open")


def test_a_rule_that_does_not_exist_is_refused(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    answer = isla.decides("c1", "999")
    assert (answer.status_code, "There is no rule" in answer.text, state(db, "c1")) == (404, True, "open")


def test_only_named_attributes_go_with_a_decision(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "9", **{"is": "off_topic", "note": "an advert"})
    (decision,) = decisions(db, "c1")
    assert (dict(decision.attributes), decision.note) == ({"off_topic": 1}, "an advert")


def test_a_decision_keeps_its_stream_and_when_the_item_was_opened(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1", stream="doubt", score=0.45)
    isla.decides("c1", "escalate")
    isla.decides("c1", "keep")
    with db.read() as session:
        rows = session.query(DecisionRow).order_by(DecisionRow.id).all()
    assert [row.stream for row in rows] == ["doubt", "doubt"]
    assert all(row.opened_at is not None and row.opened_at <= row.decided_at for row in rows)


def test_a_report_brings_a_kept_comment_back(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "keep")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat", note="He means <b>her</b>.")
    assert isla.is_shown_next() == "c1"
    page = isla.reads("/review/comments/c1").text
    assert "Kept by <bdi>isla</bdi>" in page
    assert "He means &lt;b&gt;her&lt;/b&gt;." in page


# The end of a session


def test_an_ended_session_loses_no_words_about_the_decision(db: Database, client: FlaskClient, flag: Flag) -> None:
    flag("c1")
    answer = client.post(
        "/review/decisions", data={"comment_id": "c1", "verdict": "keep", "back": "/review?about=insult"}
    )
    assert answer.location == "/review/login?next=/review?about%3Dinsult"
    assert "Your session had ended, so nothing was recorded." in client.get(answer.location).text
    assert state(db, "c1") == "open"


def test_who_logs_in_again_is_back_at_the_item(isla: Any, flag: Flag) -> None:
    flag("c1")
    form = isla.opens("c1", "?about=insult")
    isla.sends("/review/logout", "/review")
    answer = isla.presses(form, "keep")
    assert answer.location == "/review/login?next=/review/comments/c1?about%3Dinsult"


@pytest.mark.parametrize("path", ["/review/logout", "/review/logout-everywhere"])
def test_whoever_logs_out_lets_go_of_what_was_open(isla: Any, rory: Any, flag: Flag, path: str) -> None:
    # The page is left only once the session has ended: what it sends then is no longer heard.
    flag("c1")
    isla.opens("c1")
    assert rory.is_shown_next() is None
    isla.sends(path, "/review")
    assert rory.is_shown_next() == "c1"


def test_after_an_edit_the_former_reasons_are_shown_as_such(
    person: Callable[..., Any], client: FlaskClient, flag: Callable[..., None]
) -> None:
    flag("c1", text="What a numpty.")
    edit = {"id": "c1", "article_id": "bridge", "text": "Fine, let us close it."}
    assert client.post("/v1/comments", json=edit).get_json()["flagged"] is False
    isla = person("isla")

    for path in ("/review", "/review/comments/c1"):
        page = isla.reads(path).text
        assert "Edited since it was flagged" in page
        assert "<mark" not in page
        assert "Abuse</span>" not in page
    assert "<li>Version 1 was flagged: Reads as an insult.</li>" in page
    assert "<li>Reads as an insult.</li>" not in page


def test_what_was_edited_to_be_harmless_waits_behind_what_is_not(
    client: FlaskClient, flag: Callable[..., None]
) -> None:
    flag("edited", score=0.99)
    flag("insult", score=0.6)
    client.post("/v1/comments", json={"id": "edited", "article_id": "bridge", "text": "Fine, let us close it."})

    items = client.get("/v1/flags").get_json()["items"]
    assert [(item["id"], item["rank"]) for item in items] == [("insult", 0.48), ("edited", 0.1)]
