"""Thousands who report the same comments: what do they cost whoever calls meanwhile?"""

import time
from collections import defaultdict
from datetime import UTC, datetime
from statistics import median

import requests
from sqlalchemy import insert

from service.storage.tables.comments import CommentRow, ReportRow
from tests.chaos.clients import ABUSE
from tests.chaos.trial import Trial

REPORTERS, REPORTED = 2_000, 100
#: Seconds that they may cost a call, on a machine that has nothing else to do.
SLOWER = 0.1
#: Seconds of computing by which is told how busy others keep the machine.
_SPIN = 0.02
#: How often a call is made that is refused because the machine is too busy.
_TRIES = 10


def report_together(trial: Trial) -> str:
    """Time calls on some comments, then on such as thousands have reported."""
    waited: list[float] = []
    before, after = _timed(trial, "o", 1, waited), _timed(trial, "b", REPORTERS, waited)
    told = "; ".join(f"{what} {_told(after[what])}, without the reports {_told(before[what])}" for what in after)
    slowed = sum(waited) / len(waited) / _SPIN
    told += f"; others slowed the machine {slowed:.1f} times"
    assert max(median(after[what]) - median(before[what]) for what in after) / slowed < SLOWER, told
    return told


def _told(seconds: list[float]) -> str:
    return f"{1000 * median(seconds):.0f} ms, at most {1000 * max(seconds):.0f}"


def _spun() -> float:
    """Compute for a while, and return how long that took: longer if others have the processor meanwhile."""
    began, end = time.monotonic(), time.thread_time() + _SPIN
    while time.thread_time() < end:
        pass
    return time.monotonic() - began


def _timed(trial: Trial, letter: str, reporters: int, waited: list[float]) -> dict[str, list[float]]:
    """Store comments that some have reported, and return how long calls on twenty of them take.

    `waited` gets how long this process took to compute for `_SPIN` between them.
    """
    now = datetime.now(UTC)
    comment = {
        "article_id": "a1",
        "text": ABUSE,
        "received_at": now,
        "revision": 1,
        "state": "open",
        "stream": "safety",
    }
    more = {"rank": 0.0, "queue_position": 0.0, "about": "", "extreme": False, "since": now}
    for number in range(REPORTED):
        name = f"{letter}{number}"
        reports = [
            {
                "comment_id": name,
                "reporter": f"web-{n:08x}-{n:016x}",
                "reason": "insult",
                "created_at": now,
                "revision": 1,
            }
            for n in range(reporters)
        ]
        with trial.db.write() as session:
            session.execute(insert(CommentRow), [{"id": name, **comment, **more}])
            session.execute(insert(ReportRow), reports)
    headers = {"Authorization": f"Bearer {trial.key}"}
    took: dict[str, list[float]] = defaultdict(list)
    with requests.Session() as caller:
        for number in range(20):
            name = f"{letter}{number}"
            waited.append(_spun())
            for what, method, path, body in (
                ("report", "POST", "/v1/reports", {"comment_id": name, "reporter": "r", "reason": "insult"}),
                ("decision", "POST", f"/v1/comments/{name}/decisions", {"verdict": "keep", "moderator": "anna"}),
                ("comment", "POST", "/v1/comments", {"id": f"new-{name}", "article_id": "a1", "text": "Well said."}),
                ("queue", "GET", "/v1/flags", None),
            ):
                for _ in range(_TRIES):
                    began = time.monotonic()
                    answer = caller.request(
                        method, trial.service.address + path, json=body, headers=headers, timeout=60
                    )
                    if "Retry-After" not in answer.headers:
                        break
                    # Others keep the machine so busy that too many wait to be scored.
                    time.sleep(1)
                took[what].append(time.monotonic() - began)
                assert answer.ok, f"{path}: {answer.status_code}"
    return took
