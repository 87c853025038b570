"""A service with everything around it, one fault after the other, and what is left of what it acknowledged."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from sqlalchemy import select

from model.bundling.manifest import bundle_path
from service.accounts.api_keys import create_key
from service.learning.suggestions import suggested_rows
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, DecisionRow, ReportRow
from service.webhooks.endpoints import EVENTS, add_endpoint
from tests.chaos.clients import KINDS, Client
from tests.chaos.databases import PostgreSql, Sqlite
from tests.chaos.served import Service

CLIENTS = 3
#: Seconds after which something acknowledged anew is awaited no longer.
RECOVERY = 120
#: Where the events go until somebody listens there.
DEAD = "http://127.0.0.1:9/"
#: Calls by which each worker gets to know the program that asks for scores.
_WARM = 20
_SCORES = {"comments": [{"text": "The bridge should stay open to buses, I think."}]}


class NotHere(Exception):
    """A fault that this machine cannot be given."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    fault: str
    database: str
    promised: str
    seen: str
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to a service, and what it promises.

    Attributes
    ----------
    act
        Does it, under load, and tells what was seen; an AssertionError tells which promise was broken.
    on
        The databases that it can be done to.
    """

    name: str
    promised: str
    act: "Callable[[Trial], str]"
    on: tuple[str, ...] = (Sqlite.name, PostgreSql.name)


@dataclass(slots=True)
class Probe:
    """What those got who need no database while one was away, and those who need one."""

    health: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    failed: int = 0
    writes: Counter[str] = field(default_factory=Counter)

    def told(self) -> str:
        """Say it in a line."""
        writes = ", ".join(f"{number}x {status}" for status, number in sorted(self.writes.items()))
        return (
            f"health at most {max(self.health, default=0):.1f} s, scores {max(self.scores, default=0):.1f} s, "
            f"{self.failed} of {len(self.health) + len(self.scores) + self.failed} failed; writes: {writes or 'none'}"
        )


class Trial:
    """A running service on a database, to which faults are done."""

    def __init__(
        self, database: Sqlite | PostgreSql, folder: Path, clock: Path | None, settings: Mapping[str, str]
    ) -> None:
        self.database = database
        self.clock = clock
        self.bundle = Path(shutil.copytree(bundle_path("fast"), folder / "bundle"))
        self.db = Database(database.url)
        self.db.upgrade()
        with self.db.write() as session:
            self.key = create_key(session, "tool", ["ingest", "review", "score"])
            self.secret = add_endpoint(session, DEAD, EVENTS, internal=True)[1]
        self.service = Service(database.url, folder, BELOWLINE_BUNDLE=str(self.bundle), **settings)
        article = requests.put(f"{self.service.address}/v1/articles/a1", json={"title": "T"}, timeout=60)
        article.raise_for_status()
        self._number = 0

    def run(self, fault: Fault) -> Row:
        """Do it while programs write, wait until something is acknowledged anew, and look for all that was before."""
        self._number += 1
        clients = [Client(f"f{self._number}-{number}", self.service.address, self.key) for number in range(CLIENTS)]
        kept = True
        try:
            time.sleep(1)
            for _ in range(_WARM):
                self._score()
            seen = fault.act(self)
            seen += f"; acknowledging again after {self._recovery(clients):.1f} s"
        except NotHere as error:
            return Row(fault.name, self.database.name, fault.promised, f"not run here: {error}")
        except AssertionError as error:
            seen, kept = f"BROKEN: {error}", False
        finally:
            for client in clients:
                client.end()
            for client in clients:
                client.join(RECOVERY)
                client.abandon()
        surprises = Counter(surprise for client in clients for surprise in client.surprises)
        if surprises:
            seen, kept = f"{seen}; BROKEN: {dict(surprises)}", False
        acknowledged, lost, doubled = self._count(clients)
        return Row(fault.name, self.database.name, fault.promised, seen, acknowledged, lost, doubled, kept)

    @contextmanager
    def probed(self, seconds: float) -> Iterator[Probe]:
        """Ask for health, scores and a write again and again, for so long at least, while something is done."""
        probe, ended = Probe(), threading.Event()
        threads = [
            threading.Thread(target=self._ask, args=(probe, ended)),
            *(threading.Thread(target=self._write, args=(probe, ended, number)) for number in range(8)),
        ]
        for thread in threads:
            thread.start()
        try:
            time.sleep(seconds)
            yield probe
        finally:
            ended.set()
            for thread in threads:
                thread.join()

    def stop(self) -> None:
        """End the service, and see that its audit is whole."""
        self.service.stop()
        with self.db.read() as session:
            audit.verify(session, None)

    def _ask(self, probe: Probe, ended: threading.Event) -> None:
        def health() -> requests.Response:
            return requests.get(f"{self.service.address}/healthz", timeout=60)

        while not ended.wait(0.1):
            for times, call in ((probe.health, health), (probe.scores, self._score)):
                began = time.monotonic()
                try:
                    answer = call()
                except requests.RequestException:
                    probe.failed += 1
                    continue
                if answer.status_code == 200:
                    times.append(time.monotonic() - began)
                else:
                    probe.failed += 1

    def _score(self) -> requests.Response:
        """Ask for scores as a program on another machine does, by its key."""
        headers = {"X-Forwarded-For": "203.0.113.9", "Authorization": f"Bearer {self.key}"}
        return requests.post(f"{self.service.address}/v1/scores", json=_SCORES, headers=headers, timeout=60)

    def _write(self, probe: Probe, ended: threading.Event, number: int) -> None:
        while not ended.wait(0.1):
            try:
                answer = requests.put(f"{self.service.address}/v1/articles/p{number}", json={"title": "T"}, timeout=60)
            except requests.RequestException as error:
                probe.writes[type(error).__name__] += 1
                continue
            retry = " with Retry-After" if "Retry-After" in answer.headers else ""
            probe.writes[f"{answer.status_code}{retry}"] += 1

    def _recovery(self, clients: list[Client]) -> float:
        began, before = time.monotonic(), sum(len(client.comments) for client in clients)
        while sum(len(client.comments) for client in clients) < before + 1:
            assert time.monotonic() < began + RECOVERY, f"nothing was acknowledged for {RECOVERY} s"
            time.sleep(0.02)
        return time.monotonic() - began

    def _count(self, clients: list[Client]) -> tuple[int, int, int]:
        prefix = f"f{self._number}-"
        with self.db.read() as session:
            found: dict[str, Counter[str | None]] = {
                "comments": Counter(session.scalars(select(CommentRow.id).where(CommentRow.id.startswith(prefix)))),
                "reports": Counter(
                    session.scalars(select(ReportRow.reporter).where(ReportRow.reporter.startswith(prefix)))
                ),
                "decisions": Counter(
                    session.scalars(select(DecisionRow.note).where(DecisionRow.note.startswith(prefix)))
                ),
            }
        found["labels"] = Counter(
            row.comment_id for _, row in suggested_rows(self.db) if row.comment_id and row.comment_id.startswith(prefix)
        )
        acknowledged = {kind: {name for client in clients for name in getattr(client, kind)} for kind in KINDS}
        return (
            sum(map(len, acknowledged.values())),
            sum(len(acknowledged[kind] - found[kind].keys()) for kind in KINDS),
            sum(count - 1 for kind in KINDS for count in found[kind].values()),
        )
