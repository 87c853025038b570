"""What docs/connect-your-cms.md shows, run as it stands: sent to a running service, and told what moderators decide."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from standardwebhooks import Webhook

from service.cli.main import main
from tests.served import PATIENCE, Service, free_port, running

PAGE = Path(__file__).parents[2] / "docs/connect-your-cms.md"
LANGUAGES = {"python": "py", "php": "php", "js": "cjs"}


def piece(language: str, number: int, folder: Path) -> Path:
    """Write down a piece of the page: the first of a language sends, the second receives."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(found) == 2
    file = folder / f"piece{number}.{LANGUAGES[language]}"
    file.write_text(found[number])
    return file


def command(language: str, file: Path, port: int | None = None) -> list[str]:
    served = ["-S", f"127.0.0.1:{port}"] if port else []
    return {"python": [sys.executable, str(file)], "php": ["php", *served, str(file)], "js": ["node", str(file)]}[
        language
    ]


class Receiver:
    """A receiver of the page, as it runs; what it did is what it printed."""

    def __init__(self, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}/belowline"
        self._log = log

    def has_done(self) -> list[str]:
        return re.findall(r"(?:show|hide|replace|tell) .*", self._log.read_text())

    def waits_for(self, *done: str) -> None:
        end = time.monotonic() + PATIENCE
        while self.has_done() != list(done):
            assert time.monotonic() < end, self._log.read_text()
            time.sleep(0.1)


@contextmanager
def receiving(language: str, folder: Path, secret: str, port: int) -> Iterator[Receiver]:
    log = folder / f"{language}.txt"
    environment = {**os.environ, "MODERATION_SECRET": secret, "PORT": str(port)}
    with log.open("wb") as out:
        started = command(language, piece(language, 1, folder), port)
        process = subprocess.Popen(started, env=environment, stdout=out, stderr=out)  # noqa: S603 - the page's own
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end
                time.sleep(0.1)
        yield Receiver(port, log)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def port() -> Iterator[int]:
    """Yield a port for a receiver: the service is told of it before it runs."""
    with free_port() as found:
        yield found


def service_command(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, arguments, env={"BELOWLINE_DATABASE": f"sqlite:///{folder}/var/belowline.db"})


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Path]]:
    """Return a running service that asks for keys, and its folder."""
    folder = tmp_path_factory.mktemp("newsroom")
    service_command(folder, "create-key", "first")
    with running(folder, "serve", "--require-keys", "--workers", "1", bundle="fast") as service:
        yield service, folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cms_sends_and_does_what_is_decided(
    language: str, newsroom: tuple[Service, Path], tmp_path: Path, port: int
) -> None:
    service, folder = newsroom
    key = service_command(folder, "create-key", f"cms in {language}", "--scope", "ingest").stdout.strip()
    judge = service_command(folder, "create-key", f"tool beside {language}", "--scope", "review").stdout.strip()
    added = service_command(
        folder, "add-webhook", f"http://127.0.0.1:{port}/belowline", "--internal", "--event", "comment.decided"
    )
    number = re.findall(r"Webhook (\d+)", added.stderr)[0]
    environment = {**os.environ, "MODERATION_URL": service.address, "MODERATION_KEY": key}
    ran = subprocess.run(  # noqa: S603 - the page's own
        command(language, piece(language, 0, tmp_path)), env=environment, check=True, capture_output=True, text=True
    )
    assert ran.stdout == "flagged\n"

    with receiving(language, tmp_path, added.stdout.strip(), port) as receiver:
        tried = service_command(folder, "webhook", "test", number)
        assert (tried.exit_code, "answered 204" in tried.stdout) == (0, True), tried.output
        address, headers = f"{service.address}/v1/comments/c1/decisions", {"Authorization": f"Bearer {judge}"}
        done = []
        for verdict, does in (("remove", "hide c1"), ("undo", "show c1"), ("keep", "show c1"), ("undo", "show c1")):
            body = {"verdict": verdict, "moderator": "anna"}
            requests.post(address, json=body, headers=headers, timeout=PATIENCE).raise_for_status()
            done.append(does)
            receiver.waits_for(*done)
    assert service_command(folder, "remove-webhook", number).exit_code == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receiver_amends_and_refuses_what_is_not_signed(language: str, tmp_path: Path, port: int) -> None:
    secret, strange = ("whsec_" + letter * 43 + "=" for letter in "Ab")
    data = {"comment_id": "c1", "decision_id": 9, "verdict": "amend", "amended_text": "You are a … liar – naïve."}
    body = json.dumps({"type": "comment.decided", "data": {**data, "author": "ana", "notice": "Amended."}})

    def sent(by: str, at: datetime, sent_body: str = body) -> int:
        number = f"msg_{uuid.uuid4().hex}"
        signature = f"v1,AAAA {Webhook(by).sign(number, at, body)}"
        stamp = str(int(at.timestamp()))
        headers = {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": signature}
        return requests.post(receiver.url, sent_body.encode(), headers=headers, timeout=PATIENCE).status_code

    now = datetime.now(UTC)
    with receiving(language, tmp_path, secret, port) as receiver:
        assert sent(strange, now) == 401
        assert sent(secret, now - timedelta(minutes=10)) == 401
        assert sent(secret, now, body.replace("ana", "eve")) == 401
        assert requests.post(receiver.url, body.encode(), timeout=PATIENCE).status_code == 401
        assert receiver.has_done() == []
        assert sent(secret, now) == 204
        receiver.waits_for("replace c1 You are a … liar – naïve.", "tell ana Amended.")
