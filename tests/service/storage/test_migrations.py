"""A database of the first version, with what was in it, brought up to date."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, Row, insert, inspect, select, text

from service.accounts.api_keys import find_key
from service.finding.search import SearchQuery, search
from service.learning.labels import label_rows
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.escalations import list_escalations
from service.moderation.reports import add_report
from service.storage import audit
from service.storage.database import MIGRATIONS, Database
from service.storage.tables.accounts import UserRow
from service.triage.listing import ItemFilter, list_items
from tests.schema import differences

MONDAY = datetime(2026, 3, 2, 9, 30, 0, 250_000, tzinfo=UTC)
KEY = "bl_the-key-of-a-program"
REASON = {"sentence": "It insults somebody.", "attribute": "insult", "score": 0.9, "threshold": 0.4, "spans": []}


def comment(name: str, **more: Any) -> dict[str, Any]:
    found = {"id": name, "article_id": "a/1 ä", "parent_id": None, "author": "Zoë", "text": f"{name}: you fool 🙈"}
    return {**found, "revision": 1, "posted_at": MONDAY, "received_at": MONDAY, "state": None, "rank": 0.0, **more}


def flag(comment_id: str) -> dict[str, Any]:
    found = {"comment_id": comment_id, "revision": 1, "reasons": [REASON], "stream": "safety"}
    return {**found, "rank": 2.25, "probability": 1.0, "raised_at": MONDAY, "bundle_version": "b1"}


def decision(comment_id: str, verdict: str, undoes: int | None = None) -> dict[str, Any]:
    found = {"comment_id": comment_id, "revision": 1, "verdict": verdict, "undoes": undoes}
    more = {"moderator": "anna", "rule": None, "note": "ä", "attributes": {"insult": 1}, "decided_at": MONDAY}
    return {**found, **more, "bundle_version": "b1", "last_flag": 1, "last_report": 0}


#: In the order in which the tables point to each other.
FIRST: Mapping[str, Sequence[dict[str, Any]]] = {
    "api_key": [
        {
            "name": "Coral",
            "digest": hashlib.sha256(KEY.encode()).hexdigest(),
            "scopes": ["score"],
            "created_at": MONDAY,
        }
    ],
    "user_account": [{"name": "anna", "password_hash": "$argon2id$", "created_at": MONDAY}],
    "article": [
        {
            "id": "a/1 ä",
            "title": "Bridge",
            "body": "It closes.",
            "url": None,
            "section": None,
            "published_at": MONDAY,
            "received_at": MONDAY,
        }
    ],
    "comment": [
        comment("plain"),
        comment("open", state="open", rank=2.25, revision=2),
        comment("reported", state="open", rank=1.5, received_at=MONDAY + timedelta(days=1)),
        comment("removed", state="decided", rank=2.25, parent_id="plain"),
        comment("undone", state="open", rank=2.25),
        comment("asked", state="escalated", rank=2.25),
    ],
    "edit": [{"comment_id": "open", "revision": 1, "text": "open: you", "replaced_at": MONDAY}],
    "score": [
        {
            "comment_id": "open",
            "revision": 2,
            "bundle_version": "b1",
            "scores": {"insult": 0.9},
            "spans": [],
            "subjects": None,
            "scored_at": MONDAY,
        }
    ],
    "flag": [flag("removed"), flag("undone"), flag("open"), flag("asked")],
    "report": [{"comment_id": "reported", "reporter": "r1", "reason": "rude", "note": "!", "created_at": MONDAY}],
    "decision": [
        decision("removed", "remove"),
        decision("undone", "keep"),
        decision("undone", "undo", undoes=2),
        {**decision("asked", "escalate"), "last_flag": 4},
    ],
}


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    """Yield a database as the first version left it."""
    # What the tests get is up to date.
    if database_url.startswith("sqlite:///"):
        Path(database_url.removeprefix("sqlite:///")).unlink()
    db = Database(database_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        assert {*inspect(connection).get_table_names()} == {*FIRST, "alembic_version"}
        tables = _first_tables(connection).tables
        for name, rows in FIRST.items():
            for row in rows:
                connection.execute(insert(tables[name]), row)
    yield db
    db.close()


def _first_tables(connection: Connection) -> MetaData:
    tables = MetaData()
    tables.reflect(connection, only=list(FIRST))
    return tables


def test_no_row_is_lost_or_changed_on_the_way(old: Database) -> None:
    with old.engine.connect() as connection:
        tables = _first_tables(connection).tables.values()
        before = {table.name: _content(connection, table) for table in tables}

    old.upgrade()

    with old.engine.connect() as connection:
        assert differences(connection) == []
        assert {table.name: _content(connection, table) for table in tables} == before
    assert {name: len(rows) for name, rows in before.items()} == {name: len(rows) for name, rows in FIRST.items()}


def _content(connection: Connection, table: Any) -> Sequence[Row[Any]]:
    return connection.execute(select(table).order_by(*table.primary_key)).all()


def test_work_goes_on_where_it_was(old: Database) -> None:
    old.upgrade()

    with old.read() as session:
        key = find_key(session, KEY)
        waiting = [str(item.comment.id) for item in list_items(session, ItemFilter()).items]
        assert get_item(session, "open").judgement.scores is not None
        found = [
            str(item.comment.id) for item in search(session, SearchQuery(words="you fool", verdict="remove")).items
        ]
        assert found == ["removed"]
        (asked,) = list_escalations(session, "mhairi")
        assert (asked.item.comment.id, asked.asked_by, asked.asked_to, asked.why) == ("asked", "anna", None, "ä")
    assert key is not None
    assert (key.name, key.allows("score"), key.allows("review")) == ("Coral", True, False)
    assert sorted(waiting) == ["open", "reported", "undone"]
    with old.write() as session:
        add_decision(session, "open", NewDecision(verdict="remove", moderator="anna"))
        add_report(session, comment_id="plain", reporter="r2", reason="rude")
    assert [(row.comment_id, row.label) for row in label_rows(old, "only for tests")] == [
        ("open", "removed"),
        ("removed", "removed"),
    ]
    with old.read() as session:
        audit.verify(session)


def test_an_account_from_before_has_the_newsrooms_language(old: Database) -> None:
    old.upgrade("de")

    with old.read() as session:
        assert dict(session.execute(select(UserRow.name, UserRow.language)).all()) == {"anna": None}
    with old.write() as session:
        session.scalars(select(UserRow)).one().language = "de"


def test_who_wanted_slurs_shown_still_sees_them_and_who_never_said_follows_the_newsroom(old: Database) -> None:
    def migrate(revision: str) -> None:
        with old.engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, revision)

    migrate("0021")
    with old.engine.begin() as connection:
        accounts = MetaData()
        accounts.reflect(connection, only=["user_account"])
        isla = {"name": "isla", "password_hash": "x", "created_at": MONDAY, "words_shown": True}
        connection.execute(insert(accounts.tables["user_account"]), isla)
    migrate("head")

    with old.read() as session:
        assert dict(session.execute(select(UserRow.name, UserRow.slurs)).all()) == {"anna": None, "isla": "shown"}
