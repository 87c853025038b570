"""Five thousand comments: the queue's order against its definition, written down a second time."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from service.moderation.decisions import NewDecision, add_decision
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, FlagRow, ReportRow
from service.triage import claims
from service.triage.listing import ItemFilter, list_items, next_for, waiting
from service.triage.order import Shares

COMMENTS, ONE_IN = 5_000, 10
SHOWN = 200
# As docs/queue.md has it.
HOW_BAD = {
    "threat": 1.0,
    "severe_toxicity": 1.0,
    "identity_attack": 1.0,
    "toxicity": 0.8,
    "insult": 0.8,
    "profanity": 0.6,
    "off_topic": 0.4,
}
REACH = {0: 1.0, 1: 1.5, 3: 2.0, 15: 3.0}
TERRIBLE = {"threat", "severe_toxicity", "identity_attack"}


@dataclass(frozen=True)
class Expected:
    """Where an item should stand, worked out from the tables alone."""

    name: str
    stream: str
    urgency: float
    since: datetime
    terrible: bool


@pytest.fixture
def expected(db: Database, many: Callable[..., None]) -> dict[str, list[Expected]]:
    """Load the comments and return each stream's items in the order that the definition demands."""
    many(COMMENTS, one_in=ONE_IN)
    now = datetime.now(UTC)
    with db.read() as session:
        comments = {row.id: row.parent_id for row in session.execute(select(CommentRow.id, CommentRow.parent_id))}
        flags = {row.comment_id: row for row in session.scalars(select(FlagRow))}
        reports: dict[str, list[ReportRow]] = defaultdict(list)
        for row in session.scalars(select(ReportRow)):
            reports[row.comment_id].append(row)
    answers = Counter(comments.values())
    streams: dict[str, list[Expected]] = {"safety": [], "doubt": [], "random": []}
    for name in flags.keys() | reports.keys():
        since = flags[name].raised_at if name in flags else min(report.created_at for report in reports[name])
        stream = flags[name].stream if name in flags else "safety"
        attribute, weight = None, 1.0
        if stream == "safety":
            base = 0.3
            if name in flags:
                (reason,) = flags[name].reasons
                attribute, base = reason["attribute"], HOW_BAD[reason["attribute"]] * reason["score"]
            read = 0.7 if comments[name] else 1.0
            replies = answers[name]
            growth = REACH[replies] if replies in REACH else 1 + math.log2(1 + min(replies, 15)) / 2
            weight = base * read * growth * (1 + min(5, len({report.reporter for report in reports[name]})))
        elif stream == "doubt":
            weight = flags[name].rank
        # Thirty days would overflow nothing: 2 ** 60 is a number.
        urgency = weight * 2 ** ((now - since) / timedelta(hours=12))
        streams[stream].append(Expected(name, stream, urgency, since, attribute in TERRIBLE))
    for items in streams.values():
        items.sort(key=lambda item: (item.urgency, item.name), reverse=True)
    return streams


def test_the_lists_have_the_order_of_the_definition_and_their_counts_are_right(
    db: Database, expected: dict[str, list[Expected]]
) -> None:
    with db.read() as session:
        counted = waiting(session, ItemFilter())
        for stream in ("safety", "doubt", "random"):
            names: list[str] = []
            page = list_items(session, ItemFilter(stream=stream), limit=200)
            names += [str(item.comment.id) for item in page.items]
            while page.next_cursor is not None:
                page = list_items(session, ItemFilter(stream=stream), cursor=page.next_cursor, limit=200)
                names += [str(item.comment.id) for item in page.items]
            assert names == [item.name for item in expected[stream]]
    assert counted.streams == {stream: len(items) for stream, items in expected.items()}
    assert counted.total == COMMENTS // ONE_IN
    assert counted.oldest == min(item.since for items in expected.values() for item in items)


def test_what_is_shown_next_is_the_first_of_its_stream_and_never_two_terrible_ones_in_a_row(
    db: Database, expected: dict[str, list[Expected]]
) -> None:
    by_name = {item.name: item for items in expected.values() for item in items}
    shown: list[Expected] = []
    for _ in range(SHOWN):
        with db.write() as session:
            found = next_for(session, "isla", ItemFilter(), shares=Shares(), lease=timedelta(minutes=5))
            assert found is not None
            claims.finish(session, found.comment_id, "isla")
            add_decision(session, found.comment_id, NewDecision(verdict="keep", moderator="isla"))
        item = by_name[found.comment_id]
        left = expected[item.stream]
        after_terrible = bool(shown) and shown[-1].terrible
        assert item == next(one for one in left if not (after_terrible and one.terrible))
        left.remove(item)
        shown.append(item)
    assert Counter(item.stream for item in shown) == {"safety": 150, "doubt": 40, "random": 10}
