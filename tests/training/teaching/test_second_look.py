"""Labels that contradict the others: found, written down, and sent back into the queue."""

import json
import random
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from service.accounts.api_keys import create_key
from service.moderation.comments import get_item
from service.moderation.decisions import NewDecision, add_decision
from service.storage.database import Database
from tests.training.teaching.test_refit import FINE, HOUSE, sentences
from training.cli.main import main

WRONG = {"fine3", "fine40", "house7"}


def runs(*arguments: str, **environment: str) -> Result:
    # Without public data, as on a machine that has none.
    environment = {"BELOWLINE_DATA": "/nowhere", **environment}
    return CliRunner().invoke(main, ["second-look", "--tier", "fast", *arguments], env=environment)


@pytest.fixture(scope="module")
def comments() -> dict[str, str]:
    """Return comments that this newsroom removes, and such as it keeps, by their ids."""
    house = {f"house{i}": text for i, text in enumerate(sentences(HOUSE, 80, 1))}
    fine = {f"fine{i}": text for i, text in enumerate(sentences(FINE, 80, 2))}
    mixed = list((house | fine).items())
    random.Random(0).shuffle(mixed)
    return dict(mixed)


def is_removed(comment_id: str) -> bool:
    """Return what was decided: of some, the contrary of what the newsroom does otherwise."""
    return comment_id.startswith("house") != (comment_id in WRONG)


@pytest.fixture(scope="module")
def labels(comments: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("labels") / "labels.jsonl"
    rows = [
        {"comment_id": name, "text": text, "label": "removed" if is_removed(name) else "kept"}
        for name, text in comments.items()
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_the_labels_that_are_wrong_are_found(labels: Path, comments: dict[str, str], tmp_path: Path) -> None:
    result = runs("--labels", str(labels), "--out", str(tmp_path / "doubts.jsonl"))
    assert result.exit_code == 0, result.output
    rows = [json.loads(line) for line in (tmp_path / "doubts.jsonl").read_text().splitlines()]
    found = {row["comment_id"] for row in rows}
    assert found <= WRONG
    assert len(found) >= 2
    for row in rows:
        assert row["attribute"] == "likely_to_reject"
        assert row["label"] == ("removed" if is_removed(row["comment_id"]) else "kept")
        assert row["text"] == comments[row["comment_id"]]
        assert row["comment_id"] in result.output
    assert not any(text in result.output for text in comments.values())  # what is printed may be logged


def test_too_few_labels_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("text,label\nGood morning all.,kept\nYou fool.,removed\n")
    result = runs("--labels", str(tmp_path / "few.csv"))
    assert result.exit_code == 0
    assert "0 deserve a second look" in result.output
    assert "it takes 50 labels on each side" in result.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_doubted_decisions_wait_in_the_service_s_queue_again(
    app: Flask,
    client: FlaskClient,
    db: Database,
    flag: Callable[..., None],
    serve: Callable[[Flask], str],
    comments: dict[str, str],
    tmp_path: Path,
) -> None:
    for name, text in comments.items():
        flag(name, text=text)
        with db.write() as session:
            add_decision(
                session, name, NewDecision(verdict="remove" if is_removed(name) else "keep", moderator="anna", rule="1")
            )
    with db.write() as session:
        key = create_key(session, "second looks", ["review"])
    exported = tmp_path / "labels.jsonl"
    exported.write_text(client.get("/v1/labels").text)

    result = runs("--labels", str(exported), "--most", "1", "--to", serve(app), BELOWLINE_KEY=key)

    assert "1 are back in the queue." in result.output
    with db.read() as session:
        (waits,) = [name for name in comments if get_item(session, name).state == "open"]
    assert waits in WRONG


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_of_the_service_is_told(app: Flask, serve: Callable[[Flask], str], labels: Path) -> None:
    result = runs("--labels", str(labels), "--to", serve(app), BELOWLINE_KEY="not a key")
    assert result.exit_code == 1
    assert "answered 401 UNAUTHORIZED. This key was never created here" in result.output


@pytest.mark.parametrize(
    ("address", "key", "problem"),
    [
        ("http://127.0.0.1:9", "k", "'http://127.0.0.1:9' cannot be reached: [Errno 111] Connection refused."),
        ("file:///etc/passwd", "k", "'file:///etc/passwd' is not the address of a service"),
        ("ftp://127.0.0.1", "k", "'ftp://127.0.0.1' is not the address of a service"),
        ("http://127.0.0.1:9", "", "BELOWLINE_KEY is not set"),
    ],
)
def test_what_cannot_be_sent_is_told_in_a_line(labels: Path, address: str, key: str, problem: str) -> None:
    result = runs("--labels", str(labels), "--to", address, BELOWLINE_KEY=key)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(f"Error: {problem}")


@pytest.mark.parametrize("told", ["<p>Welcome</p>", "[]", '{"status": "ok"}'])
def test_an_address_of_something_else_is_told_in_a_line(labels: Path, serve: Callable[[Flask], str], told: str) -> None:
    other = Flask("other")
    other.add_url_rule("/v1/second-looks", view_func=lambda: told, methods=["POST"])

    result = runs("--labels", str(labels), "--to", serve(other), BELOWLINE_KEY="k")

    assert result.exit_code == 1
    assert "does not answer like Belowline" in result.output.splitlines()[-1]


def test_an_address_that_speaks_no_http_is_told_in_a_line(labels: Path) -> None:
    def greet(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"SSH-2.0-other\r\n")
            while connection.recv(65_536):
                pass

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=greet, args=[server])
        thread.start()
        result = runs("--labels", str(labels), "--to", f"http://127.0.0.1:{server.getsockname()[1]}", BELOWLINE_KEY="k")
        thread.join()

    assert "does not answer like Belowline (" in result.output.splitlines()[-1]
