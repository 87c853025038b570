"""Forgetting: on request and after a time, everywhere, and for good."""

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text, update

from service.cli.main import main
from service.moderation import retention
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.comments import CommentRow
from tests.served import PATIENCE

ARTICLE = {"title": "Council votes to close the high street", "body": "From April, buses only."}
#: What must be nowhere afterwards.
SECRETS = ("quokka", "rannoch-7")
COMMENT = {
    "id": "c1",
    "article_id": "a1",
    "author": "rannoch-7",
    "text": "You quokka of a councillor, you pathetic little worm.",
}


@pytest.fixture
def newsroom(client: FlaskClient, reviewer: dict[str, str]) -> FlaskClient:
    """Store an edited, reported, decided, answered comment of rannoch-7's, and one of elgin-2's."""
    client.put("/v1/articles/a1", json=ARTICLE)
    client.post("/v1/comments", json={**COMMENT, "text": "First I called him a wombat, a quokka even."})
    client.post("/v1/comments", json=COMMENT)
    reply = {"id": "c2", "article_id": "a1", "author": "elgin-2", "parent_id": "c1", "text": "Mind your language."}
    client.post("/v1/comments", json=reply)
    key = {"Idempotency-Key": "1"}
    report = {"comment_id": "c1", "reporter": "elgin-2", "reason": "insult", "note": "He says quokka!"}
    client.post("/v1/reports", json=report, headers=key)
    own = {"comment_id": "c2", "reporter": "rannoch-7", "reason": "insult", "note": "It is I, rannoch-7."}
    client.post("/v1/reports", json=own, headers={"Idempotency-Key": "2"})
    for comment, verdict in (("c1", "remove"), ("c2", "keep")):
        body = {"verdict": verdict, "moderator": "isla", "rule": "2", "note": "rannoch-7 said quokka again"}
        client.post(f"/v1/comments/{comment}/decisions", json=body, headers=reviewer)
    return client


def everything(db: Database) -> str:
    """Return all that is in any table."""
    with db.read() as session:
        tables = inspect(session.connection()).get_table_names()
        return "\n".join(str(session.execute(text(f'SELECT * FROM "{table}"')).all()) for table in tables)  # noqa: S608


def labels(client: FlaskClient) -> dict[str, Any]:
    rows = [json.loads(line) for line in client.get("/v1/labels").text.splitlines()]
    return {row["comment_id"]: row.get("withdrawn", row["label"]) for row in rows}


def erase(db: Database, author: str = "rannoch-7") -> tuple[int, int]:
    with db.write() as session:
        found = retention.erase_author(session, author)
    db.scrub()
    return found


def test_erasing_an_author_leaves_neither_text_nor_name(newsroom: FlaskClient, db: Database) -> None:
    assert [word for word in SECRETS if word in everything(db)] == list(SECRETS)
    assert erase(db) == (1, 1)

    assert newsroom.get("/v1/comments/c1").status_code == 200
    # the other's decision note, which names them, is that of another comment
    with db.write() as session:
        session.execute(text("UPDATE decision SET note = NULL WHERE comment_id = 'c2'"))
    assert [word for word in SECRETS if word in everything(db)] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL's files are its own business
def test_the_file_holds_nothing_of_it_either(newsroom: FlaskClient, db: Database, tmp_path: Path) -> None:
    erase(db)

    held = b"".join(file.read_bytes() for file in tmp_path.glob("belowline.db*"))
    assert newsroom
    assert b"high street" in held
    assert b"pathetic little worm" not in held
    assert b"wombat" not in held


def test_whoever_reads_meanwhile_is_waited_for(newsroom: FlaskClient, db: Database, tmp_path: Path) -> None:
    with db.read() as reader:
        reader.execute(text("SELECT count(*) FROM comment")).scalar()
        with db.write() as session:
            retention.erase_author(session, "rannoch-7")
        assert not db.scrub(patience=0.3)
        leaves = threading.Timer(0.5, reader.rollback)
        leaves.start()
        assert db.scrub(patience=PATIENCE)
        leaves.join()

    assert newsroom
    held = b"".join(file.read_bytes() for file in tmp_path.glob("belowline.db*"))
    assert b"pathetic little worm" not in held


@pytest.mark.usefixtures("newsroom")
def test_it_is_said_where_a_copy_may_remain(
    db: Database, command_line: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.retention._PATIENCE", 0.3)
    with db.read() as reader:
        reader.execute(text("SELECT count(*) FROM comment")).scalar()
        done = command_line.invoke(main, ["erase-author", "rannoch-7", "--yes"])

    assert done.exit_code == 1
    assert done.stdout == "Erased: 1 comment and 1 report.\n"
    assert done.stderr.startswith("Error: A copy may remain in the database's files")


def test_what_others_wrote_and_what_was_decided_stays(newsroom: FlaskClient, db: Database) -> None:
    erase(db)

    assert newsroom.get("/v1/flags?state=decided").get_json()["total"] == 2
    kept = everything(db)
    assert "Mind your language." in kept
    assert "elgin-2" in kept
    with db.read() as session:
        audit.verify(session)
        whats = [entry.what for entry in audit.entries(session)]
    assert whats == ["key.create", "decision.remove", "decision.keep", "erase"]


def test_what_is_erased_is_in_nobodys_way_who_takes_decisions_back(
    client: FlaskClient, db: Database, person: Callable[..., Any]
) -> None:
    client.put("/v1/articles/a1", json=ARTICLE)
    morag = person("morag")
    for number in range(7):
        author = "elgin-2" if number < 2 else "rannoch-7"
        client.post("/v1/comments", json={**COMMENT, "id": f"n{number}", "author": author})
        morag.decides(f"n{number}", "keep")
    erase(db)
    assert re.findall(r'name="comment_id" value="(n\d)"', morag.reads("/review").text) == ["n1", "n0"]


@pytest.mark.usefixtures("newsroom")
def test_the_console_says_that_it_was_erased_and_lists_it_no_more(db: Database, person: Callable[..., Any]) -> None:
    morag = person("morag")
    morag.decides("c1", "1")
    assert "/review/comments/c1" in morag.reads("/review?state=decided").text
    erase(db)

    for page in ("/review", "/review?state=decided"):
        # Neither in the list nor among what can be taken back.
        assert "/review/comments/c1" not in morag.reads(page).text
    gone = morag.reads("/review/comments/c1")
    assert (gone.status_code, "This comment was erased" in gone.text) == (404, True)
    assert "Text erased." in morag.reads("/review/comments/c2").text


def test_the_audit_tells_of_it_without_the_name(newsroom: FlaskClient, db: Database) -> None:
    erase(db)

    with db.read() as session:
        entry = audit.latest(session, before=None, most=1)[0]
    assert newsroom
    assert (entry.what, entry.about, entry.why) == ("erase", None, "1 comments, 1 reports")


def test_labels_of_what_is_erased_are_withdrawn(newsroom: FlaskClient, db: Database) -> None:
    assert labels(newsroom) == {"c1": "removed", "c2": "kept"}
    erase(db)

    assert labels(newsroom) == {"c1": True, "c2": "kept"}
    rows = [json.loads(line) for line in newsroom.get("/v1/labels").text.splitlines()]
    assert [row["text"] for row in rows] == ["", "Mind your language."]
    assert rows[1]["parent_text"] is None


@pytest.mark.usefixtures("newsroom")
def test_what_is_erased_does_not_come_back(client: FlaskClient, db: Database, reviewer: dict[str, str]) -> None:
    erase(db)
    again = client.post("/v1/comments", json=COMMENT)
    report = client.post("/v1/reports", json={"comment_id": "c1", "reporter": "r9", "reason": "insult"})
    body = {"verdict": "keep", "moderator": "isla"}
    decision = client.post("/v1/comments/c1/decisions", json=body, headers=reviewer)

    assert again.status_code == 200
    assert "pathetic" not in everything(db)
    assert (report.status_code, decision.status_code, client.get("/report/c1").status_code) == (404, 404, 404)
    assert "was erased" in report.get_json()["detail"]
    assert client.get("/v1/flags").get_json()["total"] == 0


def test_an_admin_erases_by_the_page(newsroom: FlaskClient, db: Database, person: Callable[..., Any]) -> None:
    admin = person("mhairi", "admin")
    page = admin.reads("/review/erase?author=rannoch-7").text
    assert "Erase 1 comment and 1 report for good" in page
    assert labels(newsroom)["c1"] == "removed"

    done = admin.sends("/review/erase", author="rannoch-7", found="1 comment and 1 report")
    assert "1 comment and 1 report" in admin.reads(done.location).text
    assert labels(newsroom)["c1"] is True
    with db.read() as session:
        assert audit.latest(session, before=None, most=1)[0].who == "mhairi"


def test_nothing_is_erased_that_the_page_did_not_show(newsroom: FlaskClient, person: Callable[..., Any]) -> None:
    admin = person("mhairi", "admin")
    unseen = admin.sends("/review/erase", author="rannoch-7")
    another = {"id": "c9", "article_id": "a1", "author": "rannoch-7", "text": "One more thing."}
    newsroom.post("/v1/comments", json=another)
    changed = admin.sends("/review/erase", author="rannoch-7", found="1 comment and 1 report")
    nobody = admin.sends("/review/erase", author="nobody", found="1 comment and 1 report")

    assert [answer.status_code for answer in (unseen, changed, nobody)] == [400, 400, 400]
    assert "Erase 2 comments and 1 report for good" in changed.text
    assert "Nothing is stored for an author &#39;nobody&#39;." in nobody.text
    assert labels(newsroom)["c1"] == "removed"


@pytest.mark.parametrize("role", ["moderator", "lead"])
def test_others_than_admins_cannot_erase(newsroom: FlaskClient, person: Callable[..., Any], role: str) -> None:
    somebody = person("isla", role)
    answer = somebody.sends("/review/erase", form="/review", author="rannoch-7", found="1 comment and 1 report")

    assert (answer.status_code, labels(newsroom)["c1"]) == (403, "removed")


def age(db: Database, comment_id: str, days: int) -> None:
    with db.write() as session:
        row = update(CommentRow).where(CommentRow.id == comment_id)
        session.execute(row.values(received_at=datetime.now(UTC) - timedelta(days=days)))


@pytest.fixture
def command_line(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return the command line on the service's database."""
    monkeypatch.setenv("BELOWLINE_DATABASE", app.config["DATABASE"])
    return CliRunner()


def test_what_is_old_is_purged_unless_it_waits(newsroom: FlaskClient, db: Database, command_line: CliRunner) -> None:
    newsroom.post("/v1/comments", json={"id": "c3", "article_id": "a1", "text": "Waiting since last year."})
    newsroom.post("/v1/reports", json={"comment_id": "c3", "reporter": "r1", "reason": "insult"})
    for comment_id, days in (("c1", 400), ("c2", 300), ("c3", 400)):
        age(db, comment_id, days)
    first = command_line.invoke(main, ["purge", "--older-than", "365d"])
    second = command_line.invoke(main, ["purge", "--older-than", "365d"])

    assert first.output.startswith("Erased: 1 comment that came in before ")
    assert second.output.startswith("Erased: 0 comments that came in before ")
    kept = everything(db)
    assert "pathetic" not in kept
    assert "Mind your language." in kept
    assert "Waiting since last year." in kept


@pytest.mark.usefixtures("newsroom")
def test_the_setting_says_how_old(db: Database, command_line: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    age(db, "c1", 31)
    unset = command_line.invoke(main, ["purge"])
    monkeypatch.setenv("BELOWLINE_RETENTION", "30d")
    done = command_line.invoke(main, ["purge"])

    assert (unset.exit_code, "BELOWLINE_RETENTION" in unset.output) == (2, True)
    assert done.output.startswith("Erased: 1 comment that came in before ")


@pytest.mark.parametrize("age", ["", "365", "0d", "-1d", "1y", "x"])
def test_an_age_that_makes_no_sense_is_refused(command_line: CliRunner, age: str) -> None:
    assert command_line.invoke(main, ["purge", "--older-than", age]).exit_code == 2


@pytest.mark.usefixtures("newsroom")
def test_the_command_line_erases_an_author(db: Database, command_line: CliRunner) -> None:
    asked = command_line.invoke(main, ["erase-author", "rannoch-7"], input="n\n")
    done = command_line.invoke(main, ["erase-author", "rannoch-7", "--yes"])
    unknown = command_line.invoke(main, ["erase-author", "rannoch-7", "--yes"])

    assert "Erase everything 'rannoch-7' wrote, 1 comment and 1 report? This cannot be undone" in asked.output
    assert asked.exit_code == 1
    assert done.output == "Erased: 1 comment and 1 report.\n"
    assert (unknown.exit_code, unknown.output) == (1, "Error: Nothing is stored for an author 'rannoch-7'.\n")
    assert "pathetic" not in everything(db)
