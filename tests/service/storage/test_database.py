"""The same promises on SQLite and on PostgreSQL."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from model.records import Article, Comment, Scores, Span, Subjects
from service.accounts.api_keys import create_key
from service.moderation.articles import get_article, save_article
from service.moderation.comments import get_item, save_comment
from service.storage.database import Database, DatabaseError
from service.storage.records import FlagReason, Judgement
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow, FlagRow, ReportRow
from tests.schema import differences

ODD = "Ça va? 🙈 \u202eright to left\u2028 {\"a\": '%s'} \\u0000 \x01 \r\n\tand so on"
AT_ONCE = 8


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    """Yield a database with tables and nothing in them."""
    db = Database(database_url)
    db.upgrade()
    yield db
    db.close()


def at_once(do: Callable[[int], Any]) -> list[Any]:
    """Do the same in several threads, begun together."""
    barrier = threading.Barrier(AT_ONCE)

    def one(number: int) -> Any:
        barrier.wait()
        return do(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_migrations_make_the_tables_that_the_code_uses(empty: Database) -> None:
    with empty.engine.connect() as connection:
        assert differences(connection) == []


@pytest.fixture
def elsewhere(empty: Database) -> Iterator[Database]:
    """Yield a database whose server, if it has one, is west of UTC."""

    def say(what: str) -> None:
        if empty.engine.dialect.name == "postgresql":
            with empty.engine.begin() as connection:
                connection.exec_driver_sql(f'ALTER DATABASE "{empty.engine.url.database}" {what}')
            # What connects from now on has it.
            empty.engine.dispose()

    say("SET timezone = 'America/New_York'")
    yield empty
    say("RESET timezone")


def test_a_moment_comes_back_as_it_was_stored_wherever_the_server_is(elsewhere: Database) -> None:
    moments = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)]
    with elsewhere.write() as session:
        for number, moment in enumerate(moments):
            save_article(session, Article(id=f"a{number}", title="T", published_at=moment))

    with elsewhere.read() as session:
        assert [get_article(session, f"a{number}").published_at for number in range(2)] == moments


def test_several_processes_may_bring_it_up_to_date_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path / 'b.db'}") for _ in range(AT_ONCE)]
    at_once(lambda number: databases[number].upgrade())
    assert "comment" in inspect(databases[0].engine).get_table_names()
    for db in databases:
        db.close()


def test_a_new_file_that_another_process_writes_just_now_is_waited_for(tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    with closing(sqlite3.connect(file, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, other.rollback).start()
        db = Database(f"sqlite:///{file}")
        with db.read() as session:
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        db.close()


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 15_000)],
)
def test_sqlite_keeps_what_it_acknowledged(tmp_path: Path, pragma: str, value: object) -> None:
    db = Database(f"sqlite:///{tmp_path / 'b.db'}")
    with db.read() as session:
        assert session.scalar(text(f"PRAGMA {pragma}")) == value
    db.close()


def test_a_comment_without_its_article_is_refused_by_the_database_too(empty: Database) -> None:
    row = CommentRow(id="c1", article_id="nowhere", text="Hm.", received_at=datetime.now(UTC))

    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), empty.write() as session:
        session.add(row)


def test_what_goes_in_comes_out(empty: Database) -> None:
    east = datetime(2026, 11, 23, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    article = Article(id="a/1 ä", title=ODD, body="", published_at=east)
    comment = Comment(id="c 1", article_id="a/1 ä", author="Zoë", text=ODD, posted_at=east)
    span = Span(0, 2, "insult", 0.25)
    scores = Scores({"insult": 0.1 + 0.2, "threat": 1e-300}, (span,), Subjects(("ça",), ("va",)))
    judgement = Judgement("b1", scores, (FlagReason(ODD, "insult", 0.1 + 0.2, 0.3, (span,)),))
    with empty.write() as session:
        save_article(session, article)
        save_comment(session, comment, judgement)

    with empty.read() as session:
        item = get_item(session, "c 1")
    assert (item.article, item.comment, item.judgement) == (article, comment, judgement)
    assert item.comment.posted_at is not None
    assert item.comment.posted_at.isoformat() == "2026-11-23T05:00:00.123456+00:00"


def test_ids_differ_by_case(empty: Database) -> None:
    with empty.write() as session:
        assert save_article(session, Article(id="A1", title="One"))
        assert save_article(session, Article(id="a1", title="Another"))


def test_a_failed_write_leaves_nothing_behind(empty: Database) -> None:
    def fail() -> None:
        with empty.write() as session:
            save_article(session, Article(id="a1", title="Lost"))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail()
    with empty.write() as session:
        assert save_article(session, Article(id="a1", title="Found"))


def test_a_read_sees_one_state_while_others_write(empty: Database) -> None:
    with empty.write() as session:
        save_article(session, Article(id="a1", title="Before"))
    with empty.read() as reader:
        assert reader.scalar(text("SELECT title FROM article")) == "Before"
        with empty.write() as writer:
            save_article(writer, Article(id="a1", title="After"))
        assert reader.scalar(text("SELECT title FROM article")) == "Before"

    with empty.read() as session:
        assert get_article(session, "a1").title == "After"


def test_a_write_waits_for_another_one(empty: Database) -> None:
    with empty.write() as session:
        save_article(session, Article(id="a1", title="0"))

    def append(number: int) -> None:
        with empty.write() as session:
            row = session.get_one(ArticleRow, "a1", with_for_update=True)
            row.title = f"{row.title}{number}"

    at_once(append)
    with empty.read() as session:
        assert sorted(get_article(session, "a1").title) == sorted("0" + "".join(map(str, range(AT_ONCE))))


def test_the_later_of_two_new_articles_replaces_the_earlier(empty: Database) -> None:
    def replace() -> bool:
        with empty.write() as session:
            return save_article(session, Article(id="a1", title="Later"))

    with ThreadPoolExecutor(1) as pool:
        with empty.write() as session:
            assert save_article(session, Article(id="a1", title="Earlier"))
            waiting = pool.submit(replace)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        assert waiting.result(timeout=30) is False
    with empty.read() as session:
        assert get_article(session, "a1").title == "Later"


def test_a_write_that_waits_too_long_is_told_to_come_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.storage.engines.PATIENCE", 50)
    db: Database = app.extensions["belowline.database"]
    db.close()
    app.test_client().put("/v1/articles/a1", json={"title": "Before"})
    with db.write() as session:
        session.execute(text("UPDATE article SET title = 'Slow'"))
        answer = app.test_client().put("/v1/articles/a1", json={"title": "After"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.get_json()["detail"] == "Nothing from this request was stored. Please retry."


def test_nobody_else_on_the_machine_may_open_the_file(tmp_path: Path) -> None:
    (tmp_path / "b.db").touch(0o644)
    umask = os.umask(0o022)
    try:
        for file in (tmp_path / "b.db", tmp_path / "new/deeper/b.db"):
            db = Database(f"sqlite:///{file}")
            db.upgrade()
            assert {one.stat().st_mode & 0o777 for one in file.parent.glob("b.db*")} == {0o600}
            assert file.parent.stat().st_mode & 0o777 == 0o700
            db.close()
    finally:
        os.umask(umask)


@pytest.mark.parametrize("rights", [0o755, 0o770, 0o711])
def test_a_folder_that_others_may_open_is_refused(tmp_path: Path, rights: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(rights)
    with pytest.raises(DatabaseError, match=r"Other accounts of this machine may open .*open, .*`chmod 700 "):
        Database(f"sqlite:///{tmp_path / 'open/b.db'}")
    assert not list((tmp_path / "open").iterdir())


def test_a_missing_driver_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)

    with pytest.raises(DatabaseError, match=r"PostgreSQL needs it: `pip install 'psycopg\[binary\]'`"):
        Database("postgresql+psycopg://nowhere/x")


def test_a_server_that_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    db = Database(f"postgresql+psycopg://nobody@/x?host={tmp_path}")

    assert "cannot be written" in str(db.problem())
    with pytest.raises(DatabaseError, match=r"^The database cannot be brought up to date: [^\n]*\.$"):
        db.upgrade()


@pytest.mark.usefixtures("article")
def test_the_same_at_once_is_stored_once(client: FlaskClient, app: Flask, db: Database) -> None:
    comment = {"id": "c1", "article_id": "a1", "text": "Shut up, you stupid fucking idiot."}
    with db.write() as session:
        key = create_key(session, "tool", ["review"])
    verdict = {"verdict": "keep", "moderator": "anna"}

    def put_article(_number: int) -> int:
        return app.test_client().put("/v1/articles/new", json={"title": "New"}).status_code

    def post_comment(_number: int) -> int:
        return app.test_client().post("/v1/comments", json=comment).status_code

    def report(number: int) -> int:
        body = {"comment_id": "c1", "reporter": f"r{number}", "reason": "rude"}
        return app.test_client().post("/v1/reports", json=body).status_code

    def decide(_number: int) -> int:
        headers = {"X-API-Key": key}
        return app.test_client().post("/v1/comments/c1/decisions", json=verdict, headers=headers).status_code

    def undo(_number: int) -> int:
        body = {"verdict": "undo", "moderator": "anna", "undoes": 1}
        headers = {"X-API-Key": key}
        return app.test_client().post("/v1/comments/c1/decisions", json=body, headers=headers).status_code

    assert sorted(at_once(put_article)) == [200] * (AT_ONCE - 1) + [201]
    assert sorted(at_once(post_comment)) == [200] * (AT_ONCE - 1) + [201]
    assert at_once(report) == [201] * AT_ONCE
    assert at_once(decide) == [201] * AT_ONCE
    assert sorted(at_once(undo)) == [201] + [409] * (AT_ONCE - 1)
    with db.read() as session:
        counts = [session.scalar(select(func.count()).select_from(row)) for row in (FlagRow, ReportRow, DecisionRow)]
    assert counts == [1, AT_ONCE, AT_ONCE + 1]
    assert client.get("/v1/flags").get_json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/comments/a%00b", 422),
        ("/v1/articles/a%00b", 422),
        ("/v1/flags?article_id=a%00b", 422),
        ("/v1/flags?cursor=WzEuMCwgImFcdTAwMDBiIl0=", 422),
        ("/v1/flags?cursor=W05hTiwgImEiXQ==", 422),
        ("/v1/flags?cursor=WzFlOTk5LCAiYSJd", 422),
    ],
)
def test_a_nul_is_a_mistake_on_every_database(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_the_database_s_own_errors_do_not_quote_a_comment(empty: Database) -> None:
    row = CommentRow(id="c1", article_id="nowhere", text="a secret text", received_at=datetime.now(UTC))

    with pytest.raises(IntegrityError) as caught, empty.write() as session:
        session.add(row)
    assert "a secret text" not in str(caught.value)
    assert not isinstance(caught.value, OperationalError)
