import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from model.scoring.scorer import Scorer
from service import create_app
from service.accounts.api_keys import create_key
from service.scoring.admission import AdmissionQueue
from service.scoring.scorer import Scoring
from service.storage.database import Database
from tests.served import PATIENCE, running

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
Sample = tuple[str, frozenset[tuple[str, str]]]


def parsed(text: str) -> dict[Sample, float]:
    """Read metrics as Prometheus does: name and labels to value."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def sample(name: str, **labels: str) -> Sample:
    return name, frozenset(labels.items())


@pytest.fixture
def counted(client: FlaskClient, article: str) -> dict[Sample, float]:
    """Return the metrics after two comments of which one is flagged, and two mistakes."""
    for method, address, body in (
        ("POST", "/v1/comments", {"id": "c1", "article_id": article, "text": ABUSE}),
        ("POST", "/v1/comments", {"id": "c2", "article_id": article, "text": "The buses will be glad of it."}),
        ("POST", "/v1/scores", {}),
        ("GET", "/v1/comments/c1", None),
        ("GET", "/no/such/page", None),
    ):
        client.open(address, method=method, json=body, buffered=True)
    return parsed(client.get("/metrics").text)


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("belowline_request_duration_seconds_count", {"route": "/v1/comments", "status": "2xx"}, 2),
        ("belowline_request_duration_seconds_count", {"route": "/v1/scores", "status": "4xx"}, 1),
        (
            "belowline_request_duration_seconds_count",
            {"route": "/v1/comments/<comment:comment_id>", "status": "2xx"},
            1,
        ),
        ("belowline_request_duration_seconds_count", {"route": "unknown", "status": "4xx"}, 1),
        ("belowline_score_count", {"attribute": "toxicity"}, 2),
        ("belowline_score_bucket", {"attribute": "toxicity", "le": "0.5"}, 1),
        ("belowline_score_count", {"attribute": "off_topic"}, 2),
        ("belowline_queue_items", {"state": "open"}, 1),
        ("belowline_queue_items", {"state": "escalated"}, 0),
        ("belowline_refused_total", {}, 0),
    ],
)
def test_what_happened_is_counted(
    counted: dict[Sample, float], name: str, labels: dict[str, str], value: float
) -> None:
    assert counted[sample(name, **labels)] == value


def test_the_bundle_is_named(counted: dict[Sample, float], scorer: Scorer) -> None:
    assert counted[sample("belowline_bundle_info", tier="fast", version=scorer.manifest.version)] == 1


def test_the_oldest_open_comment_ages(counted: dict[Sample, float], client: FlaskClient) -> None:
    later = parsed(client.get("/metrics").text)

    oldest = sample("belowline_queue_oldest_seconds")
    assert 0 < counted[oldest] < later[oldest] < PATIENCE


def test_an_empty_queue_has_no_age(client: FlaskClient) -> None:
    assert parsed(client.get("/metrics").text)[sample("belowline_queue_oldest_seconds")] == 0


def test_what_is_refused_is_counted(app: Flask, client: FlaskClient, scorer: Scorer) -> None:
    line = AdmissionQueue(at_once=1, most_waiting=0, longest_wait=60)
    app.extensions["belowline.scorer"] = Scoring(scorer, line, app.extensions["belowline.metrics"])

    with line.take(1):
        client.post("/v1/scores", json={"comments": [{"text": "Well said."}]}, buffered=True)

    found = parsed(client.get("/metrics").text)
    assert found[sample("belowline_refused_total")] == 1
    assert found[sample("belowline_request_duration_seconds_count", route="/v1/scores", status="5xx")] == 1


def test_a_text_that_cannot_be_read_is_counted(app: Flask, client: FlaskClient) -> None:
    def fail() -> None:
        raise ValueError

    app.extensions["belowline.scorer"].fallback.run("reading", fail, None)

    assert parsed(client.get("/metrics").text)[sample("belowline_text_failures_total", step="reading")] == 1


def test_a_database_that_does_not_answer_leaves_the_other_metrics(client: FlaskClient, db: Database) -> None:
    with db.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE comment RENAME TO lost")

    answer = client.get("/metrics")

    found = {name for name, _ in parsed(answer.text)}
    assert answer.status_code == 200
    assert "belowline_bundle_info" in found
    assert "belowline_queue_items" not in found


@pytest.fixture
def public(tmp_path: Path, scorer: Scorer) -> Iterator[Flask]:
    """Yield the service as others can reach it."""
    app = create_app(
        {"DATABASE": f"sqlite:///{tmp_path / 'public.db'}", "SCORER": scorer, "SECRET_KEY": "only for tests"}
    )
    yield app
    app.extensions["belowline.database"].close()


@pytest.mark.parametrize(("scope", "status"), [("admin", 200), ("score", 403), ("review", 403), (None, 401)])
def test_metrics_that_others_can_reach_need_a_key(public: Flask, scope: str | None, status: int) -> None:
    headers = {}
    if scope is not None:
        with public.extensions["belowline.database"].write() as session:
            headers["Authorization"] = f"Bearer {create_key(session, 'prometheus', [scope])}"

    assert public.test_client().get("/metrics", headers=headers).status_code == status


def test_each_of_several_workers_tells_what_all_of_them_counted(tmp_path: Path) -> None:
    calls, counted = 40, "belowline_request_duration_seconds_count"
    with running(tmp_path, "serve", "--workers", "2", bundle="fast") as service:
        for _ in range(calls):
            # Each by a connection of its own, so that both workers get some.
            body = {"comments": [{"text": "Well said."}]}
            requests.post(f"{service.address}/v1/scores", json=body, timeout=PATIENCE).raise_for_status()

        def told() -> float:
            answer = requests.get(f"{service.address}/metrics", timeout=PATIENCE)
            return parsed(answer.text)[sample(counted, route="/v1/scores", status="2xx")]

        deadline = time.monotonic() + PATIENCE
        while told() < calls and time.monotonic() < deadline:
            # An answer is counted once it is out.
            time.sleep(0.05)
        found = [told() for _ in range(8)]
        service.stop()

    assert found == [calls] * 8
    assert service.process.returncode == 0
