"""Programs that go on until they are told that something was stored."""

import itertools
import threading
import time
from typing import Any

import requests

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
SUGGESTION = {"comment": {"text": ABUSE}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
KINDS = ("comments", "reports", "decisions", "labels")


class Client:
    """Sends comments, reports, decisions and labels, each until it is acknowledged, as a newspaper's server would."""

    def __init__(self, name: str, address: str, key: str) -> None:
        self.name = name
        self.comments: set[str] = set()
        self.reports: set[str] = set()
        self.decisions: set[str] = set()
        self.labels: set[str] = set()
        #: Answers that nobody promised.
        self.surprises: list[str] = []
        self._address = address
        self._key = key
        self._ended = threading.Event()
        self._abandoned = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def end(self) -> None:
        """Send nothing new."""
        self._ended.set()

    def join(self, seconds: float | None = None) -> None:
        """Wait until what was begun is acknowledged, or for some seconds."""
        self._thread.join(seconds)

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
            if answer.status_code != 503:
                self.surprises.append(f"{path}: {answer.status_code}")
            time.sleep(0.1)
