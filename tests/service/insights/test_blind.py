"""The blind sample: nothing of the scores is shown before the decision, and the difference is measured."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.labels import LabelRow
from service.insights.blind import is_blind
from service.insights.queries import Period, read_decisions
from service.insights.work import first_verdicts
from service.moderation.reports import add_report
from service.storage.database import Database

Flag = Callable[..., None]
ALWAYS = Period(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


@pytest.fixture
def isla(app: Flask, person: Callable[..., Any]) -> Any:
    """Log isla in, where every item is blind."""
    app.config["BLIND_SHARE"] = 1.0
    return person("isla")


def test_the_share_is_kept_and_each_comment_stays_what_it_is() -> None:
    ids = [f"comment {number}" for number in range(20_000)]
    chosen = [is_blind(comment_id, secret="s", share=0.05) for comment_id in ids]
    assert sum(chosen) / len(ids) == pytest.approx(0.05, abs=0.005)
    assert chosen == [is_blind(comment_id, secret="s", share=0.05) for comment_id in ids]
    assert chosen != [is_blind(comment_id, secret="another", share=0.05) for comment_id in ids]


@pytest.mark.parametrize(("share", "expected"), [(0.0, False), (1.0, True)])
def test_none_and_all(share: float, *, expected: bool) -> None:
    assert {is_blind(f"c{number}", secret="s", share=share) for number in range(100)} == {expected}


@pytest.mark.parametrize("path", ["/review", "/review/comments/c1", "/review/batch?author=Tam"])
def test_nothing_that_the_scorer_said_is_on_a_page(isla: Any, flag: Flag, path: str) -> None:
    flag("c1", author="Tam", attribute="threat", score=0.93)
    main = isla.reads(path).text.partition("<main")[2].partition("</main>")[0]
    # The filter names every attribute, and so do the rules: what they say of this item is meant.
    main = main.partition('<ol class="items">')[2] or main
    for telling in ("Reads as", "93%", "0.93", "<mark", "card abuse", ">Abuse<", "data-suggested"):
        assert telling not in main, telling


def test_all_of_it_is_there_after_the_decision(isla: Any, flag: Flag) -> None:
    flag("c1", score=0.93)
    isla.decides("c1", "keep")
    page = isla.reads("/review/comments/c1").text
    assert "Reads as an insult." in page
    assert "93%" in page


def test_slurs_are_masked_by_a_list_that_knows_no_scores(isla: Any, flag: Flag) -> None:
    flag("c1", spans=())
    masked = 'What a <span class="masked">w•••••</span><span class="word">wanker</span>.'
    assert masked in isla.reads("/review/comments/c1").text


def labels(client: FlaskClient) -> dict[str, bool]:
    rows = [LabelRow.from_json(line) for line in client.get("/v1/labels").text.split("\n") if line]
    return {row.comment_id: row.blind for row in rows}


def test_a_decision_records_that_it_was_blind(app: Flask, isla: Any, flag: Flag, client: FlaskClient) -> None:
    flag("c1")
    flag("c2")
    isla.decides("c1", "keep")
    app.config["BLIND_SHARE"] = 0.0
    isla.decides("c2", "keep")
    assert labels(client) == {"c1": True, "c2": False}


@pytest.mark.parametrize("query", ["?about=insult", "?stream=safety"])
def test_a_filter_that_tells_what_the_scores_say_makes_it_no_blind_one(
    isla: Any, flag: Flag, client: FlaskClient, query: str
) -> None:
    flag("c1")
    isla.presses(isla.opens("c1", query), "keep")
    assert labels(client) == {"c1": False}


def test_a_form_cannot_claim_to_have_been_blind(app: Flask, isla: Any, flag: Flag, client: FlaskClient) -> None:
    app.config["BLIND_SHARE"] = 0.0
    flag("c1")
    isla.decides("c1", "keep", blind="yes")
    assert labels(client) == {"c1": False}


def test_only_first_verdicts_are_compared_since_no_other_is_ever_blind(isla: Any, flag: Flag, db: Database) -> None:
    flag("c1")
    isla.decides("c1", "2")
    page = isla.reads("/review").text
    decision = re.findall(r'name="decision" value="(\d+)"', page)[0]
    isla.sends("/review/undo", "/review", comment_id="c1", decision=decision)
    isla.decides("c1", "keep")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="insult")
    isla.decides("c1", "2")
    with db.read() as session:
        made = read_decisions(session, ALWAYS)
    # What was taken back and decided anew counts as if nobody had looked before.
    assert [(one.verdict, one.blind, one.id in first_verdicts(made)) for one in made] == [
        ("remove", True, True),
        ("undo", False, False),
        ("keep", True, True),
        ("remove", False, False),
    ]
