"""Processes that are killed under load: nothing acknowledged is lost, and nothing is there twice.

Run by `make test-kill`, twenty kills on each database; it needs a quiet machine.
"""

import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select
from standardwebhooks import Webhook

from service.accounts.api_keys import create_key
from service.learning.suggestions import suggested_rows
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, DecisionRow, ReportRow
from service.storage.tables.programs import EventRow
from service.webhooks.endpoints import EVENTS, add_endpoint

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
SUGGESTION = {"comment": {"text": ABUSE}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
KINDS = ("comments", "reports", "decisions", "labels")
#: Seconds; a busy machine must not fail the test.
PATIENCE = 180
#: Seconds; an attempt that is killed and another that is refused are followed by one in five to six minutes.
DELIVERY = 400
CLIENTS = 4


class Receiver:
    """Is told of events, and refuses every tenth once."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}/"
        self.secret = ""
        #: What was taken: bodies by webhook-id.
        self.taken: dict[str, list[str]] = {}
        self.refused: set[str] = set()
        self.count = itertools.count(1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            Webhook(found.secret).verify(body, dict(self.headers.items()))
            name = self.headers["webhook-id"]
            fails = next(found.count) % 10 == 0 and name not in found.refused
            if fails:
                found.refused.add(name)
            else:
                found.taken.setdefault(name, []).append(body)
            self.send_response(503 if fails else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Receiver(server)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


class Service:
    """`serve` with two workers, which is killed and started again."""

    def __init__(self, database_url: str, folder: Path) -> None:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log"
        self._settings = {
            "BELOWLINE_DATABASE": database_url,
            "BELOWLINE_BUNDLE": "fast",
            "BELOWLINE_SECRET_KEY": "only for tests",
            "BELOWLINE_RATE_LIMIT": "off",
            "BELOWLINE_RATE_LIMIT_ADDRESS": "off",
        }
        self.start()

    def start(self) -> None:
        deadline = time.monotonic() + PATIENCE
        self._launch()
        # A worker of a killed master may still answer: this one's are meant.
        while not (self._workers() and self._answers()):
            assert time.monotonic() < deadline, self._log.read_text()
            if self.master.poll() is not None:
                # The former master's worker holds the port while it loads: systemd too would try again.
                self._launch()
            time.sleep(0.1)

    def _workers(self) -> list[int]:
        try:
            return [*map(int, Path(f"/proc/{self.master.pid}/task/{self.master.pid}/children").read_text().split())]
        except OSError:
            return []

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/v1/flags", timeout=10).ok
        except requests.RequestException:
            return False

    def _launch(self) -> None:
        with self._log.open("ab") as log:
            self.master = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "service", "serve", "--workers", "2", "--port", str(self.port)],
                env={**os.environ, **self._settings},
                stdout=log,
                stderr=log,
            )

    def kill_worker(self) -> None:
        if workers := self._workers():
            os.kill(random.choice(workers), signal.SIGKILL)

    def kill_master(self) -> None:
        self.master.kill()
        self.master.wait()
        self.start()

    def stop(self) -> None:
        self.master.terminate()
        self.master.wait(PATIENCE)


class Client:
    """Sends comments, reports, decisions and labels, each until it is acknowledged, as a newspaper's server would."""

    def __init__(self, name: str, address: str, key: str) -> None:
        self.name = name
        self.comments: set[str] = set()
        self.reports: set[str] = set()
        self.decisions: set[str] = set()
        self.labels: set[str] = set()
        self._address = address
        self._key = key
        self._ended = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()

    def join(self) -> None:
        self._thread.join()

    def abandon(self) -> None:
        """End without an acknowledgement: the test has failed."""
        self._ended.set()
        self._abandoned.set()

    def _run(self) -> None:
        for number in itertools.count():
            if self._ended.is_set():
                return
            name = f"{self.name}-{number}"
            self._send(name, "/v1/comments", {"id": name, "article_id": "a1", "text": f"{ABUSE} {name}"})
            self.comments.add(name)
            self._send(name, "/v1/reports", {"comment_id": name, "reporter": name, "reason": "insult"})
            self.reports.add(name)
            verdict = {"verdict": "remove", "moderator": "anna", "note": name}
            self._send(name, f"/v1/comments/{name}/decisions", verdict)
            self.decisions.add(name)
            self._send(name, "/v1alpha1/comments:suggestscore", {**SUGGESTION, "clientToken": f"comment:{name}"})
            self.labels.add(name)

    def _send(self, name: str, path: str, body: dict[str, Any]) -> None:
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": f"{name}{path}"}
        while not self._abandoned.is_set():
            try:
                answer = requests.post(f"{self._address}{path}", json=body, headers=headers, timeout=30)
            except requests.RequestException:
                time.sleep(0.1)
                continue
            if answer.status_code in (200, 201):
                return
            assert answer.status_code == 503, answer.text
            time.sleep(0.1)


def test_nothing_acknowledged_is_lost_or_doubled_by_kills(
    database_url: str,
    tmp_path: Path,
    receiver: Receiver,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kills = pytestconfig.getoption("kills")
    db = Database(database_url)
    db.upgrade()
    with closing(db):
        with db.write() as session:
            key = create_key(session, "tool", ["ingest", "review"])
            receiver.secret = add_endpoint(session, receiver.url, EVENTS, internal=True)[1]
        clients = _load_and_kill(Service(database_url, tmp_path), key, db, kills)
        found = _found(db)
        with db.read() as session:
            audit.verify(session, None)

    for kind in KINDS:
        acknowledged = sorted(name for client in clients for name in getattr(client, kind))
        assert acknowledged
        assert found[kind] == acknowledged
    events = found["events"]
    assert {name: set(bodies) for name, bodies in receiver.taken.items()} == {
        name: {body} for name, body in events.items()
    }
    told = sorted((event["type"], event["data"]["comment_id"]) for event in map(json.loads, events.values()))
    assert told == sorted((kind, name) for kind in EVENTS for name in found["comments"])
    doubled = sum(len(bodies) - 1 for bodies in receiver.taken.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\n{db.engine.dialect.name}, {kills} kills: "
            + ", ".join(f"{len(found[kind])} {kind}" for kind in KINDS)
            + f" acknowledged, each there once; {len(events)} events delivered, {doubled} of them a second time.\n"
        )


def _load_and_kill(service: Service, key: str, db: Database, kills: int) -> list[Client]:
    chosen = random.Random(1)
    with ExitStack() as stack:
        stack.callback(service.stop)
        article = requests.put(f"{service.address}/v1/articles/a1", json={"title": "T"}, timeout=PATIENCE)
        assert article.status_code == 201
        clients = [Client(f"k{number}", service.address, key) for number in range(CLIENTS)]
        for client in clients:
            stack.callback(client.abandon)
        for number in range(kills):
            time.sleep(chosen.uniform(0.5, 3.0))
            # The second, and every third after it, is the master.
            service.kill_master() if number % 3 == 1 else service.kill_worker()
        for client in clients:
            client.end()
        for client in clients:
            client.join()
        _wait_for_delivery(db)
    return clients


def _wait_for_delivery(db: Database) -> None:
    deadline = time.monotonic() + DELIVERY
    left = select(EventRow.type, EventRow.attempts, EventRow.last_outcome).where(EventRow.delivered_at.is_(None))
    while time.monotonic() < deadline:
        with db.read() as session:
            waiting = session.execute(left).all()
        if not waiting:
            return
        time.sleep(0.5)
    pytest.fail(f"Events are still to be delivered: {waiting}")


def _found(db: Database) -> dict[str, Any]:
    with db.read() as session:
        return {
            "comments": sorted(session.scalars(select(CommentRow.id))),
            "reports": sorted(session.scalars(select(ReportRow.reporter))),
            "decisions": sorted(map(str, session.scalars(select(DecisionRow.note)))),
            "labels": sorted(row.comment_id for _, row in suggested_rows(db)),
            "events": {name: body for name, body in session.execute(select(EventRow.id, EventRow.payload))},  # noqa: C416 - rows are no pairs to mypy
        }
