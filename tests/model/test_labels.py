"""The label row: what the service writes and training reads."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from model.errors import InvalidInput
from model.labels import LabelRow
from model.records import Article

FULL = LabelRow(
    comment_id="c1",
    text='He said "go home"\nand \u2028 meant it \U0001f600',
    label="removed",
    parent_text="A parent",
    article=Article(id="a1", title="Title", body="Body"),
    attributes={"insult": 1, "threat": 0},
    rule="2",
    verdict_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    moderator="m-1",
    author="a-1",
    seen_because="flag",
    probability_seen=1.0,
    bundle_version="v1",
    scores={"toxicity": 0.9},
    source="suggestscore",
    batch=True,
    blind=True,
)


@pytest.mark.parametrize("row", [FULL, LabelRow(comment_id="c2", text="Never seen", label=None)], ids=["full", "bare"])
def test_a_row_is_one_line_and_comes_back_as_it_was(row: LabelRow) -> None:
    line = row.to_json()

    assert "\n" not in line
    assert LabelRow.from_json(line) == row
    assert LabelRow.from_json(line.encode()) == row


def test_what_a_row_leaves_out_is_not_made_up() -> None:
    row = LabelRow.from_json('{"comment_id": "c", "text": "t", "label": "kept"}')

    assert (row.attributes, row.seen_because, row.probability_seen, row.article) == ({}, None, None, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "deleted"}, "A label is 'removed', 'kept' or null, not 'deleted'"),
        ({"label": ["kept"]}, "A label is"),
        ({"text": None}, "needs 'text', a string"),
        ({"batch": 1}, "'batch' is true or false, not 1"),
        ({"comment_id": 7}, "needs 'comment_id', a string"),
        ({"attributes": {"insult": 0.5}}, "maps names to 0 or 1"),
        ({"attributes": {"niceness": 1}}, "There is no attribute 'niceness'"),
        ({"attributes": ["insult"]}, "maps names to 0 or 1"),
        ({"seen_because": "luck"}, "'seen_because' is flag, report, random, other or null, not 'luck'"),
        ({"source": "rumour"}, "'source' is decision or suggestscore, not 'rumour'"),
        ({"withdrawn": "yes"}, "'withdrawn' is true or false, not 'yes'"),
        ({"scores": 0.5}, "'scores' maps attributes to numbers"),
        ({"article": "a1"}, "The article or the time"),
        ({"article": {"id": "a1"}}, "The article or the time"),
        ({"verdict_at": "noon"}, "The article or the time"),
        ({"colour": "red"}, "has no 'colour'"),
    ],
)
def test_what_is_no_row_is_refused(change: dict[str, Any], message: str) -> None:
    line = json.dumps({"comment_id": "c", "text": "t", "label": "kept", **change})

    with pytest.raises(InvalidInput, match=message):
        LabelRow.from_json(line)


@pytest.mark.parametrize("line", ["", "{", "[]", "7", b"\xff", "[" * 100_000])
def test_what_is_no_json_object_is_refused(line: str | bytes) -> None:
    with pytest.raises(InvalidInput, match="A label row is"):
        LabelRow.from_json(line)


def test_a_withdrawn_row_says_so_and_others_say_nothing_of_it() -> None:
    row = LabelRow("c", text="", label=None, withdrawn=True)

    assert LabelRow.from_json(row.to_json()) == row
    assert "withdrawn" not in LabelRow("c", text="t", label="kept").to_json()
