"""A call that is sent twice has its effect once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from service.storage.database import Database
from service.storage.tables.comments import DecisionRow, ReportRow
from service.storage.tables.programs import AnswerRow

REPORT = {"comment_id": "c1", "reporter": "reader-4", "reason": "rude"}
VERDICT = {"verdict": "keep", "moderator": "anna"}


@pytest.fixture(autouse=True)
def comment(client: FlaskClient, article: str) -> None:
    """Store a comment to speak of."""
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": "Good point."})


def count(db: Database, table: type[ReportRow] | type[DecisionRow] | type[AnswerRow]) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_report_again_gets_the_same_answer(client: FlaskClient, db: Database) -> None:
    first = client.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": "k-1"})
    again = client.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": "k-1"})

    assert (first.status_code, first.headers.get("Idempotency-Replayed")) == (201, None)
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
    assert again.data == first.data
    assert count(db, ReportRow) == 1


def test_a_decision_sent_twice_is_one_decision(client: FlaskClient, db: Database, reviewer: dict[str, str]) -> None:
    headers = reviewer | {"Idempotency-Key": "k-1"}
    answers = [client.post("/v1/comments/c1/decisions", json=VERDICT, headers=headers) for _ in range(3)]

    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert count(db, DecisionRow) == 1


def test_without_a_key_or_with_another_one_it_is_another_decision(
    client: FlaskClient, db: Database, reviewer: dict[str, str]
) -> None:
    for headers in ({}, {}, {"Idempotency-Key": "k-1"}, {"Idempotency-Key": "k-2"}):
        answer = client.post("/v1/comments/c1/decisions", json=VERDICT, headers=reviewer | headers)
        assert answer.status_code == 201
    assert count(db, DecisionRow) == 4


def test_the_same_key_with_another_body_is_refused(client: FlaskClient, db: Database) -> None:
    client.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": "k-1"})
    answer = client.post("/v1/reports", json=REPORT | {"reason": "spam"}, headers={"Idempotency-Key": "k-1"})

    assert (answer.status_code, answer.get_json()["detail"]) == (
        422,
        "The Idempotency-Key 'k-1' was used with a different request: choose a new one.",
    )
    assert count(db, ReportRow) == 1


def test_two_programs_may_use_the_same_key(client: FlaskClient, reviewer: dict[str, str], db: Database) -> None:
    path = "/v1/comments/c1/decisions"
    assert client.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": "k-1"}).status_code == 201
    assert client.post(path, json=VERDICT, headers=reviewer | {"Idempotency-Key": "k-1"}).status_code == 201
    assert count(db, AnswerRow) == 2


def test_of_eight_calls_at_once_one_has_an_effect(app: Flask, db: Database, reviewer: dict[str, str]) -> None:
    headers = reviewer | {"Idempotency-Key": "k-1"}

    def decide(_: int) -> tuple[int, bytes]:
        answer = app.test_client().post("/v1/comments/c1/decisions", json=VERDICT, headers=headers)
        return answer.status_code, answer.data

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(decide, range(8)))

    assert [status for status, _ in answers] == [201]
    assert count(db, DecisionRow) == 1


def test_a_call_that_failed_is_tried_anew(client: FlaskClient, article: str, db: Database) -> None:
    unknown = REPORT | {"comment_id": "c2"}
    headers = {"Idempotency-Key": "k-1"}
    assert client.post("/v1/reports", json=unknown, headers=headers).status_code == 404
    assert count(db, AnswerRow) == 0

    client.post("/v1/comments", json={"id": "c2", "article_id": article, "text": "Good point."})
    assert client.post("/v1/reports", json=unknown, headers=headers).status_code == 201


def test_after_a_day_a_key_is_free_again(client: FlaskClient, db: Database, reviewer: dict[str, str]) -> None:
    headers = reviewer | {"Idempotency-Key": "k-1"}
    client.post("/v1/comments/c1/decisions", json=VERDICT, headers=headers)
    with db.write() as session:
        session.execute(update(AnswerRow).values(created_at=datetime.now(UTC) - timedelta(hours=24, seconds=1)))
    client.post("/v1/comments/c1/decisions", json=VERDICT, headers=headers)

    assert (count(db, DecisionRow), count(db, AnswerRow)) == (2, 1)


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "schl\xfcssel"])
def test_a_key_that_is_none_is_refused(client: FlaskClient, db: Database, key: str) -> None:
    answer = client.post("/v1/reports", json=REPORT, headers={"Idempotency-Key": key})

    assert (answer.status_code, count(db, ReportRow)) == (422, 0)
    assert "Idempotency-Key should be 1 to 255 ASCII characters" in answer.get_json()["detail"]
