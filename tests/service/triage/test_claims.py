"""Who holds which item, on the real database, with threads that race for it."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service.moderation.comments import lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.tables.comments import ClaimRow, CommentRow
from service.triage import claims
from service.triage.claims import Claim
from service.triage.listing import ItemFilter, list_items, next_for
from service.triage.order import Shares

Flag = Callable[..., None]
LEASE = timedelta(minutes=5)
ANY = ItemFilter()
USUAL = Shares()


def next_one(db: Database, moderator: str, wanted: ItemFilter = ANY, shares: Shares = USUAL) -> Claim | None:
    with db.write() as session:
        return next_for(session, moderator, wanted, shares=shares, lease=LEASE)


def decide(db: Database, claim: Claim) -> None:
    with db.write() as session:
        opened_at = claims.finish(session, claim.comment_id, claim.moderator)
        add_decision(
            session, claim.comment_id, NewDecision(verdict="keep", moderator=claim.moderator, opened_at=opened_at)
        )


def shown(db: Database, moderator: str, most: int = 100, **more: Any) -> list[str]:
    """Decide on whatever is next, and return what it was."""
    order: list[str] = []
    while len(order) < most and (claim := next_one(db, moderator, **more)):
        order.append(claim.comment_id)
        decide(db, claim)
    return order


def age(db: Database, claim: Claim, by: timedelta) -> None:
    with db.write() as session:
        row = session.get_one(ClaimRow, claim.id)
        row.until -= by
        if row.ended_at is not None:
            row.ended_at -= by


def ends(db: Database) -> list[tuple[str, str | None]]:
    with db.read() as session:
        return [(row.moderator, row.ended) for row in session.scalars(select(ClaimRow).order_by(ClaimRow.id))]


# One moderator after the other


def test_who_comes_second_is_shown_the_next_item(db: Database, flag: Flag) -> None:
    flag("c1")
    flag("c2", score=0.8)
    first, second = next_one(db, "isla"), next_one(db, "rory")
    assert first is not None
    assert second is not None
    assert (first.comment_id, second.comment_id) == ("c1", "c2")
    assert next_one(db, "anna") is None


def test_a_reload_shows_the_same_item_and_keeps_when_it_was_opened(db: Database, flag: Flag) -> None:
    flag("c1")
    flag("c2", score=0.8)
    first, again = next_one(db, "isla"), next_one(db, "isla")
    assert first is not None
    assert again is not None
    assert (again.comment_id, again.opened_at) == (first.comment_id, first.opened_at)
    assert ends(db) == [("isla", "renewed"), ("isla", None)]


def test_an_item_that_is_let_go_is_the_next_ones(db: Database, flag: Flag) -> None:
    flag("c1")
    claim = next_one(db, "isla")
    assert claim is not None
    with db.write() as session:
        assert claims.release(session, claim.id, "isla", "closed") is not None
    assert shown(db, "rory") == ["c1"]
    assert ends(db) == [("isla", "closed"), ("rory", "decided")]


def test_a_lease_ends_by_itself(db: Database, flag: Flag) -> None:
    flag("c1")
    claim = next_one(db, "isla")
    assert claim is not None
    assert next_one(db, "rory") is None
    age(db, claim, LEASE)
    assert shown(db, "rory") == ["c1"]
    assert ends(db) == [("isla", "expired"), ("rory", "decided")]


def test_a_clock_that_was_ahead_for_a_year_holds_nothing_for_a_year(db: Database, flag: Flag) -> None:
    flag("c1")
    claim = next_one(db, "isla")
    assert claim is not None
    age(db, claim, -timedelta(days=365))
    with db.read() as session:
        assert claims.holder(session, "c1") is None
    assert shown(db, "rory") == ["c1"]
    assert ends(db) == [("isla", "expired"), ("rory", "decided")]


def test_a_lease_is_extended_while_somebody_looks(db: Database, flag: Flag) -> None:
    flag("c1")
    claim = next_one(db, "isla")
    assert claim is not None
    age(db, claim, LEASE - timedelta(seconds=30))
    with db.write() as session:
        assert claims.extend(session, claim.id, "isla", LEASE)
        held = claims.holder(session, "c1")
    assert held is not None
    assert held.until > datetime.now(UTC) + LEASE - timedelta(seconds=30)


def test_each_of_two_windows_holds_the_item_for_longer(db: Database, flag: Flag) -> None:
    flag("c1")
    first, second = next_one(db, "isla"), next_one(db, "isla")
    assert first is not None
    assert second is not None
    with db.write() as session:
        assert claims.extend(session, first.id, "isla", 2 * LEASE)
        held = claims.holder(session, "c1")
        assert held is not None
        assert (held.id, held.until > second.until) == (second.id, True)
        claims.release(session, second.id, "isla", "closed")
        assert not claims.extend(session, first.id, "isla", LEASE)


def test_who_skips_an_item_in_one_of_two_windows_is_shown_another_one(db: Database, flag: Flag) -> None:
    flag("c1")
    flag("c2", score=0.8)
    first, again = next_one(db, "isla"), next_one(db, "isla")
    assert first is not None
    assert again is not None
    with db.write() as session:
        claims.release(session, first.id, "isla", "skipped")
    assert shown(db, "isla") == ["c2"]
    assert shown(db, "rory") == ["c1"]


@pytest.mark.parametrize("who", ["isla", "rory"])
def test_what_is_lost_cannot_be_extended_nor_let_go(db: Database, flag: Flag, who: str) -> None:
    flag("c1")
    lost = next_one(db, "isla")
    assert lost is not None
    age(db, lost, LEASE)
    mine = next_one(db, "rory")
    assert mine is not None
    with db.write() as session:
        assert not claims.extend(session, lost.id, who, LEASE)
        assert claims.release(session, lost.id, who, "closed") is None
        held = claims.holder(session, "c1")
    assert held == mine


def test_a_late_farewell_of_a_page_that_was_reloaded_lets_nothing_go(db: Database, flag: Flag) -> None:
    flag("c1")
    first, again = next_one(db, "isla"), next_one(db, "isla")
    assert first is not None
    with db.write() as session:
        claims.release(session, first.id, "isla", "closed")
        assert claims.holder(session, "c1") == again


def test_a_skipped_item_goes_to_others_and_comes_back_the_next_day(db: Database, flag: Flag) -> None:
    flag("c1")
    flag("c2", score=0.8)
    claim = next_one(db, "isla")
    assert claim is not None
    with db.write() as session:
        claims.release(session, claim.id, "isla", "skipped")
    assert shown(db, "isla") == ["c2"]
    other = next_one(db, "rory")
    assert other is not None
    assert other.comment_id == "c1"
    with db.write() as session:
        claims.release(session, other.id, "rory", "closed")
    age(db, claim, claims.SKIPPED_FOR)
    assert shown(db, "isla") == ["c1"]


def test_an_item_can_be_taken_over(db: Database, flag: Flag) -> None:
    flag("c1")
    next_one(db, "isla")
    with db.write() as session:
        row = lock_comment(session, "c1")
        assert claims.claim(session, row, "rory", LEASE).moderator == "isla"
        assert claims.claim(session, row, "rory", LEASE, take=True).moderator == "rory"
    assert ends(db) == [("isla", "taken"), ("rory", None)]


# Which item is next


def test_no_two_extreme_items_in_a_row_where_the_queue_allows_it(db: Database, flag: Flag) -> None:
    for number in range(4):
        flag(f"threat{number}", attribute="threat", score=0.9)
    for number in range(2):
        flag(f"insult{number}", score=0.6)
    kinds = [name[:-1] for name in shown(db, "isla")]
    assert kinds == ["threat", "insult", "threat", "insult", "threat", "threat"]


def test_what_was_kept_and_is_reported_again_still_is_an_extreme_item(db: Database, flag: Flag) -> None:
    flag("back", attribute="threat", score=0.9)
    with db.write() as session:
        add_decision(session, "back", NewDecision(verdict="keep", moderator="rory"))
        add_report(session, "back", reporter="r1", reason="threat")
    flag("threat", attribute="threat", score=0.9)
    flag("insult", score=0.1)
    with db.read() as session:
        threats = list_items(session, ItemFilter(about="threat")).items
    # What it weighs is what a report weighs.
    assert [one.comment.id for one in threats] == ["threat", "back"]
    assert shown(db, "isla") == ["threat", "insult", "back"]


def test_the_streams_have_their_shares_of_what_is_shown(db: Database, flag: Flag) -> None:
    for number in range(40):
        flag(f"safety{number}")
        flag(f"doubt{number}", stream="doubt", score=0.45)
        flag(f"random{number}", stream="random", score=0.1)
    order = shown(db, "isla", 40, shares=Shares(70, 20, 10))
    assert Counter(name.rstrip("0123456789") for name in order) == {"safety": 28, "doubt": 8, "random": 4}


def test_a_chosen_stream_is_the_only_one(db: Database, flag: Flag) -> None:
    flag("safe")
    flag("close", stream="doubt", score=0.45)
    assert shown(db, "isla", wanted=ItemFilter(stream="doubt")) == ["close"]


def test_a_filter_holds_for_the_next_item(db: Database, flag: Flag) -> None:
    flag("insult")
    flag("threat", attribute="threat")
    assert shown(db, "isla", wanted=ItemFilter(about="insult")) == ["insult"]


def test_what_was_drawn_at_random_is_shown_in_the_order_in_which_it_came(db: Database, flag: Flag) -> None:
    for number in (3, 1, 2):
        flag(f"c{number}", stream="random", score=0.1 * number)
    assert shown(db, "isla") == ["c3", "c1", "c2"]


def test_an_old_mild_item_goes_before_a_fresh_worse_one(db: Database, flag: Flag) -> None:
    flag("mild", score=0.5)
    flag("worse", score=0.9)
    with db.write() as session:
        row = session.get_one(CommentRow, "mild")
        row.queue_position += 1.0  # as if it had come twelve hours before
    assert shown(db, "isla") == ["mild", "worse"]


def test_a_reply_makes_an_open_comment_more_urgent(db: Database, flag: Flag) -> None:
    flag("a")
    flag("b", score=0.8)
    flag("reply", score=0.5, parent_id="b")
    assert shown(db, "isla") == ["b", "a", "reply"]


# Races


def test_many_at_the_same_moment_are_all_shown_different_items(db: Database, flag: Flag) -> None:
    for number in range(12):
        flag(f"c{number:02d}")
    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(lambda number: next_one(db, f"m{number}"), range(12)))
    assert sorted(claim.comment_id for claim in found if claim) == [f"c{number:02d}" for number in range(12)]


def test_a_team_decides_each_item_once(db: Database, flag: Flag) -> None:
    for number in range(40):
        flag(f"c{number:02d}", stream=("safety", "doubt", "random")[number % 3], score=0.45)
    with ThreadPoolExecutor(4) as pool:
        orders = list(pool.map(lambda name: shown(db, name), ["isla", "rory", "anna", "tam"]))
    assert sorted(name for order in orders for name in order) == [f"c{number:02d}" for number in range(40)]


def test_of_two_who_take_the_same_item_at_the_same_moment_one_has_it(db: Database, flag: Flag) -> None:
    flag("c1")

    def open_it(moderator: str) -> str:
        with db.write() as session:
            return claims.claim(session, lock_comment(session, "c1"), moderator, LEASE).moderator

    with ThreadPoolExecutor(8) as pool:
        holders = set(pool.map(open_it, [f"m{number}" for number in range(8)]))
    assert len(holders) == 1
