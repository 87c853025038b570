"""No program takes all there is: limits for keys and addresses."""

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from model.scoring.scorer import Scorer
from service import create_app
from service.accounts.api_keys import create_key
from service.settings import SettingError
from service.web.rates import SharedCounts
from tests.served import PATIENCE, running

COMMENT = {"comments": [{"text": "Good point."}]}


def make_app(folder: Path, scorer: Scorer, **settings: Any) -> Flask:
    return create_app(
        {"DATABASE": f"sqlite:///{folder / 'b.db'}", "SCORER": scorer, "SECRET_KEY": "only for tests", **settings}
    )


def key_of(app: Flask, name: str) -> dict[str, str]:
    with app.extensions["belowline.database"].write() as session:
        return {"X-API-Key": create_key(session, name, ["score"])}


def statuses(client: FlaskClient, times: int, headers: dict[str, str] | None = None) -> list[int]:
    return [client.post("/v1/scores", json=COMMENT, headers=headers).status_code for _ in range(times)]


@pytest.fixture(autouse=True)
def at_the_start_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock, so that no window ends within a test."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)


def test_a_key_has_so_many_calls_and_another_one_its_own(tmp_path: Path, scorer: Scorer) -> None:
    app = make_app(tmp_path, scorer, RATE_LIMIT="2/hour")
    cms, tool = key_of(app, "cms"), key_of(app, "tool")

    assert statuses(app.test_client(), 4, cms) == [200, 200, 429, 429]
    assert statuses(app.test_client(), 1, tool) == [200]


def test_a_refused_call_tells_when_the_next_one_is_taken(tmp_path: Path, scorer: Scorer) -> None:
    app = make_app(tmp_path, scorer, RATE_LIMIT="1/hour")
    key, client = key_of(app, "cms"), app.test_client()

    taken = client.post("/v1/scores", json=COMMENT, headers=key)
    assert taken.headers["RateLimit-Policy"] == '"key";q=1;w=3600'
    assert taken.headers["RateLimit"] == '"key";r=0;t=3600'
    refused = client.post("/v1/scores", json=COMMENT, headers=key)
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert refused.headers["Retry-After"] == "3600"
    assert (
        refused.get_json()["detail"]
        == "Too many calls: the limit is 1 in 3,600 s for each key. Please retry in 3600 s."
    )


def test_who_tries_keys_is_slowed_down_and_a_good_key_is_not(tmp_path: Path, scorer: Scorer) -> None:
    app = make_app(tmp_path, scorer, RATE_LIMIT_ADDRESS="2/hour")
    key, client = key_of(app, "cms"), app.test_client()

    assert statuses(client, 1) + statuses(client, 2, {"X-API-Key": "bl_guess"}) == [401, 401, 429]
    assert statuses(client, 1, key) == [200]
    other = client.post("/v1/scores", json=COMMENT, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert other.status_code == 401


def test_where_no_key_is_needed_addresses_have_a_limit_only_if_one_is_set(tmp_path: Path, scorer: Scorer) -> None:
    free = make_app(tmp_path, scorer, KEYS_REQUIRED=False).test_client()
    limited = make_app(tmp_path, scorer, KEYS_REQUIRED=False, RATE_LIMIT_ADDRESS="1/minute").test_client()

    assert "RateLimit" not in free.post("/v1/scores", json=COMMENT).headers
    assert statuses(limited, 2) == [200, 429]


@pytest.mark.parametrize("limit", ["many", "10", "0/minute", "5/fortnight", "1/minute; 5/hour", "-3/minute"])
def test_a_limit_that_is_none_is_told_in_a_line(tmp_path: Path, scorer: Scorer, limit: str) -> None:
    with pytest.raises(SettingError, match=r"^BELOWLINE_RATE_LIMIT is '.*': write it as 600/minute"):
        make_app(tmp_path, scorer, RATE_LIMIT=limit)


def test_workers_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELOWLINE_RATE_LIMIT_ADDRESS", "12/hour")
    with running(tmp_path, "serve", "--workers", "2", bundle="fast") as service:
        # Each on a connection of its own, which either worker may take.
        answers = [requests.post(f"{service.address}/v1/scores", json=COMMENT, timeout=PATIENCE) for _ in range(40)]

    assert Counter(answer.status_code for answer in answers) == {200: 12, 429: 28}


def test_two_who_have_a_file_of_counts_open_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.web.rates._PATIENCE", PATIENCE)
    counts = [SharedCounts(tmp_path / "counts") for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: counts[n % 2].incr("cms", 60), range(200)))

    assert sorted(told) == list(range(1, 201))
    assert [one.get("cms") for one in counts] == [200, 200]


# Two at a time count calls of ever new programs, and are killed in the middle of it.
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from service.web.rates import SharedCounts

def count(seed):
    counts, draw = SharedCounts(Path(sys.argv[1])), random.Random(seed)
    while True:
        counts.incr(str(draw.random()), 1)

for n in range(60):
    workers = []
    for seed in (2 * n, 2 * n + 1):
        worker = os.fork()
        if worker == 0:
            count(seed)
        workers.append(worker)
    time.sleep(0.05 + 0.1 * random.Random(n).random())
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
"""


def test_who_is_killed_while_counting_leaves_the_file_whole(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLER, str(tmp_path / "counts")], check=True, timeout=PATIENCE)  # noqa: S603 - our own command

    assert SharedCounts(tmp_path / "counts").incr("cms", 60) == 1
    with closing(sqlite3.connect(tmp_path / "counts")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_limit_that_cannot_be_counted_refuses_nobody(tmp_path: Path, scorer: Scorer) -> None:
    (tmp_path / "rates.sqlite").write_bytes(b"no database" * 100)
    app = make_app(tmp_path, scorer, RATE_LIMIT="1/hour", SHARED_FOLDER=str(tmp_path))
    key = key_of(app, "cms")
    assert statuses(app.test_client(), 2, key) == [200, 429]  # counted by this process alone

    broken = make_app(tmp_path / "other", scorer, RATE_LIMIT="1/hour", SHARED_FOLDER=str(tmp_path / "other"))
    key = key_of(broken, "cms")
    with closing(sqlite3.connect(tmp_path / "other" / "rates.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP TABLE window")
    assert statuses(broken.test_client(), 2, key) == [200, 200]


def test_a_clock_that_was_ahead_for_a_year_refuses_nobody_for_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    counts, now = SharedCounts(":memory:"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 365 * 86_400)
    assert [counts.incr("cms", 60), counts.incr("cms", 60)] == [1, 2]

    monkeypatch.setattr(time, "time", lambda: now)
    assert counts.incr("cms", 60) == 1
    assert counts.get_expiry("cms") == now + 60


def test_a_window_ends_and_the_next_one_begins_with_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, start = SharedCounts(tmp_path / "counts"), time.time()
    assert [counts.incr("cms", 60), counts.incr("tool", 60), counts.incr("cms", 60)] == [1, 1, 2]
    assert counts.get_expiry("cms") == start + 60

    monkeypatch.setattr(time, "time", lambda: start + 60)
    assert counts.get("cms") == 0
    assert counts.incr("cms", 60) == 1
    assert counts.get_expiry("cms") == start + 120
    # Whoever has not called since is forgotten: addresses are many.
    with closing(sqlite3.connect(tmp_path / "counts")) as connection:
        assert connection.execute("SELECT name FROM window").fetchall() == [("cms",)]
