"""Acting in the list: ticked or one by one, with a reason on each row and counts that keep up."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from flask import Flask

from model.labels import LabelRow
from service.moderation.reports import add_report
from service.storage.database import Database

Flag = Callable[..., None]


def picks(page: str) -> dict[str, str]:
    """Return what the tick box of each item would send."""
    found = re.findall(r'name="pick" form="act" value="([^"]+)"', page)
    return {value.partition(" ")[2]: value for value in map(unescape, found)}


def test_one_is_decided_in_the_list_and_the_list_goes_on(
    isla: Any, client: Any, reviewer: dict[str, str], flag: Flag
) -> None:
    for number in range(3):
        flag(f"c{number}")
    page = isla.reads("/review?about=insult")
    answer = isla.sends(
        "/review/batch", "/review?about=insult", pick=picks(page.text)["c1"], remove="2", onward=page.request.full_path
    )
    assert answer.location == "/review?about=insult"
    after = isla.reads(answer.location).text
    assert picks(after).keys() == {"c0", "c2"}
    assert "for removal under rule 2." in after
    (row,) = [LabelRow.from_json(line) for line in client.get("/v1/labels", headers=reviewer).text.splitlines()]
    assert (row.comment_id, row.rule, row.batch) == ("c1", "2", False)


def test_those_ticked_are_decided_together(isla: Any, flag: Flag) -> None:
    for number in range(3):
        flag(f"c{number}")
    found = picks(isla.reads("/review").text)
    answer = isla.sends("/review/batch", "/review", pick=[found["c0"], found["c2"]], verdict="keep", onward="/review")
    after = isla.reads(answer.location).text
    assert "Decided on 2 together." in after
    assert picks(after).keys() == {"c1"}


def test_nobody_is_led_out_of_the_console(isla: Any, flag: Flag) -> None:
    flag("c1")
    found = picks(isla.reads("/review").text)
    answer = isla.sends("/review/batch", "/review", pick=found["c1"], verdict="keep", onward="https://evil.example/")
    assert answer.location == "/review"


def test_a_row_says_why_it_is_here_and_what_it_was_reported_for(isla: Any, db: Database, flag: Flag) -> None:
    flag("c1", score=0.44)
    with db.write() as session:
        for number, reason in enumerate(("insult", "threat", "insult")):
            add_report(session, "c1", reporter=f"r{number}", reason=reason)
    assert "reported: insult (2), threat" in isla.reads("/review").text


def test_a_blind_item_and_what_is_decided_cannot_be_ticked(app: Flask, isla: Any, flag: Flag) -> None:
    flag("c1")
    assert picks(isla.reads("/review").text)
    app.config["BLIND_SHARE"] = 1.0
    assert not picks(isla.reads("/review").text)
    isla.decides("c1", "keep")
    assert not picks(isla.reads("/review?state=decided").text)


def test_an_empty_stream_says_so_and_offers_nothing_to_review(isla: Any, flag: Flag) -> None:
    flag("c1")
    flag("c2", stream="doubt")
    page = isla.reads("/review?stream=random").text
    assert ("Nothing is waiting under this filter." in page, "Review these" in page) == (True, False)
    page = isla.reads("/review?stream=doubt").text
    assert ("<strong>1</strong> comment waiting under this filter" in page, "Review these" in page) == (True, True)


def test_the_counts_keep_up(isla: Any, flag: Flag) -> None:
    flag("c1")
    flag("c2", stream="doubt", score=0.45)
    assert 'data-counts="/review/counts"' in isla.reads("/review").text
    expected = {"total": 2, "safety": 1, "doubt": 1, "random": 0, "escalated": 0}
    assert isla.reads("/review/counts").get_json() == expected
    isla.decides("c1", "escalate")
    assert isla.reads("/review/counts").get_json() == {**expected, "total": 1, "safety": 0, "escalated": 1}
