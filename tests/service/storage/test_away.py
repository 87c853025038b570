"""A database that hangs, is full or takes no writes: said in time, and harmless to whatever does without it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NotInTime

from service import create_app
from service.storage import database, postgresql
from service.storage.database import Database
from service.storage.gate import DatabaseGate
from tests.served import PATIENCE, wait_until


class Silencer:
    """Stands before a server's socket, and passes nothing on while it is told to be silent: so hangs a server."""

    def __init__(self, server: Path) -> None:
        self._server = str(server)
        self._speaks = threading.Event()
        self._speaks.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets = [self._listener]
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Be silent for the length of the block, in which nobody waits for a server as long as elsewhere."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("service.storage.postgresql._Impatient.silence", 0.3)
            patch.setattr("service.storage.postgresql._Glancing.silence", 0.2)
            self._speaks.clear()
            yield
        self._speaks.set()

    def close(self) -> None:
        self._speaks.set()
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._sockets += [client, server]
                for one, other in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                self._speaks.wait()
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def silencer(reused_postgresql: Callable[[], str]) -> Iterator[tuple[Silencer, str]]:
    """Yield what silences an empty database's server, and the database's address behind it."""
    url = reused_postgresql()
    folder = url.partition("?host=")[2]
    with closing(Silencer(Path(folder) / ".s.PGSQL.5432")) as found:
        yield found, url.replace("@/", f"@127.0.0.1:{found.port}/").partition("?")[0]


@pytest.fixture
def hanging(silencer: tuple[Silencer, str]) -> Iterator[tuple[Silencer, Database]]:
    """Yield a service's database, and what silences its server."""
    with closing(Database(silencer[1], threads=4)) as db:
        yield silencer[0], db


def ask(db: Database) -> object:
    with db.read() as session:
        return session.scalar(text("SELECT 1"))


def test_a_server_that_falls_silent_is_given_up_and_asked_again(hanging: tuple[Silencer, Database]) -> None:
    silencer, db = hanging
    assert ask(db) == 1
    with silencer.silent(), pytest.raises(OperationalError):
        ask(db)

    assert ask(db) == 1


def test_a_silent_server_is_not_ready(hanging: tuple[Silencer, Database]) -> None:
    silencer, db = hanging
    assert db.problem() is None
    with silencer.silent():
        assert str(db.problem()).startswith("The database cannot be written: ")


def test_a_statement_of_a_request_ends_and_one_of_a_command_may_take_its_time(
    reused_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_LONGEST_STATEMENT", 50)
    url = reused_postgresql()
    with closing(Database(url, threads=4)) as service, closing(Database(url)) as command:
        with pytest.raises(OperationalError, match="statement timeout"), service.read() as session:
            session.execute(text("SELECT pg_sleep(60)"))
        with command.read() as session:
            session.execute(text("SELECT pg_sleep(0.1)"))


def test_half_of_the_threads_use_the_database_a_quarter_wait_and_who_leaves_lets_the_next_one_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.storage.gate._PATIENCE", PATIENCE)
    gate = DatabaseGate(8)
    entered = []

    def enter() -> None:
        with gate.enter():
            entered.append(gate.waiting)

    with ExitStack() as inside:
        for _ in range(4):
            inside.enter_context(gate.enter())
        threads = [threading.Thread(target=enter) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(lambda: gate.waiting == 2)
        with pytest.raises(NotInTime, match="Too many"), gate.enter():
            pytest.fail("it was let in")
        assert not entered
    for thread in threads:
        thread.join()

    assert len(entered) == 2


def test_who_waits_for_the_database_is_refused_after_a_second() -> None:
    gate = DatabaseGate(4)
    with ExitStack() as inside:
        for _ in range(gate.most):
            inside.enter_context(gate.enter())
        began = time.monotonic()
        with pytest.raises(NotInTime, match="not free in time"), gate.enter():
            pytest.fail("it was let in")
        assert time.monotonic() - began >= 0.9
    with gate.enter():
        assert gate.waiting == 0


def test_scoring_and_health_do_without_a_database_that_is_taken(app: Flask, article: str) -> None:
    client, gate = app.test_client(), app.extensions["belowline.database"].gate
    with ExitStack() as inside:
        for _ in range(gate.most):
            inside.enter_context(gate.enter())
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/scores", json={"comments": [{"text": "Well said."}]}).status_code == 200
        refused = client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": "Well said."})

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("method", "path", "form"),
    [
        ("GET", "/v1/labels", "application/problem+json"),
        ("GET", "/v1/labels?limit=5", "application/problem+json"),
        ("GET", "/v1/flags", "application/problem+json"),
        ("GET", "/report/c1", "text/html; charset=utf-8"),
        ("GET", "/review/login", "text/html; charset=utf-8"),
        ("POST", "/v1alpha1/comments:suggestscore", "application/json; charset=UTF-8"),
    ],
)
def test_each_api_says_in_its_own_form_that_the_database_is_away(
    app: Flask, method: str, path: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"comment": {"text": "Well said."}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}}
    client, db = app.test_client(), app.extensions["belowline.database"]
    assert client.open(path, method=method, json=body if method == "POST" else None).status_code < 500
    monkeypatch.setattr("service.storage.gate._PATIENCE", 0.01)
    with ExitStack() as inside:
        for _ in range(db.gate.most):
            inside.enter_context(db.gate.enter())
        answer = client.open(path, method=method, json=body if method == "POST" else None)
    if path == "/review/login":
        assert answer.status_code == 200, "the page itself asks nothing"
    else:
        assert (answer.status_code, answer.content_type, answer.headers["Retry-After"]) == (503, form, "5")


def test_a_server_that_became_a_standby_is_away_and_no_bug(scorer: Any, reused_postgresql: Callable[[], str]) -> None:
    url = reused_postgresql()
    with closing(Database(url + "&options=-c default_transaction_read_only=on")) as standby:
        assert "read-only" in str(standby.problem())
    app = create_app({"DATABASE": url, "SCORER": scorer, "SECRET_KEY": "x", "KEYS_REQUIRED": False})
    db = app.extensions["belowline.database"]
    with closing(db):
        with db.engine.connect() as connection:
            connection.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            connection.commit()
        answer = app.test_client().put("/v1/articles/a1", json={"title": "T"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_full_disk_is_not_ready(client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name == "postgresql":
        full = "DO $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$"
        with pytest.raises(DBAPIError), db.write() as session:
            session.execute(text(full))
    else:
        monkeypatch.setattr(database, "_LEAST_ROOM", 2**63)
    answer: Any = client.get("/readyz")

    assert (answer.status_code, answer.get_json()["status"]) == (503, "not ready")


def test_a_file_that_cannot_grow_is_full(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'b.db'}")) as db:
        db.upgrade()
        with db.write() as session:
            session.execute(text("PRAGMA max_page_count = 1"))
            with pytest.raises(OperationalError, match="full"):
                session.execute(text("CREATE TABLE more AS SELECT zeroblob(1000000)"))

        assert db.problem() == "The database cannot be written: its disk is full."


def test_who_serves_tells_how_many_threads_it_has(tmp_path: Path, scorer: Any) -> None:
    app = create_app({"DATABASE": f"sqlite:///{tmp_path / 'b.db'}", "SCORER": scorer, "SECRET_KEY": "x", "THREADS": 6})
    db = app.extensions["belowline.database"]
    db.close()

    assert db.gate.most == 3
