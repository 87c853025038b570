"""A challenger looks on: it scores what comes in, and nobody is shown anything of it but a lead."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from model import load_bundle
from model.errors import InvalidInput
from model.scoring.scorer import Scorer
from service.learning.shadow import Shadow, challengers, compare
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.judge import Judge
from service.moderation.retention import erase_author
from service.storage.database import Database
from service.storage.tables.comments import FlagRow, ScoreRow, ShadowRow
from tests.bundles import make_bundle
from tests.conftest import Person
from tests.served import PATIENCE, wait_until

INSULT = "You stupid idiot, you have no brain at all."
CHANGES = ("no longer flagged", "newly flagged")
CIVIL = "I run a bakery on the high street, and half of my customers come by bus."

pytestmark = pytest.mark.usefixtures("article")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a bundle that takes hardly anything for abuse."""
    folder = tmp_path_factory.mktemp("bundles") / "mild"
    make_bundle(folder, shift=8.0)
    return folder


@pytest.fixture(scope="module")
def challenger(made: Path) -> Scorer:
    """Load it."""
    return load_bundle(made)


def looks_on(db: Database, challenger: Scorer) -> Shadow:
    """Let it look on, from now or from where it was."""
    return Shadow(db, Judge(challenger))


def post(client: FlaskClient, name: str, text: str, **more: str) -> None:
    answer = client.post("/v1/comments", json={"id": name, "article_id": "a1", "text": text, **more})
    assert answer.status_code in (200, 201), answer.text


def seen(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(ShadowRow)) or 0


def test_it_scores_what_comes_in_after_it_began_and_each_once(
    client: FlaskClient, db: Database, challenger: Scorer
) -> None:
    post(client, "before", INSULT)
    shadow = looks_on(db, challenger)
    assert shadow.step() == 0
    post(client, "c1", INSULT)
    post(client, "c2", CIVIL)
    assert (shadow.step(), shadow.step()) == (2, 0)


def test_after_a_stop_it_goes_on_where_it_was(client: FlaskClient, db: Database, challenger: Scorer) -> None:
    first = looks_on(db, challenger)
    post(client, "c1", INSULT)
    first.step()
    post(client, "c2", CIVIL)  # while nothing looks on
    assert looks_on(db, challenger).step() == 1


def test_it_flags_nothing(client: FlaskClient, db: Database, tmp_path: Path) -> None:
    make_bundle(tmp_path / "strict", insult=0.01)
    shadow = looks_on(db, load_bundle(tmp_path / "strict"))
    post(client, "c1", "That is a silly plan by silly people.")
    with db.read() as session:
        flags = session.scalar(select(func.count()).select_from(FlagRow))
    assert shadow.step() == 1
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(FlagRow)) == flags
        found = compare(session, shadow.version, minutes=1)
    assert found
    assert found.flagged_after == 1


def test_what_a_former_champion_scored_is_not_held_against_it(
    client: FlaskClient, db: Database, challenger: Scorer
) -> None:
    shadow = looks_on(db, challenger)
    post(client, "c1", INSULT)
    post(client, "c2", INSULT)
    shadow.step()
    with db.write() as session:
        session.execute(update(ScoreRow).where(ScoreRow.comment_id == "c1").values(bundle_version="the former one"))
    with db.read() as session:
        found = compare(session, shadow.version, minutes=1)
    assert found
    assert (found.comments, found.flagged_before, [flip.comment_id for flip in found.flips]) == (1, 1, ["c2"])


def test_flags_that_flip_are_told_with_what_was_decided(client: FlaskClient, db: Database, challenger: Scorer) -> None:
    shadow = looks_on(db, challenger)
    for name, text in (("c1", INSULT), ("c2", INSULT + " Truly."), ("c3", CIVIL)):
        post(client, name, text)
    with db.write() as session:
        add_decision(session, "c1", NewDecision(verdict="remove", moderator="anna", rule="1"))
    shadow.step()
    with db.read() as session:
        found = compare(session, shadow.version, minutes=1.5)
    assert found
    assert (found.comments, found.flagged_before, found.flagged_after, found.minutes_saved) == (3, 2, 0, 3.0)
    assert {flip.comment_id: (flip.change, flip.label) for flip in found.flips} == {
        "c1": ("no longer flagged", "removed"),
        "c2": ("no longer flagged", None),
    }


def test_of_an_edited_comment_the_new_text_counts(client: FlaskClient, db: Database, challenger: Scorer) -> None:
    shadow = looks_on(db, challenger)
    post(client, "c1", INSULT)
    shadow.step()
    post(client, "c1", CIVIL)
    shadow.step()
    with db.read() as session:
        found = compare(session, shadow.version, minutes=1)
    assert found
    assert (found.comments, found.flagged_before) == (1, 0)


def test_what_was_erased_is_gone_from_it(client: FlaskClient, db: Database, challenger: Scorer) -> None:
    shadow = looks_on(db, challenger)
    post(client, "c1", INSULT, author="reader 9")
    shadow.step()
    with db.write() as session:
        erase_author(session, "reader 9")
    with db.read() as session:
        assert compare(session, shadow.version, minutes=1) is None


def test_the_bundle_that_scores_does_not_look_on(client: FlaskClient, db: Database, scorer: Scorer) -> None:
    post(client, "c1", CIVIL)
    with pytest.raises(InvalidInput, match="is the bundle in use"):
        looks_on(db, scorer)


def test_two_processes_do_not_look_on_for_one_challenger(
    client: FlaskClient, db: Database, challenger: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shadow, other = looks_on(db, challenger), looks_on(db, challenger)
    post(client, "c1", INSULT)

    def slow(*arguments: Any) -> Any:
        monkeypatch.undo()
        shadow.step()
        return Judge.judge_each(*arguments)

    monkeypatch.setattr(Judge, "judge_each", slow)
    with pytest.raises(InvalidInput, match="Another process is already running"):
        other.step()


def test_a_lead_sees_it_and_a_moderator_does_not(
    client: FlaskClient, db: Database, challenger: Scorer, person: Callable[..., Person]
) -> None:
    lead = person("lea", "lead")
    assert "No bundle is on trial." in lead.reads("/review/shadow").text
    shadow = looks_on(db, challenger)
    post(client, "c1", INSULT)
    shadow.step()
    page = lead.reads("/review/shadow").text
    assert shadow.version in page
    assert "<strong>0</strong> of them instead of <strong>1</strong>: about 1 minutes less to review" in page
    assert 'href="/review/comments/c1"' in page
    assert INSULT not in page
    assert lead.reads("/review/shadow?version=none").status_code == 404
    assert person("mo").reads("/review/shadow").status_code == 403


def test_each_kind_of_change_is_shown_however_many_there_are_of_the_other(
    client: FlaskClient,
    db: Database,
    challenger: Scorer,
    person: Callable[..., Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("service.console.lead.shadow._MOST", 2)
    shadow = looks_on(db, challenger)
    post(client, "missed", INSULT, author="Tam")
    for number in range(3):
        post(client, f"anew{number}", f"{CIVIL} {number}")
    shadow.step()
    with db.write() as session:
        for row in session.scalars(select(ShadowRow).where(~ShadowRow.flagged).order_by(ShadowRow.score_id).offset(1)):
            row.flagged, row.reasons = True, {"off_topic": 0.9}
        add_decision(session, "missed", NewDecision(verdict="remove", moderator="anna", rule="1"))
    page = " ".join(person("lea", "lead").reads("/review/shadow").text.split())
    no_longer, anew = (re.search(rf'<th scope="row">{change}</th>(.*?)</tr>', page) for change in CHANGES)
    assert no_longer
    assert anew
    assert (no_longer[1], anew[1]) == (
        "<td>1</td><td>1</td><td>0</td><td>0</td>",
        "<td>3</td><td>0</td><td>0</td><td>3</td>",
    )
    assert re.findall(r'class="open" href="/review/comments/(\w+)"', page) == ["missed", "anew0", "anew1"]
    assert "The 2 surest of 3." in page
    assert "The new bundle flags it for off topic 0.90." in page


def test_no_blind_item_is_given_away(
    app: Flask, client: FlaskClient, db: Database, challenger: Scorer, person: Callable[..., Person]
) -> None:
    shadow = looks_on(db, challenger)
    post(client, "c1", INSULT)
    shadow.step()
    app.config["BLIND_SHARE"] = 1.0
    page = person("lea", "lead").reads("/review/shadow").text
    assert "Blind sample" in page
    assert "Now flagged for" not in page


def test_the_latest_challenger_comes_first(
    client: FlaskClient, db: Database, challenger: Scorer, tmp_path: Path
) -> None:
    make_bundle(tmp_path / "other", shift=1.0)
    for bundle in (challenger, load_bundle(tmp_path / "other")):
        shadow = looks_on(db, bundle)
        post(client, f"c-{bundle.manifest.version}", CIVIL)
        shadow.step()
    with db.read() as session:
        assert challengers(session)[0].version == shadow.version


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_looks_on_until_it_is_ended(
    client: FlaskClient, db: Database, made: Path, database_url: str
) -> None:
    command = [sys.executable, "-m", "service", "shadow", str(made)]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env={**os.environ, "BELOWLINE_DATABASE": database_url}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert "now scores new comments too" in process.stdout.readline()
    post(client, "c1", INSULT)
    wait_until(lambda: bool(seen(db)))
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=PATIENCE)[0] == "1 comment scored.\n"
    assert process.returncode == 0
