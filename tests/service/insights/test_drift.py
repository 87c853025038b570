"""What has changed within a week is told, with what to do, to leads and to Prometheus."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from model.scoring.scorer import Scorer
from service.insights.drift import read_drift
from service.storage.database import Database
from service.storage.tables.comments import ArticleRow, CommentRow, DecisionRow, ScoreRow
from tests.conftest import Person

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
BEFORE, SINCE = NOW - 20 * DAY, NOW - 3 * DAY
KNOWN = "I think the bus is late again and nobody cares."
NEW = "The zorp blicket is late and quizzled again."


@pytest.fixture
def weeks(db: Database, scorer: Scorer) -> Callable[..., None]:
    """Store comments of one time: how they are scored, what they say, and what moderators removed of each stream."""

    def save(at: datetime, mean: float, text: str, random: int, safety: int, *, version: str = "") -> None:
        scores = np.random.default_rng(7).beta(1, 1 / mean, 600)
        names = [f"{at:%d}-{version}-{i}" for i in range(600)]
        about = {"bundle_version": version or scorer.manifest.version, "revision": 1}
        blank: dict[str, object] = {"subjects": None, "spans": [], "scored_at": at}
        decision = {
            **about,
            "moderator": "anna",
            "attributes": {},
            "decided_at": at,
            "last_flag": 0,
            "last_report": 0,
            "blind": False,
        }
        with db.write() as session:
            if session.get(ArticleRow, "a") is None:
                session.add(ArticleRow(id="a", title="T", body="", received_at=at))
                session.flush()
            session.execute(
                insert(CommentRow),
                [{"id": name, "article_id": "a", "text": text, "revision": 1, "received_at": at} for name in names],
            )
            session.execute(
                insert(ScoreRow),
                [
                    {**about, **blank, "comment_id": name, "scores": {"insult": float(score)}}
                    for name, score in zip(names, scores, strict=True)
                ],
            )
            verdicts = [("random", i < random) for i in range(100)] + [("safety", i < safety) for i in range(100)]
            session.execute(
                insert(DecisionRow),
                [
                    {**decision, "comment_id": name, "stream": stream, "verdict": "remove" if removed else "keep"}
                    for name, (stream, removed) in zip(names, verdicts, strict=False)
                ],
            )

    return save


def test_what_moved_has_a_level_and_an_advice(db: Database, scorer: Scorer, weeks: Callable[..., None]) -> None:
    weeks(BEFORE, 0.1, KNOWN, random=5, safety=70)
    weeks(SINCE, 0.3, NEW, random=30, safety=72)
    with db.read() as session:
        found = read_drift(session, scorer.manifest.version, ["insult", "threat"], scorer.words, NOW)

    assert [(one.subject, one.attribute, one.level, bool(one.advice)) for one in found] == [
        ("scores", "insult", "act", True),
        ("scores", "threat", "too few", False),
        ("words", None, "act", True),
        ("removed", None, "act", True),
        ("agreement", None, "steady", False),
    ]


def test_nothing_moved_and_another_bundle_s_scores_do_not_count(
    db: Database, scorer: Scorer, weeks: Callable[..., None]
) -> None:
    weeks(BEFORE, 0.1, KNOWN, random=5, safety=70)
    weeks(SINCE, 0.1, KNOWN, random=5, safety=70)
    weeks(SINCE, 0.4, KNOWN, random=5, safety=70, version="another")
    with db.read() as session:
        found = read_drift(session, scorer.manifest.version, ["insult"], scorer.words, NOW)

    assert [one.level for one in found] == ["steady"] * 4


def test_leads_read_it_and_prometheus_too(
    app: Flask, client: FlaskClient, person: Callable[..., Person], weeks: Callable[..., None]
) -> None:
    weeks(BEFORE, 0.1, KNOWN, random=5, safety=70)
    weeks(SINCE, 0.3, KNOWN, random=5, safety=70)
    lead, moderator = person("lea", "lead"), person("max")
    page = lead.reads("/review/drift").text
    metrics = client.get("/metrics").text

    assert "<strong>Scores for insult</strong> (act): Look at twenty of the latest comments" in page
    assert "How far the scores have moved" in page
    assert moderator.reads("/review/drift").status_code == 403
    assert 'belowline_drift_level{attribute="insult",subject="scores"} 2.0' in metrics
    assert 'belowline_drift_level{attribute="",subject="agreement"} 0.0' in metrics
    assert 'attribute="threat"' not in metrics
    assert app.extensions["belowline.drift"].latest.bundle_version == client.get("/readyz").get_json()["bundle"]


def test_without_comments_there_is_not_enough_evidence(person: Callable[..., Person]) -> None:
    page = person("lea", "lead").reads("/review/drift").text

    assert "Nothing to compare yet" in page
    assert "Scores for severe toxicity" in page
    assert page.count("<td>not enough evidence</td>") == 10
