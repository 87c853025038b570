"""How long a search takes with 1,000,000 comments stored.

Not part of `make test`: `make bench-search` runs it and prints the figures.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert, text

from service.console.finding.search import PAGE
from service.finding.search import SearchQuery, search
from service.storage.database import Database
from service.storage.tables.comments import ArticleRow, CommentRow

COMMENTS = 1_000_000
AT_ONCE = 20_000
ROUNDS = 20
MOST_MILLISECONDS = 100
NOW = datetime(2026, 11, 28, tzinfo=UTC)
WORDS = (Path(__file__).parents[1] / "data/common_words.txt").read_text().split("\n")[1:4000]
VERDICTS = ("keep", "remove", "escalate", None)

#: From what is in most comments to what is in one.
SEARCHES = {
    "nothing": SearchQuery(),
    "the commonest word": SearchQuery(words=WORDS[0]),
    "a rare word": SearchQuery(words=WORDS[-1]),
    "three words": SearchQuery(words=" ".join(WORDS[:3])),
    "a phrase": SearchQuery(words=f'"{WORDS[0]} {WORDS[1]}"'),
    "the beginning of a word": SearchQuery(words=WORDS[40][:3] + "*"),
    "an author": SearchQuery(author="reader 4711"),
    "an author and the commonest word": SearchQuery(author="reader 4711", words=WORDS[0]),
    "an article": SearchQuery(article="a0077"),
    "articles by their title": SearchQuery(article="bridge", words=WORDS[0]),
    "a verdict and the commonest word": SearchQuery(verdict="escalate", words=WORDS[0]),
    "two years and a rare word": SearchQuery(words=WORDS[-1], since=NOW - timedelta(days=800), until=NOW),
    "a day long ago and the commonest word": SearchQuery(
        words=WORDS[0], since=NOW - timedelta(days=700), until=NOW - timedelta(days=699)
    ),
    "an id": SearchQuery(comment_id="c0123456"),
    "the commonest word beside a rare one": SearchQuery(words=f"{WORDS[0]} nowhere"),
}


@pytest.fixture
def full(database_url: str) -> Database:
    """Store very many comments of a few words each, some words in most of them and some in few."""
    db, chance = Database(database_url), random.Random(3)
    # By Zipf's law, as words are.
    weights = [1 / (place + 1) for place in range(len(WORDS))]
    with db.write() as session:
        articles = [
            {
                "id": f"a{n:04d}",
                "title": f"Article {n}" + " on the bridge" * (n % 500 == 0),
                "body": "",
                "watched": False,
            }
            for n in range(5_000)
        ]
        session.execute(insert(ArticleRow), [{**one, "received_at": NOW, "court_case": False} for one in articles])
    for start in range(0, COMMENTS, AT_ONCE):
        rows = []
        for n in range(start, start + AT_ONCE):
            at = NOW - timedelta(days=1000 * (1 - n / COMMENTS), seconds=chance.randrange(3600))
            verdict = chance.choices(VERDICTS, (200, 50, 1, 10_000))[0]
            rows.append(
                {
                    "id": f"c{n:07d}",
                    "article_id": f"a{chance.randrange(5_000):04d}",
                    "author": f"reader {chance.randrange(40_000)}",
                    "text": " ".join(chance.choices(WORDS, weights, k=chance.randrange(5, 60))),
                    "posted_at": at,
                    "received_at": at,
                    "verdict": verdict,
                    "state": verdict and "decided",
                    "revision": 1,
                    "rank": 0.0,
                    "queue_position": 0.0,
                    "about": "",
                    "extreme": False,
                }
            )
        with db.write() as session:
            session.execute(insert(CommentRow), rows)
    if db.engine.dialect.name == "postgresql":
        # As autovacuum does by itself within a minute.
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    return db


def test_a_search_is_quick(full: Database) -> None:
    worst = 0.0
    for name, wanted in SEARCHES.items():
        took = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            with full.read() as session:
                page = search(session, wanted, limit=PAGE)
            took.append(1000 * (time.perf_counter() - begun))
        half, most = np.percentile(took, [50, 95])
        worst = max(worst, half)
        figures = f"{len(page.items):3} p50 {half:6.1f} ms  p95 {most:6.1f} ms"
        print(f"\n{full.engine.dialect.name:10} {name:40} {figures}", end="")  # noqa: T201
    full.close()
    assert worst < MOST_MILLISECONDS
