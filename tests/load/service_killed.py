"""Processes that are killed under load: nothing acknowledged is lost, and nothing is there twice.

Run by `make test-kill`, twenty kills on each database; it needs a quiet machine.
"""

import itertools
import json
import random
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
from tests.chaos.clients import KINDS, Client
from tests.chaos.served import PATIENCE, Service

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

    assert [surprise for client in clients for surprise in client.surprises] == []
    for kind in KINDS:
        acknowledged = sorted(name for client in clients for name in getattr(client, kind))
        assert acknowledged
        assert found[kind] == acknowledged
    events = found["events"]
    assert {name: set(bodies) for name, bodies in receiver.taken.items()} == {
        name: {body} for name, body in events.items()
    }
    told = sorted((event["type"], event["data"]["comment_id"]) for event in map(json.loads, events.values()))
    assert told == sorted((kind, name) for kind in EVENTS if kind != "audit.head" for name in found["comments"])
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
