"""What admins chose is followed by every process, while it runs and at its next start."""

import logging
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from model import load_bundle
from service.accounts.users import create_user
from service.staffing.choices import NAMES, READERS, Choices
from service.staffing.choices_store import KeptChoices
from service.storage.database import Database
from service.storage.tables.newsroom import ChoiceRow
from service.triage.order import Shares
from tests.served import PATIENCE, Service, running, wait_until

CHOSEN = Choices("thorough", Shares(60, 30, 10), "shown", "Europe/Berlin", "DE/BE")


def test_each_choice_is_written_as_it_is_read() -> None:
    assert {name: READERS[name](CHOSEN.written(name)) for name in NAMES} == {
        name: getattr(CHOSEN, name) for name in NAMES
    }


def test_another_process_follows_at_its_next_look_and_a_later_one_at_once(db: Database) -> None:
    here, there = KeptChoices(db, Choices(), ()), KeptChoices(db, Choices(), ())
    told: list[Choices] = []
    there.tell(told.append)
    here.change({name: CHOSEN.written(name) for name in NAMES}, who="callum")
    assert (here.now, there.now) == (CHOSEN, Choices())
    there.look()
    there.look()

    assert (there.now, told) == (CHOSEN, [CHOSEN])
    assert KeptChoices(db, Choices(), ()).now == CHOSEN


def test_a_value_that_this_version_does_not_know_is_ignored_and_logged_once(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    kept = KeptChoices(db, Choices(), ())
    kept.change({"slurs": "shown"}, who="callum")
    with db.write() as session:
        row = session.get_one(ChoiceRow, "slurs")
        session.add(ChoiceRow(name="colour", value="red", chosen_by="callum", chosen_at=row.chosen_at))
        row.value = "struck out"
    with caplog.at_level(logging.ERROR):
        kept.look()
        kept.look()

    assert kept.now == Choices()
    (told,) = caplog.messages
    assert told == "The setting slurs is 'struck out', which this version does not know: it is ignored"


def wait_until_flags_from(service: Service, expected: float) -> None:
    """Wait until every worker flags from a threshold on: thirty answers in a row say so."""
    body = {"comments": [{"text": "You are a stupid idiot."}]}
    deadline, in_a_row = time.monotonic() + PATIENCE, 0
    while in_a_row < 30:
        assert time.monotonic() < deadline, "not every worker has followed"
        (result,) = requests.post(f"{service.address}/v1/scores", json=body, timeout=PATIENCE).json()["results"]
        found = next(one["threshold"] for one in result["reasons"] if one["attribute"] == "insult")
        in_a_row = in_a_row + 1 if found == expected else 0


def send(session: requests.Session, address: str, path: str, **fields: Any) -> requests.Response:
    page = session.get(f"{address}{path}", timeout=PATIENCE).text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page
    data: Mapping[str, Any] = {"csrf_token": found[1], **fields}
    return session.post(f"{address}{path}", data=data, timeout=PATIENCE)


def test_two_workers_follow_without_a_restart_and_after_one(
    tmp_path: Path, database_url: str, monkeypatch: Any
) -> None:
    points = load_bundle("fast").manifest.operating_points
    monkeypatch.setenv("BELOWLINE_DATABASE", database_url)
    db = Database(database_url)
    with db.write() as session:
        password = create_user(session, "callum", "admin")
    db.close()
    with running(tmp_path, "serve", "--workers", "2", bundle="fast") as service, requests.Session() as browser:
        wait_until(lambda: len(service.workers()) == 2)
        wait_until_flags_from(service, points["balanced"].thresholds["insult"])
        send(browser, service.address, "/review/login", name="callum", password=password)
        for point in ("thorough", "cautious"):
            assert send(browser, service.address, "/review/settings", operating_point=point).status_code == 200
            wait_until_flags_from(service, points[point].thresholds["insult"])
    with running(tmp_path, "serve", bundle="fast") as service:
        wait_until_flags_from(service, points["cautious"].thresholds["insult"])
