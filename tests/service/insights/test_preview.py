"""The flags that each operating point would have made last week, beside a recount in Python."""

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from model.scoring.scorer import Scorer
from service.insights.preview import Preview, preview
from service.storage.database import Database
from service.storage.tables.comments import ArticleRow, CommentRow, ScoreRow

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def store(db: Database, number: int, version: str, names: tuple[str, ...]) -> list[dict[str, float]]:
    """Store comments with scores of two weeks and two bundles; return those of the last week and this bundle."""
    chance = random.Random(7)
    marks = {"received_at": NOW, "watched": False, "court_case": False}
    comment = {"article_id": "a", "text": "x", "revision": 1, "received_at": NOW, "rank": 0.0, "queue_position": 0.0}
    scores, counted = [], []
    for n in range(number):
        # As they are: seldom high; off topic only where an article is known.
        values = {name: chance.random() ** 8 for name in names if name != "off_topic" or chance.random() < 0.8}
        at, of = NOW - timedelta(days=chance.uniform(0, 10)), version if chance.random() < 0.9 else "another"
        if of == version and at > NOW - timedelta(days=7):
            counted.append(values)
        about = {"comment_id": f"c{n}", "revision": 1, "bundle_version": of, "spans": [], "subjects": None}
        scores.append({**about, "scores": values, "scored_at": at})
    with db.write() as session:
        session.execute(insert(ArticleRow), [{"id": "a", "title": "t", "body": "b", **marks}])
        comments = [{**comment, "id": f"c{n}", "about": "", "extreme": False} for n in range(number)]
        session.execute(insert(CommentRow), comments)
        session.execute(insert(ScoreRow), scores)
    return counted


def test_it_is_what_a_recount_finds(db: Database, scorer: Scorer) -> None:
    manifest = scorer.manifest
    points = {name: point.thresholds for name, point in manifest.operating_points.items()}
    counted = store(db, 3_000, manifest.version, manifest.attributes)
    with db.read() as session:
        found = preview(session, manifest.version, points, NOW)
        others = preview(session, "another", points, NOW).texts

    recount = {
        name: sum(any(values.get(key, -1.0) >= least for key, least in thresholds.items()) for values in counted)
        for name, thresholds in points.items()
    }
    assert found == Preview(len(counted), recount, others)
    assert 0 < recount["cautious"] < recount["balanced"] < recount["thorough"] < len(counted)


def test_a_score_at_its_threshold_is_a_flag(db: Database) -> None:
    store(db, 1, "b1", ())
    with db.write() as session:
        about = {"comment_id": "c0", "revision": 1, "bundle_version": "b2", "spans": [], "subjects": None}
        session.execute(insert(ScoreRow), [{**about, "scores": {"insult": 0.3, "threat": 0.1}, "scored_at": NOW}])
        found = preview(
            session, "b2", {"at": {"insult": 0.3}, "above": {"insult": 0.3001}, "other": {"profanity": 0.0}}, NOW
        )
    assert (found.texts, found.flags) == (1, {"at": 1, "above": 0, "other": 0})
