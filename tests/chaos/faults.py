"""The faults, in the order in which they are done."""

import shutil
import signal
import socket
import subprocess
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests
from sqlalchemy import ColumnElement, func, select, update
from standardwebhooks import Webhook

from service.storage.tables.programs import EventRow, WebhookRow
from service.webhooks.delivery import Deliverer
from tests.chaos.brigade import REPORTED, REPORTERS, report_together
from tests.chaos.clients import ABUSE
from tests.chaos.databases import PostgreSql, filled
from tests.chaos.trial import RECOVERY, Fault, NotHere, Probe, Trial

_SERVER = (PostgreSql.name,)
_HOSTILE = (
    "&#" + "1" * 4301, "&#x" + "f" * 5000 + ";", "<" * 10_000, "\0", "\ud800", "\u202e\u200d" * 5000, "🖕" * 20_000,
    "1l.!!" * 4000, "a\u0301" * 9000, "<!--" * 3000 + "<![CDATA[", "{{7*7}}'; DROP TABLE comment; --",
)  # fmt: skip


def _kill_worker(trial: Trial) -> str:
    trial.service.kill_worker()
    with trial.probed(5) as probe:
        pass
    _answered(probe)
    return probe.told()


def _answered(probe: Probe) -> None:
    """See that the other worker answered; whatever the killed one had in hand is lost with it."""
    assert probe.scores, probe.told()
    assert probe.failed <= 1, probe.told()


def _kill_master(trial: Trial) -> str:
    began = time.monotonic()
    trial.service.kill_master()
    return f"up again {time.monotonic() - began:.1f} s after the kill"


def _stop_database(trial: Trial) -> str:
    assert isinstance(trial.database, PostgreSql)
    trial.database.stop(signal.SIGQUIT)
    try:
        with trial.probed(5) as probe:
            pass
    finally:
        trial.database.start()
    assert max([*probe.health, *probe.scores]) < 5, probe.told()
    return probe.told()


def _freeze_database(trial: Trial) -> str:
    assert isinstance(trial.database, PostgreSql)
    with trial.database.frozen(), trial.probed(30) as probe:
        ready = requests.get(f"{trial.service.address}/readyz", timeout=60).status_code
    assert max([*probe.health, *probe.scores]) < 5, probe.told()
    assert ready == 503, f"/readyz: {ready}"
    return probe.told()


def _restart_database(trial: Trial) -> str:
    assert isinstance(trial.database, PostgreSql)
    trial.database.stop(signal.SIGINT)
    trial.database.start()
    return "restarted"


def _fail_over(trial: Trial) -> str:
    assert isinstance(trial.database, PostgreSql)
    trial.database.fail_over()
    return "the standby was promoted"


def _fill_disk(trial: Trial) -> str:
    if not trial.database.folder.is_mount():
        raise NotHere("a file system of its own needs root")
    with filled(trial.database.folder), trial.probed(5) as probe:
        ready = requests.get(f"{trial.service.address}/readyz", timeout=60).status_code
    if isinstance(trial.database, PostgreSql):
        trial.database.revive()
    assert ready == 503, f"/readyz: {ready}"
    return f"/readyz {ready}; {probe.told()}"


def _refuse_writes(trial: Trial) -> str:
    with trial.database.unwritable(), trial.probed(5) as probe:
        pass
    assert probe.failed == 0, probe.told()
    return probe.told()


def _jump_clock(trial: Trial) -> str:
    if trial.clock is None:
        raise NotHere("it needs a C compiler")
    for days in (365, -2, 0):
        trial.clock.write_text(str(days * 24 * 3600))
        time.sleep(2)
        answer = requests.get(f"{trial.service.address}/v1/flags?limit=1", timeout=60)
        assert answer.status_code == 200, f"/v1/flags: {answer.status_code}, {days} days wrong"
    return "a year ahead, two days back, right again"


def _remove_bundle(trial: Trial) -> str:
    away = trial.bundle.with_name("away")
    trial.bundle.rename(away)
    try:
        trial.service.kill_worker()
        with trial.probed(5) as probe:
            pass
    finally:
        away.rename(trial.bundle)
    assert trial.service.master.poll() is None, "the service ended"
    _answered(probe)
    return probe.told()


def _slow_clients(trial: Trial) -> str:
    half = (b"", b"POST /v1/scores HTTP/1.1\r\n", b"POST /v1/scores HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")
    with ExitStack() as stack:
        for number in range(500):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", trial.service.port)))
            connection.sendall(half[number % 3])
        with trial.probed(5) as probe:
            pass
    assert probe.failed == 0, probe.told()
    return probe.told()


def _hostile_texts(trial: Trial) -> str:
    headers = {"Authorization": f"Bearer {trial.key}"}
    sent = 0
    for number, text in enumerate(_HOSTILE):
        for path, body in (
            ("/v1/scores", {"comments": [{"text": ABUSE + text}]}),
            ("/v1/comments", {"id": f"h{number}", "article_id": "a1", "text": ABUSE + text}),
            ("/v1/moderations", {"input": ABUSE + text}),
            (
                "/v1alpha1/comments:analyze",
                {"comment": {"text": ABUSE + text}, "requestedAttributes": {"TOXICITY": {}}},
            ),
            ("/v1/reports", {"comment_id": "b0", "reporter": f"h{number}", "reason": text[:200], "note": text}),
        ):
            answer = requests.post(trial.service.address + path, json=body, headers=headers, timeout=60)
            assert answer.status_code < 500 or "Retry-After" in answer.headers, f"{path}: {answer.status_code}"
            sent += 1
    return f"{sent} calls, no 5xx but refusals"


def _events(trial: Trial, *which: ColumnElement[bool]) -> int:
    with trial.db.read() as session:
        return session.scalar(select(func.count()).select_from(EventRow).where(*which)) or 0


def _dead_receiver(trial: Trial) -> str:
    """Let a day pass in which nobody takes events, then let somebody take them."""
    trial.service.stop()
    taken: dict[str, int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            Webhook(trial.secret).verify(body, dict(self.headers.items()))
            taken[self.headers["webhook-id"]] = taken.get(self.headers["webhook-id"], 0) + 1
            self.send_response(204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    hours: list[int] = []
    deliverer = Deliverer(trial.db, lambda: datetime.now(UTC) + timedelta(hours=len(hours)))
    while len(hours) < 24:
        hours.append(len(hours))
        deliverer.deliver_due()
        deliverer.wait()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with trial.db.write() as session:
            session.execute(update(WebhookRow).values(url=f"http://127.0.0.1:{server.server_port}/"))
        deliverer, deadline = Deliverer(trial.db), time.monotonic() + RECOVERY
        waiting = EventRow.delivered_at.is_(None)
        while time.monotonic() < deadline and _events(trial, waiting):
            with trial.db.write() as session:
                # The hours have passed for them, too.
                session.execute(update(EventRow).where(waiting).values(next_attempt_at=datetime.now(UTC)))
            deliverer.deliver_due()
            deliverer.wait()
        server.shutdown()
    events = _events(trial)
    trial.service.start()
    doubled = sum(count - 1 for count in taken.values())
    assert len(taken) == events, f"{events - len(taken)} of {events} events were not delivered"
    return f"{events} events delivered, {doubled} of them twice"


def faulty_clock(folder: Path) -> tuple[Path | None, dict[str, str]]:
    """Return the file that sets a service's clock, with the settings that it needs; None where that cannot be done."""
    compiler, library = shutil.which("cc"), folder / "clock.so"
    if compiler is None:
        return None, {}
    source = str(Path(__file__).with_name("clock.c"))
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(library), source], check=True)  # noqa: S603 - our own command
    file = folder / "clock"
    file.write_text("0")
    return file, {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(file)}


FAULTS = (
    Fault("a worker killed", "the other answers; it is replaced", _kill_worker),
    Fault("the master killed", "nothing acknowledged is lost", _kill_master),
    Fault("database stopped", "503 with Retry-After; health and scores go on", _stop_database, _SERVER),
    Fault("database frozen for 30 s", "the same; /readyz says 503", _freeze_database, _SERVER),
    Fault("database restarted", "writing goes on by itself", _restart_database, _SERVER),
    Fault("fail-over to a standby", "the same; nothing the standby had is lost", _fail_over, _SERVER),
    Fault("disk full", "/readyz says 503; writing goes on once there is room", _fill_disk),
    Fault("writes refused, or locked out", "503 with Retry-After, or late; scores go on", _refuse_writes),
    Fault("the clock jumps", "calls are answered", _jump_clock),
    Fault("bundle removed, a worker killed", "the other answers; the new one tries again", _remove_bundle),
    Fault(
        f"{REPORTERS:,} readers report {REPORTED} comments",
        "calls take no 100 ms longer (median of 20)",
        report_together,
    ),
    Fault("500 slow clients", "nobody waits for them", _slow_clients),
    Fault("hostile texts", "no 500", _hostile_texts),
    Fault("receiver dead for a day", "every event arrives once it is back", _dead_receiver),
)
