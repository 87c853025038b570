"""A comment is held against the paper's other articles too."""

import threading

import pytest

from model.records import Article, Comment
from model.scoring.scorer import Scorer
from service.moderation.articles import save_article
from service.moderation.ingest import ingest
from service.moderation.judge import Judge
from service.moderation.recent_articles import RecentArticles
from service.storage.database import Database

BRIDGE = Article(
    id="bridge",
    title="Harbour bridge could close to cars next autumn",
    body="Councillors will vote on the plan in three weeks. Engineers warned that the turning gear is worn thin.",
)
FERRY = Article(
    id="ferry",
    title="Ferry company orders two electric boats",
    body="The ferry company said the electric boats will cross to the islands every hour from next summer.",
)
ABOUT_THE_FERRY = Comment(id="c1", article_id="bridge", text="Electric ferry boats to the islands, at last.")


@pytest.fixture(autouse=True)
def stored(db: Database) -> None:
    with db.write() as session:
        save_article(session, BRIDGE)
        save_article(session, FERRY)


@pytest.fixture
def recent(db: Database, scorer: Scorer) -> RecentArticles:
    found = RecentArticles(db, most=10)
    found.refresh(scorer)
    return found


def test_a_comment_that_fits_another_article_better_is_the_likelier_off_topic(
    db: Database, scorer: Scorer, recent: RecentArticles
) -> None:
    alone, _ = ingest(db, Judge(scorer), ABOUT_THE_FERRY)
    with db.write() as session:
        save_article(session, Article(id="bridge-2", title="The bridge once more", body=BRIDGE.body[:50]))
    again = Comment(id="c2", article_id="bridge", text=ABOUT_THE_FERRY.text)
    beside, _ = ingest(db, Judge(scorer, recent), again)

    assert alone.judgement.scores is not None
    assert beside.judgement.scores is not None
    assert beside.judgement.scores.values["off_topic"] > alone.judgement.scores.values["off_topic"]
    assert beside.judgement.scores.values["insult"] == alone.judgement.scores.values["insult"]


@pytest.mark.parametrize(
    "own",
    [
        BRIDGE,
        Article(title=BRIDGE.title, body="Shortened."),
        Article(title="Bridge", body=BRIDGE.body[:40]),
        Article(id="bridge", title="Edited since"),
    ],
    ids=["itself", "the same title", "the beginning of its body", "edited since"],
)
def test_an_article_is_no_stranger_to_itself(recent: RecentArticles, scorer: Scorer, own: Article) -> None:
    assert list(recent.unrelated_articles(scorer, own)) == ["ferry"]


def test_only_the_latest_are_kept_and_without_an_article_there_are_none(db: Database, scorer: Scorer) -> None:
    latest = RecentArticles(db, most=1)
    latest.refresh(scorer)

    assert list(latest.unrelated_articles(scorer, Article(title="Another one"))) == ["ferry"]
    assert not latest.unrelated_articles(scorer, None)
    assert not RecentArticles(db, most=0).unrelated_articles(scorer, BRIDGE)


def test_what_was_stored_meanwhile_is_read_a_minute_later_beside_the_calls(db: Database, scorer: Scorer) -> None:
    now = [0.0]
    recent = RecentArticles(db, most=10, clock=lambda: now[0])

    def ask() -> set[str]:
        found = set(recent.unrelated_articles(scorer, BRIDGE))
        for thread in threading.enumerate():
            if thread.name == "recent articles":
                thread.join()
        return found

    assert (ask(), ask()) == (set(), {"ferry"})
    with db.write() as session:
        save_article(session, Article(id="hall", title="Town hall to be repainted"))
        save_article(session, Article(id="mute", title="\u200b"))
    now[0] = 59.0
    assert (ask(), ask()) == ({"ferry"}, {"ferry"})
    now[0] = 61.0
    assert (ask(), ask()) == ({"ferry"}, {"ferry", "hall"})
