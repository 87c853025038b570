"""The blind sample: nothing of the scores is shown before the decision, and the difference is measured."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.labels import LabelRow
from service.blind import Anchoring, Removals, anchoring, is_blind
from service.database import Database

Flag = Callable[..., None]


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
    for telling in ("Reads as", "93 %", "0.93", "<mark", "card abuse", ">Abuse<", "data-suggested"):
        assert telling not in main, telling


def test_all_of_it_is_there_after_the_decision(isla: Any, flag: Flag) -> None:
    flag("c1", score=0.93)
    isla.decides("c1", "keep")
    page = isla.reads("/review/comments/c1").text
    assert "Reads as an insult." in page
    assert "93 %" in page


def test_a_masked_text_is_masked_as_a_whole(isla: Any, flag: Flag) -> None:
    flag("c1")
    assert "its whole text is." in isla.reads("/review/comments/c1").text
    isla.sends("/review/words", "/review", words="shown", back="/review")
    assert "its whole text is." not in isla.reads("/review/comments/c1").text


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


def test_anchoring_compares_what_is_removed_with_the_scores_in_sight_and_without(
    app: Flask, isla: Any, flag: Flag, store: Database
) -> None:
    for number, (share, button) in enumerate(
        [(1.0, "2"), (1.0, "keep"), (1.0, "keep"), (1.0, "keep"), (0.0, "2"), (0.0, "2"), (0.0, "2"), (0.0, "keep")]
    ):
        app.config["BLIND_SHARE"] = share
        flag(f"c{number}")
        isla.decides(f"c{number}", button)
    flag("escalated")
    isla.decides("escalated", "escalate")
    with store.read() as session:
        found = anchoring(session)
    assert found == Anchoring(shown=Removals(3, 4), blind=Removals(1, 4))
    assert found.difference == pytest.approx(0.5)


def test_a_second_look_does_not_count_since_it_knows_the_first(isla: Any, flag: Flag, store: Database) -> None:
    flag("c1")
    isla.decides("c1", "2")
    isla.decides("c1", "keep")
    with store.read() as session:
        found = anchoring(session)
    assert (found.shown, found.blind) == (Removals(0, 0), Removals(0, 0))
    assert (found.difference, found.margin) == (None, None)


@pytest.mark.parametrize(
    ("shown", "blind", "sure"),
    [
        (Removals(60, 100), Removals(30, 100), True),
        (Removals(6, 10), Removals(3, 10), False),
        (Removals(10, 10), Removals(10, 10), False),
    ],
)
def test_few_decisions_prove_nothing(shown: Removals, blind: Removals, *, sure: bool) -> None:
    found = Anchoring(shown, blind)
    assert found.difference is not None
    assert found.margin is not None
    assert (found.difference > found.margin) is sure
