"""Who may do what: keys on an address that others can reach, and on loopback."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from service import create_app
from service.accounts.api_keys import SCOPES, create_key, list_keys, revoke_key, rotate_key
from service.accounts.users import check_password, create_user
from service.storage.database import Database
from service.storage.tables.accounts import ApiKeyRow, UserRow

REQUESTS = {
    "score": ("POST", "/v1/scores", {"comments": [{"text": "Good point."}]}),
    "ingest": ("PUT", "/v1/articles/a1", {"title": "T"}),
    "review": ("GET", "/v1/flags", None),
}


@pytest.fixture
def guarded(database_url: str, scorer: Any) -> Iterator[Flask]:
    """Yield the service as gunicorn makes it without `serve`: keys are required."""
    app = create_app({"DATABASE": database_url, "SCORER": scorer, "SECRET_KEY": "x"})
    yield app
    app.extensions["belowline.database"].close()


def make_key(app: Flask, *scopes: str) -> str:
    db: Database = app.extensions["belowline.database"]
    with db.write() as session:
        return create_key(session, f"key for {scopes}", scopes)


def ask(client: FlaskClient, scope: str, **how: Any) -> int:
    method, route, body = REQUESTS[scope]
    return client.open(route, method=method, json=body, **how).status_code


@pytest.mark.parametrize("scope", REQUESTS)
def test_without_a_key_nothing_is_done(guarded: Flask, scope: str) -> None:
    method, route, body = REQUESTS[scope]
    answer = guarded.test_client().open(route, method=method, json=body)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert f"create-key NAME --scope {scope}" in answer.get_json()["detail"]


@pytest.mark.parametrize("scope", REQUESTS)
@pytest.mark.parametrize("granted", SCOPES)
def test_a_key_is_good_for_its_scope_alone(guarded: Flask, scope: str, granted: str) -> None:
    key = make_key(guarded, granted)
    allowed = granted in {scope, "admin"}

    assert (ask(guarded.test_client(), scope, headers={"X-API-Key": key}) < 300) == allowed


def test_a_key_is_taken_in_three_ways(guarded: Flask) -> None:
    key, client = make_key(guarded, "review"), guarded.test_client()

    assert ask(client, "review", headers={"Authorization": f"Bearer {key}"}) == 200
    assert ask(client, "review", headers={"Authorization": f"bearer  {key}"}) == 200
    assert ask(client, "review", headers={"X-API-Key": key}) == 200
    assert ask(client, "review", query_string={"key": key}) == 200


@pytest.mark.parametrize("key", ["bl_wrong", "x" * 5_000, "\xe9\xff", "' OR 1=1 --"])
def test_another_key_is_refused(guarded: Flask, key: str) -> None:
    make_key(guarded, "review")

    assert ask(guarded.test_client(), "review", headers={"X-API-Key": key}) == 401


def test_after_a_rotation_the_former_key_works_for_its_grace_only(guarded: Flask) -> None:
    former, client = make_key(guarded, "review"), guarded.test_client()
    db: Database = guarded.extensions["belowline.database"]
    with db.write() as session:
        key = rotate_key(session, "key for ('review',)", timedelta(hours=1))
    assert [ask(client, "review", headers={"X-API-Key": one}) for one in (key, former)] == [200, 200]

    with db.write() as session:
        session.execute(update(ApiKeyRow).values(former_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert [ask(client, "review", headers={"X-API-Key": one}) for one in (key, former)] == [200, 401]


def test_of_two_rotations_only_the_last_former_key_has_a_grace(guarded: Flask) -> None:
    first, client = make_key(guarded, "review"), guarded.test_client()
    with guarded.extensions["belowline.database"].write() as session:
        second = rotate_key(session, "key for ('review',)", timedelta(hours=1))
        third = rotate_key(session, "key for ('review',)", timedelta(hours=1))

    assert [ask(client, "review", headers={"X-API-Key": key}) for key in (first, second, third)] == [401, 200, 200]


def test_a_revoked_key_and_its_former_one_are_refused(guarded: Flask) -> None:
    former, client = make_key(guarded, "review"), guarded.test_client()
    db: Database = guarded.extensions["belowline.database"]
    with db.write() as session:
        key = rotate_key(session, "key for ('review',)", timedelta(hours=1))
    with db.write() as session:
        revoke_key(session, "key for ('review',)")

    assert [ask(client, "review", headers={"X-API-Key": one}) for one in (key, former)] == [401, 401]


def test_when_a_key_was_used_is_written_once_a_minute(guarded: Flask) -> None:
    key, client = make_key(guarded, "review"), guarded.test_client()
    db: Database = guarded.extensions["belowline.database"]

    def last_used() -> datetime | None:
        with db.read() as session:
            return list_keys(session)[0].last_used_at

    assert last_used() is None
    client.get("/v1/flags", headers={"X-API-Key": key}).close()
    first = last_used()
    client.get("/v1/flags", headers={"X-API-Key": key}).close()
    assert first is not None
    assert last_used() == first

    with db.write() as session:
        session.execute(update(ApiKeyRow).values(last_used_at=first - timedelta(seconds=61)))
    client.get("/v1/flags", headers={"X-API-Key": key}).close()
    again = last_used()
    assert again is not None
    assert again >= first


def test_health_needs_no_key(guarded: Flask) -> None:
    assert guarded.test_client().get("/healthz").status_code == 200
    assert guarded.test_client().get("/readyz").status_code == 200


def test_on_loopback_no_key_is_needed_but_to_decide(client: FlaskClient, article: str) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": "Good point."})
    for scope in REQUESTS:
        assert ask(client, scope) < 300
    answer = client.post("/v1/comments/c1/decisions", json={"verdict": "keep", "moderator": "m"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Server",
        "X-Forwarded",
        "Forwarded-For",
        "Forwarded",
        "X-Real-IP",
        "X-Client-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
        "X-Original-URL",
        "Via",
    ],
)
def test_behind_a_proxy_loopback_is_not_taken_for_this_machine(client: FlaskClient, header: str) -> None:
    assert ask(client, "score", headers={header: "203.0.113.9"}) == 401


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("null", 403), ("http://localhost", 200)]
)
def test_a_page_of_another_origin_is_not_taken_for_a_program_of_this_machine(
    client: FlaskClient, origin: str, status: int
) -> None:
    # What a browser sends without asking first: a POST of text.
    label = {"comment": {"text": "Well said."}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}}}
    answer = client.post(
        "/v1alpha1/comments:suggestscore?key=any",
        data=json.dumps(label),
        headers={"Content-Type": "text/plain", "Origin": origin},
    )

    assert answer.status_code == status
    assert len(client.get("/v1/labels").text.splitlines()) == (status == 200)


def test_neither_keys_nor_passwords_are_stored(db: Database) -> None:
    with db.write() as session:
        password, key = create_user(session, "anna"), create_key(session, "cms", ["ingest"])
    with db.read() as session:
        user, kept = session.scalars(select(UserRow)).one(), session.scalars(select(ApiKeyRow)).one()
        assert password not in user.password_hash
        assert user.password_hash.startswith("$argon2id$")
        assert key not in kept.digest
        anna = check_password(session, "anna", password)
        assert anna is not None
        assert anna.name == "anna"
        assert check_password(session, "anna", "guess") is None
        assert check_password(session, "nobody", password) is None


@contextmanager
def nobody_let_in(app: Flask) -> Iterator[None]:
    """Let others hold all places at the database, as they do while it hangs."""
    gate = app.extensions["belowline.database"].gate
    with ExitStack() as inside:
        for _ in range(gate.most):
            inside.enter_context(gate.enter())
        yield


def test_a_program_that_was_known_a_moment_ago_scores_on_while_the_database_hangs(guarded: Flask) -> None:
    key, stranger, client = make_key(guarded, "score", "ingest"), make_key(guarded, "score"), guarded.test_client()
    perspective = {"comment": {"text": "Good point."}, "requestedAttributes": {"TOXICITY": {}}}
    assert ask(client, "score", headers={"X-API-Key": key}) == 200

    with nobody_let_in(guarded):
        assert ask(client, "score", headers={"X-API-Key": key}) == 200
        assert client.post(f"/v1alpha1/comments:analyze?key={key}", json=perspective).status_code == 200
        assert [ask(client, "score", headers={"X-API-Key": one}) for one in (stranger, "bl_wrong")] == [503, 503]
        assert ask(client, "ingest", headers={"X-API-Key": key}) == 503


def test_a_key_that_was_revoked_scores_no_longer_than_until_it_is_asked_for(guarded: Flask) -> None:
    key, client = make_key(guarded, "score"), guarded.test_client()
    assert ask(client, "score", headers={"X-API-Key": key}) == 200
    with guarded.extensions["belowline.database"].write() as session:
        revoke_key(session, "key for ('score',)")
    guarded.extensions["belowline.known_keys"].refresh()

    assert ask(client, "score", headers={"X-API-Key": key}) == 401


def test_a_key_is_good_for_a_minute_and_an_hour_if_its_database_is_away(
    guarded: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("service.accounts.known_keys.monotonic", lambda: now)
    # Whoever is not let in need not wait a second for it, sixty times.
    monkeypatch.setattr("service.storage.gate._PATIENCE", 0.001)
    key, client, known = make_key(guarded, "score"), guarded.test_client(), guarded.extensions["belowline.known_keys"]
    ask(client, "score", headers={"X-API-Key": key})
    now += 59
    assert known.get(key) is not None
    now += 1
    assert known.get(key) is None

    ask(client, "score", headers={"X-API-Key": key})
    with nobody_let_in(guarded):
        for _ in range(59):
            known.refresh()
            now += 60 - 1e-6
            assert known.get(key) is not None
        known.refresh()
        now += 60
        assert known.get(key) is None


def test_of_those_who_only_score_is_written_down_too_when_they_did(guarded: Flask) -> None:
    key, client = make_key(guarded, "score"), guarded.test_client()
    db: Database = guarded.extensions["belowline.database"]
    client.post("/v1/scores", json=REQUESTS["score"][2], headers={"X-API-Key": key}).close()
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    with db.write() as session:
        session.execute(update(ApiKeyRow).values(last_used_at=long_ago))
    known = guarded.extensions["belowline.known_keys"]

    def last_used() -> datetime | None:
        known.refresh()
        with db.read() as session:
            return list_keys(session)[0].last_used_at

    assert last_used() == long_ago
    client.post("/v1/scores", json=REQUESTS["score"][2], headers={"X-API-Key": key}).close()
    assert last_used() != long_ago
