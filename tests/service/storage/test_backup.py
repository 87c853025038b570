"""Backup and restore, while others write."""

import itertools
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from model.records import Article
from service.cli.main import main
from service.moderation.articles import save_article
from service.storage.database import Database
from service.storage.tables.comments import ArticleRow
from tests.postgresql import find_programs
from tests.served import wait_until


def run(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"BELOWLINE_DATABASE": database_url})


@contextmanager
def writing(db: Database) -> Iterator[list[str]]:
    """Write articles all the time; yield the ids of those that are acknowledged."""
    acknowledged: list[str] = []
    ended = threading.Event()

    def write() -> None:
        for number in itertools.count():
            if ended.is_set():
                return
            with db.write() as session:
                save_article(session, Article(id=f"a{number}", title="T", body="Much has happened. " * 500))
            acknowledged.append(f"a{number}")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        wait_until(lambda: len(acknowledged) >= 20)
        yield acknowledged
    finally:
        ended.set()
        thread.join()


def ids(database_url: str) -> set[str]:
    with closing(Database(database_url)) as db, db.read() as session:
        return set(session.scalars(select(ArticleRow.id)))


def test_what_was_acknowledged_is_in_the_backup(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/belowline.db"
    copy = tmp_path / "copy.db"
    with closing(Database(url)) as db:
        db.upgrade()
        with writing(db) as acknowledged:
            before = set(acknowledged)
            made = run(url, "backup", str(copy))
            wait_until(lambda: len(acknowledged) >= len(before) + 20)
    assert made.exit_code == 0, made.output
    assert made.output == f"{copy}: {copy.stat().st_size:,} bytes, checked.\n"
    assert copy.stat().st_mode & 0o077 == 0

    # As docs/storage.md says; the old -wal must not get into the copy.
    (tmp_path / "old").mkdir()
    for file in (tmp_path / "var").iterdir():
        file.rename(tmp_path / "old" / file.name)
    copy.rename(tmp_path / "var/belowline.db")
    assert run(url, "init-db").exit_code == 0
    restored = ids(url)
    assert before <= restored
    assert restored == {f"a{number}" for number in range(len(restored))}


def test_what_was_acknowledged_is_in_a_dump(tmp_path: Path, new_postgresql: Callable[[], str]) -> None:
    url, empty = new_postgresql(), new_postgresql()
    programs, dump = find_programs(), tmp_path / "belowline.dump"
    with closing(Database(url)) as db, writing(db) as acknowledged:
        before = set(acknowledged)
        environment = {**os.environ, **_where(db)}
        command = [str(programs / "pg_dump"), "--format=custom", f"--file={dump}"]
        subprocess.run(command, env=environment, check=True)  # noqa: S603 - our own command
    with closing(Database(empty)) as target:
        environment = {**os.environ, **_where(target)}
        command = [str(programs / "pg_restore"), "--clean", "--no-owner", f"--dbname={target.engine.url.database}"]
        subprocess.run([*command, str(dump)], env=environment, check=True)  # noqa: S603 - our own command

    assert run(empty, "init-db").exit_code == 0
    restored = ids(empty)
    assert before <= restored
    assert restored == {f"a{number}" for number in range(len(restored))}


def _where(db: Database) -> dict[str, str]:
    url = db.engine.url
    return {"PGHOST": str(url.query["host"]), "PGUSER": str(url.username), "PGDATABASE": str(url.database)}


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/b.db"
    there = tmp_path / "there.db"
    there.write_text("older")

    assert run(url, "backup", str(there)).output == f"Error: {there} already exists: name a new file.\n"
    assert there.read_text() == "older"
    assert sorted(path.name for path in tmp_path.glob("there*")) == ["there.db"]


def test_a_backup_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    target = tmp_path / "nowhere/b.db"

    found = run(f"sqlite:///{tmp_path}/b.db", "backup", str(target))
    assert found.output == f"Error: {target} cannot be written: No such file or directory.\n"
    assert found.exit_code == 1


def test_postgresql_has_its_own_backup(new_postgresql: Callable[[], str], tmp_path: Path) -> None:
    found = run(new_postgresql(), "backup", str(tmp_path / "b.db"))

    assert found.output.startswith("Error: This database is not SQLite: back up PostgreSQL with pg_dump")


@pytest.mark.parametrize("command", ["backup", "add-webhook", "rotate-webhook", "list-webhooks", "remove-webhook"])
def test_help_says_what_a_command_does(command: str) -> None:
    assert CliRunner().invoke(main, [command, "--help"]).output.startswith(f"Usage: main {command} ")
