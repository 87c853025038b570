"""The audit: complete, chained, and it shows when somebody tampers with it."""

import csv
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from model.errors import InvalidInput
from service.accounts.api_keys import create_key
from service.cli.main import main
from service.moderation.decisions import NewDecision, add_decision
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.programs import EventRow

INSULT = "What a pathetic little worm you are, Rannoch."
#: What somebody with all rights to the database would do first.
LET_TAMPER = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("DROP TRIGGER audit_is_kept ON audit",),
}


@pytest.fixture
def decided(client: FlaskClient, article: str, reviewer: dict[str, str]) -> str:
    """Store a comment, remove it and take that back: with the key that did it, three entries."""
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "author": "rannoch-7", "text": INSULT})
    body = {"verdict": "remove", "moderator": "isla", "rule": "2", "note": f"He wrote: {INSULT}"}
    client.post("/v1/comments/c1/decisions", json=body, headers=reviewer)
    client.post("/v1/comments/c1/decisions", json={"verdict": "undo", "moderator": "isla"}, headers=reviewer)
    return "c1"


def entries(db: Database) -> list[audit.Entry]:
    with db.read() as session:
        return list(audit.entries(session))


def verify(db: Database, checkpoint: audit.Head | None = None) -> audit.Head:
    with db.read() as session:
        return audit.verify(session, checkpoint)


def tamper(db: Database, *statements: str) -> None:
    with db.write() as session:
        for statement in (*LET_TAMPER[db.engine.dialect.name], *statements):
            session.execute(text(statement))


@pytest.mark.usefixtures("decided")
def test_it_says_who_did_what_when_why_and_under_which_rules_and_model(db: Database, scorer: Any) -> None:
    found = [(e.number, e.who, e.via, e.what, e.about, e.why, e.model, e.rules) for e in entries(db)][1:]
    version = scorer.manifest.version

    assert found == [
        (2, "isla", "key review tool", "decision.remove", "c1", "2", version, 1),
        (3, "isla", "key review tool", "decision.undo", "c1", None, version, 1),
    ]


@pytest.mark.usefixtures("decided")
def test_each_entry_is_chained_to_the_one_before(db: Database) -> None:
    previous = audit.GENESIS
    for line in audit.to_lines(entries(db)):
        *fields, digest = json.loads(line).values()
        assert fields[-1] == previous
        assert hashlib.sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest() == digest
        previous = digest
    assert verify(db) == audit.Head(3, previous)


@pytest.mark.usefixtures("decided")
def test_no_comment_note_or_author_is_in_it(db: Database) -> None:
    written = "".join(audit.to_lines(entries(db)))

    assert "decision.remove" in written
    assert [word for word in ("worm", "pathetic", "rannoch") if word in written.lower()] == []


def test_what_is_not_committed_is_not_in_it(db: Database) -> None:
    def fail_late() -> None:
        with db.write() as session:
            create_key(session, "cms", ["ingest"])
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail_late()
    assert entries(db) == []


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("change", ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit WHERE number = 3"])
def test_the_database_refuses_to_change_it(db: Database, change: str) -> None:
    with pytest.raises(DatabaseError, match="only ever added to"), db.write() as session:
        session.execute(text(change))
    assert verify(db).number == 3


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("UPDATE audit SET who = 'callum' WHERE number = 2", "Entry 2 of the audit was changed"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE number = 3", "Entry 3 of the audit was changed"),
        ("UPDATE audit SET why = NULL WHERE number = 2", "Entry 2 of the audit was changed"),
        ("UPDATE audit SET previous = digest WHERE number = 3", "Entry 3 of the audit does not follow"),
        ("DELETE FROM audit WHERE number = 1", "Entry 1 of the audit is missing"),
        ("DELETE FROM audit WHERE number = 2", "Entry 2 of the audit is missing"),
        ("DELETE FROM audit WHERE number = 3", "ends with entry 2, but entry 3 was written last"),
        ("UPDATE audit_head SET number = 2", "ends with entry 3, but entry 2 was written last"),
    ],
)
def test_whoever_tampers_is_noticed(db: Database, change: str, message: str) -> None:
    tamper(db, change)

    with pytest.raises(audit.Tampered, match=message):
        verify(db)


@pytest.mark.usefixtures("decided")
def test_a_head_kept_elsewhere_shows_that_the_end_was_cut_off_and_the_head_moved(db: Database) -> None:
    kept = verify(db)
    tamper(
        db,
        "DELETE FROM audit WHERE number = 3",
        "UPDATE audit_head SET number = 2, digest = (SELECT digest FROM audit WHERE number = 2)",
    )

    assert verify(db).number == 2
    with pytest.raises(audit.Tampered, match="ends with entry 2, before the one the checkpoint names"):
        verify(db, kept)


@pytest.mark.usefixtures("decided")
def test_a_head_kept_elsewhere_shows_that_all_was_chained_anew(db: Database) -> None:
    kept = verify(db)
    tamper(
        db,
        "DELETE FROM audit",
        "UPDATE audit_head SET number = 0, digest = replace('0000', '0', '0000000000000000')",
    )
    for name in ("one", "two", "three"):
        with db.write() as session:
            create_key(session, name, ["score"])

    assert verify(db).number == 3
    with pytest.raises(audit.Tampered, match="Entry 3 of the audit is not the one the checkpoint names"):
        verify(db, kept)


def test_a_head_stays_good_while_the_audit_grows(db: Database, decided: str, reviewer: dict[str, str]) -> None:
    kept = verify(db)
    with db.write() as session:
        add_decision(session, decided, NewDecision(verdict="keep", moderator="isla"))

    assert reviewer
    assert verify(db, audit.Head.parse(str(kept))).number == 4


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    def work(name: int) -> None:
        db = Database(f"sqlite:///{tmp_path / 'many.db'}")
        for turn in range(10):
            with db.write() as session:
                create_key(session, f"key {name}.{turn}", ["score"])
        db.close()

    db = Database(f"sqlite:///{tmp_path / 'many.db'}")
    db.upgrade()
    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert verify(db).number == 80
    assert {entry.about for entry in entries(db)} == {f"key {n}.{t}" for n in range(8) for t in range(10)}
    db.close()


@pytest.mark.usefixtures("decided")
def test_a_lead_reads_and_exports_it(person: Callable[..., Any], db: Database) -> None:
    lead = person("=mhairi()", "lead")
    page = lead.reads("/review/audit").text
    rows = list(csv.DictReader(io.StringIO(lead.reads("/review/audit/export.csv").text)))
    lines = [json.loads(line) for line in lead.reads("/review/audit/export.jsonl").text.splitlines()]

    assert "The chain is intact" in page
    assert "decision.remove" in page
    assert [row["what"] for row in rows][:3] == ["key.create", "decision.remove", "decision.undo"]
    assert {row["who"] for row in rows if row["what"] == "audit.export"} == {"'=mhairi()"}
    assert (lines[-1]["what"], lines[-1]["who"], lines[-1]["about"]) == ("audit.export", "=mhairi()", "jsonl")
    assert lines[-1]["digest"] == verify(db).digest


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("before", ["1", "0", "-1", "99999999999999999999", "nonsense", "\0"])
def test_a_made_up_place_in_it_is_no_error(person: Callable[..., Any], before: str) -> None:
    page = person("fiona", role="lead").client.get("/review/audit", query_string={"before": before})
    assert (page.status_code, "user.create" in page.text) == (200, before != "1")


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("asked", "whats"),
    [
        ({}, ["user.create", "decision.undo", "decision.remove", "key.create"]),
        ({"log-ins": "yes"}, ["log-in", "user.create", "decision.undo", "decision.remove", "key.create"]),
        ({"kind": "log-ins"}, ["log-in"]),
        ({"kind": "decisions"}, ["decision.undo", "decision.remove"]),
        ({"kind": "gossip"}, ["user.create", "decision.undo", "decision.remove", "key.create"]),
        ({"who": "isla"}, ["decision.undo", "decision.remove"]),
        ({"about": "c1", "kind": "people"}, []),
        ({"to": "2020-01-01"}, []),
        ({"from": "2020-01-01", "kind": "keys and webhooks"}, ["key.create"]),
        ({"from": "soon", "who": "is\0la"}, ["decision.undo", "decision.remove"]),
    ],
)
def test_a_lead_asks_for_some_of_it(person: Callable[..., Any], asked: dict[str, str], whats: list[str]) -> None:
    page = person("mhairi", "lead").client.get("/review/audit", query_string=asked).text

    assert re.findall(r"<td>([a-z-]+(?:\.[a-z-]+)?)</td>", page) == whats


def test_earlier_entries_are_of_what_was_asked_for(
    person: Callable[..., Any], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = person("mhairi", "lead")
    with db.write() as session:
        for number in range(3):
            audit.record(session, "key.create", who="isla", about=f"key {number}")
    monkeypatch.setattr("service.console.lead.audit._ENTRIES", 2)
    page = lead.reads("/review/audit?kind=keys+and+webhooks&who=isla").text
    earlier = unescape(re.findall(r'href="([^"]+)">Earlier entries', page)[0])

    assert ("key 2" in page, "key 0" in page) == (True, False)
    assert "<bdi>key 0</bdi>" in lead.reads(earlier).text
    assert "Earlier entries" not in lead.reads(earlier).text


def test_the_page_says_when_it_was_tampered_with(person: Callable[..., Any], db: Database) -> None:
    lead = person("mhairi", "lead")
    tamper(db, "UPDATE audit SET why = '3' WHERE number = 2")

    assert "Entry 2 of the audit was changed." in lead.reads("/review/audit").text


def test_the_page_reads_what_was_added_and_says_when_it_read_all(
    person: Callable[..., Any], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = person("mhairi", "lead")
    for number in range(20):
        with db.write() as session:
            audit.record(session, "test", who="isla", about=f"{number}")
    first = re.findall(r'it was last read in full <time datetime="([^"]+)"', lead.reads("/review/audit").text)
    assert first
    known = entries(db)[-1].number
    person("isla")
    begun: list[int] = []
    every_entry = audit.entries

    def noted(session: Session, *, since: int = 0) -> Any:
        begun.append(since)
        return every_entry(session, since=since)

    monkeypatch.setattr("service.storage.audit.entries", noted)
    page = lead.reads("/review/audit").text
    assert begun == [known]
    assert re.findall(r'it was last read in full <time datetime="([^"]+)"', page) == first
    assert f"{known + 2} entries" in page


@pytest.mark.parametrize("address", ["/review/audit?whole=yes", "a day later"])
def test_what_is_changed_after_it_was_read_is_found_when_all_is_read(
    person: Callable[..., Any], db: Database, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    lead = person("mhairi", "lead")
    person("isla")
    lead.reads("/review/audit")
    tamper(db, "UPDATE audit SET why = 'admin' WHERE number = 1")
    with pytest.raises(audit.Tampered, match="Entry 1 of the audit was changed"):
        verify(db)
    assert "The chain is intact" in lead.reads("/review/audit").text  # and it says as of when
    if address == "a day later":
        monkeypatch.setattr("service.storage.audit_check.WHOLE_AGAIN", timedelta(0))
        address = "/review/audit"
    assert "Entry 1 of the audit was changed." in lead.reads(address).text
    # Once it is known, it is said until it is mended.
    assert "Entry 1 of the audit was changed." in lead.reads("/review/audit").text


def test_the_page_knows_what_it_has_seen_though_all_was_chained_anew(person: Callable[..., Any], db: Database) -> None:
    lead = person("mhairi", "lead")
    person("isla")
    lead.reads("/review/audit")
    last = entries(db)[-1]
    before = entries(db)[-2]
    tamper(
        db,
        f"DELETE FROM audit WHERE number = {last.number}",  # noqa: S608 - numbers of our own
        f"UPDATE audit_head SET number = {before.number}, digest = '{before.digest}'",  # noqa: S608 - as above
    )
    assert verify(db).number == before.number
    assert f"ends with entry {before.number}, before the one" in lead.reads("/review/audit").text


@pytest.mark.parametrize("path", ["/review/audit", "/review/audit/export.csv", "/review/audit/export.jsonl"])
def test_it_is_not_for_every_moderator(person: Callable[..., Any], path: str) -> None:
    assert person("isla").reads(path).status_code == 403


def test_the_command_line_checks_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELOWLINE_DATABASE", f"sqlite:///{tmp_path / 'b.db'}")
    run = CliRunner().invoke
    run(main, ["create-key", "cms"])
    alone = run(main, ["audit", "verify"])
    head = alone.stdout.strip()
    exported = run(main, ["audit", "export", "--format", "csv", "--out", str(tmp_path / "audit.csv")])
    again = run(main, ["audit", "verify", "--head", head])
    wrong = run(main, ["audit", "verify", "--head", "1:" + "0" * 64])

    assert head.startswith("1:")
    assert exported.stderr.startswith("2 entries. Head: 2:")
    assert [row[4] for row in csv.reader((tmp_path / "audit.csv").read_text().splitlines())] == [
        "what",
        "key.create",
        "audit.export",
    ]
    assert "Only a head kept elsewhere shows whether" in alone.stderr
    assert (again.exit_code, again.stdout[:2]) == (0, "2:")
    assert again.stderr == "The audit is intact: 2 entries, and entry 1 is as it was.\n"
    assert (wrong.exit_code, wrong.output) == (
        1,
        "Error: Entry 1 of the audit is not the one the checkpoint names.\n",
    )


def test_a_head_is_kept_elsewhere_each_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELOWLINE_DATABASE", f"sqlite:///{tmp_path / 'b.db'}")
    run, heads = CliRunner().invoke, tmp_path / "heads"
    run(main, ["add-webhook", "https://editor.example/", "--event", "audit.head"])
    keep = ["audit", "keep-head", "--to", str(heads), "--webhooks"]
    run(main, ["create-key", "cms"])
    first = run(main, keep)
    run(main, ["create-key", "archive"])
    second = run(main, keep)
    lines = heads.read_text()
    db = Database(f"sqlite:///{tmp_path / 'b.db'}")
    with db.read() as session:
        told = [json.loads(event.payload)["data"] for event in session.scalars(select(EventRow))]
    # Whoever can write the database takes the second key out of the audit, and chains what is left.
    tamper(
        db,
        "DELETE FROM audit WHERE number > 1",
        "UPDATE audit_head SET number = 1, digest = (SELECT digest FROM audit)",
    )
    db.close()
    alone, third = run(main, ["audit", "verify"]), run(main, keep)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert [line.split()[1] for line in lines.splitlines()] == [first.stdout.strip(), second.stdout.strip()]
    assert [f"{one['number']}:{one['digest']}" for one in told] == [first.stdout.strip(), second.stdout.strip()]
    assert alone.exit_code == 0
    assert third.exit_code == 1
    assert "ends with entry 1, before the one the checkpoint names" in third.output
    assert heads.read_text() == lines


def test_a_head_that_goes_nowhere_is_told() -> None:
    assert "Say where the head goes" in CliRunner().invoke(main, ["audit", "keep-head"]).output


@pytest.mark.parametrize("head", ["", "3", "x:" + "0" * 64, "3:abc", "²:" + "0" * 64])
def test_what_is_not_a_head_is_told(head: str) -> None:
    with pytest.raises(InvalidInput, match="is not a head of the audit"):
        audit.Head.parse(head)
