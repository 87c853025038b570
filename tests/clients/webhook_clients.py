"""The npm library of Standard Webhooks receives what a running service sends."""

import base64
import json
import subprocess
from pathlib import Path

import requests
from click.testing import CliRunner

from service.cli.main import main
from tests.served import PATIENCE, running

HERE = Path(__file__).parent
ABUSE = "You stupid, worthless idiot: naïve – and 🌉."


def test_the_npm_library_verifies_an_event(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        database = {"BELOWLINE_DATABASE": f"sqlite:///{tmp_path}/var/belowline.db"}
        return CliRunner().invoke(main, arguments, env=database).stdout.strip()

    command = ["node", str(HERE / "webhooks.cjs")]
    receiver = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    assert receiver.stdin is not None
    assert receiver.stdout is not None
    try:
        url = f"http://127.0.0.1:{int(receiver.stdout.readline())}/hooks"
        former = run("add-webhook", url, "--internal")
        present = run("rotate-webhook", "1")
        stranger = "whsec_" + base64.b64encode(b"a stranger's secret, of 32 bytes").decode()
        receiver.stdin.write(f"{present}\n{former}\n{stranger}\n")
        receiver.stdin.flush()
        with running(tmp_path, "serve", bundle="fast") as service:
            article = {"title": "The bridge opens again on Monday"}
            requests.put(f"{service.address}/v1/articles/ä1", json=article, timeout=PATIENCE).raise_for_status()
            comment = {"id": "c–1", "article_id": "ä1", "text": ABUSE}
            requests.post(f"{service.address}/v1/comments", json=comment, timeout=PATIENCE).raise_for_status()
            got = json.loads(receiver.stdout.readline())
    finally:
        receiver.kill()
        receiver.communicate()

    assert got["id"].startswith("msg_")
    by_present, by_former, by_stranger = got["verified"]
    assert by_present == by_former
    assert (by_present["type"], by_present["data"]["comment_id"]) == ("comment.flagged", "c–1")
    assert by_stranger == {"refused": "No matching signature found"}
