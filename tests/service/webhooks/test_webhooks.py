"""Outgoing webhooks: what is told, to whom, signed how, and what happens when nobody answers."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select, update
from standardwebhooks import Webhook, WebhookVerificationError

from model.errors import InvalidInput
from service.cli.main import main
from service.moderation.reports import add_report
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.programs import EventRow, WebhookRow
from service.webhooks import outbox
from service.webhooks.delivery import Deliverer
from service.webhooks.endpoints import EVENTS, GRACE, add_endpoint, list_endpoints, remove_endpoint, rotate_secret
from service.webhooks.outbox import BACK_OFF, LEASE
from service.webhooks.targets import is_public
from tests.served import PATIENCE, wait_until

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
DAY = timedelta(days=1)

pytestmark = pytest.mark.usefixtures("article")


class Receiver:
    """A server that is told of events, and answers as it is asked to."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.url = f"http://127.0.0.1:{server.server_port}/hooks?for=belowline"
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.got: list[tuple[dict[str, str], str]] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = found.answers.pop(0) if found.answers else (204, {})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Receiver(server)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def secret(db: Database, receiver: Receiver) -> str:
    """Have the receiver told of everything, and return its secret."""
    with db.write() as session:
        return add_endpoint(session, receiver.url, EVENTS, internal=True)[1]


@pytest.fixture
def deliver(db: Database) -> Iterator[Callable[..., None]]:
    """Yield what delivers all that is due: now, or so much later than it did last."""
    clock = [datetime.now(UTC)]
    deliverer = Deliverer(db, lambda: clock[-1])

    def until_idle(after: timedelta | None = None) -> None:
        # It stands still meanwhile, however slow the machine is.
        if after is None:
            clock[:] = [datetime.now(UTC)]
        else:
            clock[1:] = [clock[0] + after]
        deliverer.deliver_due()
        deliverer.wait()

    yield until_idle
    deliverer.wait()


def post(client: FlaskClient, name: str = "c1") -> None:
    assert client.post("/v1/comments", json={"id": name, "article_id": "a1", "text": ABUSE}).status_code == 201


def report(client: FlaskClient, reporter: str = "r1") -> None:
    body = {"comment_id": "c1", "reporter": reporter, "reason": "personal attack", "note": "He wrote: idiot."}
    assert client.post("/v1/reports", json=body).status_code == 201


def stored(db: Database) -> list[EventRow]:
    with db.read() as session:
        return list(session.scalars(select(EventRow).order_by(EventRow.created_at)))


@pytest.mark.usefixtures("secret")
def test_a_flag_a_report_and_a_decision_are_told(
    client: FlaskClient, reviewer: dict[str, str], receiver: Receiver, deliver: Callable[..., None]
) -> None:
    post(client)
    report(client)
    decision = {"verdict": "remove", "moderator": "anna", "rule": "2", "note": "Called him an idiot."}
    client.post("/v1/comments/c1/decisions", json=decision, headers=reviewer)
    deliver()

    flagged, reported, decided = receiver.events
    assert [event["type"] for event in receiver.events] == [kind for kind in EVENTS if kind != "audit.head"]
    about = {"comment_id": "c1", "article_id": "a1", "revision": 1}
    assert flagged["data"].keys() == about.keys() | {"stream", "reasons", "bundle_version"}
    assert flagged["data"]["reasons"][0].keys() == {"attribute", "score", "threshold"}
    assert max(reason["score"] for reason in flagged["data"]["reasons"]) > 0.5
    assert flagged["data"]["stream"] == "safety"
    assert reported["data"] == {**about, "report_id": 1, "reason": "personal attack"}
    assert decided["data"] == {
        **about,
        "decision_id": 1,
        "state": "decided",
        "verdict": "remove",
        "rule": "2",
        "undoes": None,
        "bundle_version": flagged["data"]["bundle_version"],
    }
    for event in receiver.events:
        assert datetime.fromisoformat(event["timestamp"]).tzinfo is not None


@pytest.mark.usefixtures("secret")
def test_no_text_of_a_reader_or_a_moderator_is_told(
    client: FlaskClient, reviewer: dict[str, str], receiver: Receiver, deliver: Callable[..., None]
) -> None:
    post(client)
    report(client)
    decision = {"verdict": "keep", "moderator": "anna", "note": "He is an idiot."}
    client.post("/v1/comments/c1/decisions", json=decision, headers=reviewer)
    deliver()

    assert len(receiver.got) == 3
    for _, body in receiver.got:
        assert "idiot" not in body
        assert "anna" not in body


def test_the_longest_names_fit_into_20_kb(
    client: FlaskClient, db: Database, receiver: Receiver, deliver: Callable[..., None], secret: str
) -> None:
    longest = "🙈" * 255
    client.put(f"/v1/articles/{longest}", json={"title": "T"})
    client.post("/v1/comments", json={"id": longest, "article_id": longest, "text": ABUSE})
    client.post("/v1/reports", json={"comment_id": longest, "reporter": longest, "reason": longest})
    deliver()

    assert [event["data"]["comment_id"] for event in receiver.events] == [longest, longest]
    assert max(len(body.encode()) for _, body in receiver.got) < 20_000
    headers, body = receiver.got[0]
    assert Webhook(secret).verify(body, headers)["type"] == "comment.flagged"
    assert all(row.delivered_at for row in stored(db))


def test_an_event_is_signed_after_standard_webhooks(
    client: FlaskClient, receiver: Receiver, deliver: Callable[..., None], secret: str
) -> None:
    post(client)
    deliver()

    headers, body = receiver.got[0]
    assert Webhook(secret).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(secret).verify(body.replace("c1", "c2"), headers)
    assert headers["content-type"] == "application/json"
    assert headers["host"] == receiver.url.split("/")[2]


def test_while_a_secret_rotates_both_sign(
    client: FlaskClient, db: Database, receiver: Receiver, deliver: Callable[..., None], secret: str
) -> None:
    with db.write() as session:
        new = rotate_secret(session, 1)
    post(client)
    deliver()
    headers, body = receiver.got[0]
    assert Webhook(secret).verify(body, headers)
    assert Webhook(new).verify(body, headers)

    receiver.answers = [(500, {})]
    report(client)
    deliver()
    deliver(GRACE + timedelta(minutes=1))
    assert len(receiver.got[1][0]["webhook-signature"].split()) == 2
    assert len(receiver.got[2][0]["webhook-signature"].split()) == 1


def test_only_what_was_asked_for_is_told(
    client: FlaskClient, db: Database, receiver: Receiver, deliver: Callable[..., None]
) -> None:
    with db.write() as session:
        add_endpoint(session, receiver.url, ["comment.reported"], internal=True)
    post(client)
    report(client)
    deliver()

    assert [event["type"] for event in receiver.events] == ["comment.reported"]


@pytest.mark.usefixtures("secret")
def test_what_was_not_stored_is_not_told(client: FlaskClient, db: Database) -> None:
    post(client)
    before = len(stored(db))
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": ABUSE})
    client.post("/v1/reports", json={"comment_id": "nowhere", "reporter": "r", "reason": "x"})

    def fail() -> None:
        with db.write() as session:
            add_report(session, "c1", reporter="r", reason="x")
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        fail()
    assert len(stored(db)) == before == 1


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("status", [300, 302, 400, 404, 429, 500, 503])
def test_what_was_not_taken_is_sent_again_under_the_same_id(
    client: FlaskClient, receiver: Receiver, deliver: Callable[..., None], status: int
) -> None:
    receiver.answers = [(status, {"Location": receiver.url})]
    post(client)
    deliver()
    deliver(timedelta(seconds=4))
    assert len(receiver.got) == 1

    deliver(timedelta(seconds=7))
    assert len(set(receiver.ids)) == 1
    assert [body for _, body in receiver.got] == [receiver.got[0][1]] * 2
    deliver(DAY)
    assert len(receiver.got) == 2


@pytest.mark.usefixtures("secret")
def test_the_pauses_grow_until_it_is_given_up(client: FlaskClient, db: Database, receiver: Receiver) -> None:
    receiver.answers = [(500, {})] * 20
    post(client)
    clock, waits = datetime.now(UTC), []
    deliverer = Deliverer(db, lambda: clock)

    def due_after_an_attempt() -> datetime | None:
        deliverer.deliver_due()
        deliverer.wait()
        return stored(db)[0].next_attempt_at

    while (due := due_after_an_attempt()) is not None:
        waits.append((due - clock).total_seconds())
        clock = due

    assert len(receiver.got) == len(BACK_OFF) == 10
    for wait, least in zip(waits, BACK_OFF[1:], strict=True):
        assert least <= wait <= least * 1.2
    with db.read() as session:
        (endpoint,) = list_endpoints(session)
    assert (endpoint.enabled, endpoint.waiting, endpoint.given_up) == (True, 0, 1)
    assert stored(db)[0].last_outcome == "answered 500"


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_that_asks_for_time_gets_it(
    client: FlaskClient, receiver: Receiver, deliver: Callable[..., None], form: str
) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=3600), usegmt=True)
    receiver.answers = [(503, {"Retry-After": "3600" if form == "seconds" else at})]
    post(client)
    deliver()
    deliver(timedelta(minutes=50))
    assert len(receiver.got) == 1
    deliver(timedelta(minutes=65))
    assert len(receiver.got) == 2


@pytest.mark.usefixtures("secret")
def test_a_receiver_that_is_gone_is_told_nothing_more(
    client: FlaskClient, db: Database, receiver: Receiver, deliver: Callable[..., None]
) -> None:
    receiver.answers = [(410, {})]
    post(client)
    deliver()
    report(client)
    deliver(DAY)

    assert len(receiver.got) == 1
    with db.read() as session:
        assert [endpoint.enabled for endpoint in list_endpoints(session)] == [False]


@pytest.mark.usefixtures("secret")
def test_what_another_process_had_claimed_when_it_died_is_sent(
    client: FlaskClient, db: Database, receiver: Receiver, deliver: Callable[..., None]
) -> None:
    post(client)
    with db.write() as session:
        claimed = outbox.claim(session, 1, datetime.now(UTC))
    assert claimed is not None
    deliver()
    assert receiver.got == []

    deliver(LEASE + timedelta(seconds=1))
    assert receiver.ids == [claimed.id]
    with db.write() as session:
        outbox.put_off(session, claimed, "late", datetime.now(UTC))
    assert stored(db)[0].next_attempt_at is None


@pytest.mark.usefixtures("secret")
def test_many_deliverers_send_each_event_once(client: FlaskClient, db: Database, receiver: Receiver) -> None:
    for number in range(12):
        post(client, f"c{number}")
    deliverers = [Deliverer(db) for _ in range(4)]
    for deliverer in deliverers:
        deliverer.start()
    wait_until(lambda: all(row.delivered_at for row in stored(db)))
    for deliverer in deliverers:
        deliverer.stop()

    assert sorted(event["data"]["comment_id"] for event in receiver.events) == sorted(f"c{n}" for n in range(12))
    assert len(set(receiver.ids)) == 12


def test_a_receiver_that_hangs_holds_up_no_other(
    client: FlaskClient, db: Database, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.webhooks.delivery.TIMEOUT", PATIENCE)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with db.write() as session:
            add_endpoint(session, f"http://127.0.0.1:{silent.getsockname()[1]}/", EVENTS, internal=True)
            add_endpoint(session, receiver.url, EVENTS, internal=True)
        post(client)
        deliverer = Deliverer(db)
        deliverer.deliver_due()
        wait_until(lambda: any(row.delivered_at for row in stored(db)))
        outcomes = {row.endpoint_id: row.last_outcome for row in stored(db)}
    # It hangs up, so that its thread ends.
    deliverer.wait()

    assert outcomes == {1: None, 2: "answered 204"}


@pytest.mark.parametrize(("head", "drop"), [(b"", b""), (b"HTTP/1.1 200 OK\r\nX: ", b"x")], ids=["nothing", "drops"])
def test_a_receiver_that_answers_nothing_or_a_byte_at_a_time_is_cut_off(
    client: FlaskClient, db: Database, monkeypatch: pytest.MonkeyPatch, head: bytes, drop: bytes
) -> None:
    monkeypatch.setattr("service.webhooks.delivery.TIMEOUT", 1.0)

    def drip() -> None:
        connection, _ = dripping.accept()
        with connection, suppress(OSError):
            connection.recv(65_536)
            connection.settimeout(0.1)
            connection.sendall(head)
            for _ in range(100):
                connection.sendall(drop)
                with suppress(TimeoutError):
                    if not connection.recv(65_536):
                        return

    with socket.create_server(("127.0.0.1", 0)) as dripping:
        thread = threading.Thread(target=drip)
        thread.start()
        with db.write() as session:
            add_endpoint(session, f"http://127.0.0.1:{dripping.getsockname()[1]}/", EVENTS, internal=True)
        post(client)
        began = time.monotonic()
        Deliverer(db).deliver_due()
        wait_until(lambda: stored(db)[0].last_outcome is not None)
        took = time.monotonic() - began
        thread.join()

    assert took >= 1
    (row,) = stored(db)
    assert (row.attempts, row.delivered_at) == (1, None)
    # If it was the first byte that was late, the time-out was that of a read.
    assert re.fullmatch(r"no answer \((Read)?TimeoutError\)", str(row.last_outcome))


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:9/", "https://[::1]:9/", "https://localhost:9/", "https://169.254.169.254/latest/"]
)
def test_an_address_of_one_s_own_network_is_not_called(
    client: FlaskClient, db: Database, deliver: Callable[..., None], url: str
) -> None:
    with db.write() as session:
        add_endpoint(session, url, EVENTS, internal=False)
    post(client)
    deliver()

    (row,) = stored(db)
    assert str(row.last_outcome).endswith("is not a public address")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - not bound to
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:  # noqa: FBT001 - a table of cases
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://paper.example/hooks", "is not https: use https, or allow it"),
        ("ftp://paper.example/", "is not a web address"),
        ("paper.example", "is not a web address"),
        ("https://", "is not a web address"),
        ("https://paper.example:99999/", "is not an address"),
        ("https://paper.example/a b", "is not a web address"),
        ("https://paper.example/\r\nX: y", "is not a web address"),
        ("https://anna:secret@paper.example/", "not contain a name or a password"),
        ("https://paper.example/" + "x" * 2000, "the limit is 2,000"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(db: Database, url: str, message: str) -> None:
    with db.write() as session, pytest.raises(InvalidInput, match=message):
        add_endpoint(session, url, EVENTS, internal=False)


@pytest.mark.usefixtures("secret")
def test_a_removed_webhook_takes_its_events_along(client: FlaskClient, db: Database) -> None:
    post(client)
    with db.write() as session:
        assert remove_endpoint(session, 1) == 1
    report(client)

    assert stored(db) == []


@pytest.mark.usefixtures("secret")
def test_what_was_delivered_is_forgotten_after_a_month(
    client: FlaskClient, db: Database, deliver: Callable[..., None]
) -> None:
    post(client)
    deliver()
    with db.write() as session:
        outbox.clear(session, datetime.now(UTC) + timedelta(days=29))
    assert len(stored(db)) == 1
    with db.write() as session:
        outbox.clear(session, datetime.now(UTC) + timedelta(days=31))
    assert stored(db) == []


@pytest.mark.usefixtures("secret")
def test_what_was_not_taken_is_forgotten_after_a_month_too(client: FlaskClient, db: Database) -> None:
    def clear() -> None:
        with db.write() as session:
            outbox.clear(session, datetime.now(UTC) + timedelta(days=31))

    post(client)
    clear()
    assert len(stored(db)) == 1  # it is still to be delivered
    with db.write() as session:
        outbox.disable(session, 1)
    clear()
    assert stored(db) == []

    with db.write() as session:
        session.execute(update(WebhookRow).values(enabled=True))
    post(client, "c2")
    with db.write() as session:
        session.execute(update(EventRow).values(attempts=10, next_attempt_at=None))
    clear()
    assert stored(db) == []


def test_a_webhook_is_tried_out(database_url: str, receiver: Receiver) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, arguments, env={"BELOWLINE_DATABASE": database_url})

    secret = run("add-webhook", receiver.url, "--internal").stdout.strip()
    receiver.answers = [(200, {}), (401, {})]
    taken, refused, unknown = (run("webhook", "test", number) for number in ("1", "1", "2"))

    assert (taken.exit_code, taken.stdout) == (0, "Webhook 1 took the event: answered 200.\n")
    assert (refused.exit_code, "did not take the event: answered 401" in refused.output) == (1, True)
    assert (unknown.exit_code, "There is no webhook 2" in unknown.output) == (1, True)
    headers, body = receiver.got[0]
    assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"
    # It was sent once, whatever came of it.
    assert run("list-webhooks").stdout.endswith("  0 wait, 0 given up\n")


def test_webhooks_are_kept_from_the_command_line(database_url: str) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(main, arguments, env={"BELOWLINE_DATABASE": database_url})

    added = run("add-webhook", "https://paper.example/hooks", "--event", "comment.decided")
    assert added.stdout.startswith("whsec_")
    assert run("rotate-webhook", "1").stdout.startswith("whsec_")
    listed = run("list-webhooks").stdout
    assert listed == "1  https://paper.example/hooks  comment.decided  0 wait, 0 given up\n"
    assert run("remove-webhook", "1").exit_code == 0
    assert run("remove-webhook", "1").output == (
        "Error: There is no webhook 1: `python -m service list-webhooks` lists them.\n"
    )
    assert run("add-webhook", "http://paper.example/").exit_code == 1


def test_an_admin_adds_a_webhook_and_sees_a_test_arrive(
    person: Callable[..., Any],
    client: FlaskClient,
    db: Database,
    reviewer: dict[str, str],
    receiver: Receiver,
    deliver: Callable[..., None],
) -> None:
    admin = person("callum", "admin")
    refused = admin.sends("/review/webhooks", url=receiver.url, event="comment.decided")
    assert (refused.status_code, "is not https" in refused.text) == (400, True)
    added = admin.sends("/review/webhooks", url=receiver.url, event="comment.decided", internal="yes")
    assert "whsec_" in added.text
    form = {"form": "/review/webhooks", "number": "1"}
    receiver.answers = [(204, {}), (500, {}), (503, {})]
    for outcome in ("accepted the test: answered 204", "did not accept the test: answered 500"):
        assert outcome in admin.reads(admin.sends("/review/webhooks/test", **form).location).text
    assert [event["type"] for event in receiver.events] == ["webhook.test"] * 2
    post(client)
    decided = {"verdict": "keep", "moderator": "isla"}
    client.post("/v1/comments/c1/decisions", json=decided, headers=reviewer)
    deliver()
    page = admin.reads("/review/webhooks").text
    assert "answered 503; next attempt" in page
    assert "whsec_" not in page

    assert "whsec_" in admin.sends("/review/webhooks/rotate", **form).text
    admin.sends("/review/webhooks/remove", **form)
    assert "There are none yet." in admin.reads("/review/webhooks").text
    assert admin.sends("/review/webhooks/test", **form).status_code == 404
    with db.read() as session:
        whats = [(one.what, one.who) for one in audit.entries(session) if one.what.startswith("webhook.")]
    assert whats == [(f"webhook.{what}", "callum") for what in ("add", "test", "test", "rotate", "remove")]


def test_a_webhook_is_told_of_something(db: Database) -> None:
    with pytest.raises(InvalidInput, match="is to be told of"), db.write() as one:
        add_endpoint(one, "https://paper.example/hooks", [], internal=False)
