"""A search over all comments, the same on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from model.records import Article, Comment
from service.finding.search import SearchQuery, search
from service.moderation.articles import save_article
from service.moderation.comments import save_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.retention import erase_author
from service.storage.database import Database
from service.storage.records import Judgement

#: Id: author, article, text and day; in the order in which they come in.
COMMENTS: dict[str, tuple[str | None, str, str, int]] = {
    "c1": ("Zoë Smith", "bridge", "The bridge was shut for years, and nobody said why.", 1),
    "c2": ("Jo Smith", "bridge", "Shut the bridge, shut it now! It’s HYPOCRISY.", 2),
    "c3": ("jo_s", "trial/7", "Naïve hypocrites, the lot of you (see bridge-works).", 3),
    "c4": (None, "trial/7", "Was ist das? Straße gesperrt, 50 % für nichts.", 4),
    "c5": ("🙈", "trial/7", '\'; DROP TABLE comment; -- "quoted" OR NOT near', 5),
}


#: What a reader wrote, and the words that find it.
ODD = {
    "What a muppet🤡!": "muppet",
    "🖕🏽shut❤️it": "shut it",
    "It cost 10€, not £20→ever": "10 20 ever",
    "The bri\u200bdge": "bridge",
    "Donau\u00adbrücke": "DONAUBRUCKE",
    "Nai\u0308ve, who\ufeffever": "naïve whoever",
    "Grüße aus ÅRHUS und ŁÓDŹ, ÆRØ": "GRUße arhus łódź ærø",
    "-5 °C or −7": "-5 c 7",
    "off_by_one@example.org": '"off by one" example',
    "‹oui› 〝ja〞": "oui ja",
    "ha" * 1500: "ha" * 1500,
}


@pytest.fixture
def stored(db: Database) -> Database:
    """Store the comments, of which one is kept and one is removed, and between which very many came in."""
    with db.write() as session:
        save_article(session, Article(id="bridge", title="Bridge to close to cars"))
        save_article(session, Article(id="trial/7", title="Trial of the year, 50% over"))
        for name, (author, article_id, words, day) in COMMENTS.items():
            if name == "c3" and db.engine.dialect.name == "postgresql":
                session.execute(text("SELECT setval(pg_get_serial_sequence('search_entry', 'number'), 350000)"))
            posted_at = datetime(2026, 11, day, 12, tzinfo=UTC)
            comment = Comment(id=name, article_id=article_id, author=author, text=words, posted_at=posted_at)
            save_comment(session, comment, Judgement("b1", None, ()))
        add_decision(session, "c1", NewDecision("keep", "isla"))
        add_decision(session, "c2", NewDecision("remove", "isla"))
    return db


def found(db: Database, wanted: SearchQuery, **more: Any) -> list[str]:
    with db.read() as session:
        return [str(item.comment.id) for item in search(session, wanted, **more).items]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("bridge", ["c3", "c2", "c1"]),
        ("BRIDGE shut", ["c2", "c1"]),
        ('"shut the bridge"', ["c2"]),
        ('"bridge the"', []),
        ("hypocri*", ["c3", "c2"]),
        ("hypocri", []),
        ("bridg*", ["c3", "c2", "c1"]),
        ("shut b*", ["c2", "c1"]),
        ("naive", ["c3"]),
        ("naïve", ["c3"]),
        ("strasse", []),
        ("straße fur", ["c4"]),
        ("50 %", ["c4"]),
        ("it's", ["c2"]),
        ("drop table", ["c5"]),
        ("bridge OR drop", []),
        ("not near", ["c5"]),
        ("' ; -- *", []),
        ('"', []),
        ('text : "bridge"', []),
        ("a" * 5000, []),
    ],
)
def test_words_are_found_whatever_their_case_accents_and_signs(stored: Database, words: str, names: list[str]) -> None:
    assert found(stored, SearchQuery(words=words)) == names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (SearchQuery(author="smith"), ["c2", "c1"]),
        (SearchQuery(author="zoe smi"), ["c1"]),
        (SearchQuery(author="smith zoe"), []),
        (SearchQuery(author="🙈"), ["c5"]),
        (SearchQuery(author="Jo"), ["c3", "c2"]),
        (SearchQuery(author="Jo", words="shut"), ["c2"]),
        (SearchQuery(article="trial/7"), ["c5", "c4", "c3"]),
        (SearchQuery(article="CLOSE to"), ["c2", "c1"]),
        (SearchQuery(article="50%"), ["c5", "c4", "c3"]),
        (SearchQuery(article="nowhere"), []),
        (SearchQuery(article="trial/7", words="bridge"), ["c3"]),
        (SearchQuery(comment_id="c3"), ["c3"]),
        (SearchQuery(comment_id="c3", words="bridge"), ["c3"]),
        (SearchQuery(comment_id="c3", words="drop"), []),
        (SearchQuery(comment_id="c1", author="jo"), []),
        (SearchQuery(comment_id="c1", verdict="none"), []),
        (SearchQuery(comment_id="C1"), []),
        (SearchQuery(verdict="keep"), ["c1"]),
        (SearchQuery(verdict="remove", words="bridge"), ["c2"]),
        (SearchQuery(verdict="none"), ["c5", "c4", "c3"]),
        (
            SearchQuery(since=datetime(2026, 11, 2, tzinfo=UTC), until=datetime(2026, 11, 3, 23, tzinfo=UTC)),
            ["c3", "c2"],
        ),
        (SearchQuery(since=datetime(2026, 11, 2, 12, 1, tzinfo=UTC), words="bridge"), ["c3"]),
        (SearchQuery(until=datetime(2026, 11, 1, 12, tzinfo=UTC)), ["c1"]),
        (
            SearchQuery(since=datetime(1, 1, 1, tzinfo=UTC), until=datetime(9999, 1, 1, tzinfo=UTC)),
            list(COMMENTS)[::-1],
        ),
        (SearchQuery(since=datetime(2200, 1, 1, tzinfo=UTC)), []),
        (SearchQuery(until=datetime(1970, 1, 1, tzinfo=UTC), words="bridge"), []),
        (
            SearchQuery(
                words="shut bridge",
                author="zoë",
                article="bridge to",
                comment_id="c1",
                since=datetime(2026, 10, 31, tzinfo=UTC),
                until=datetime(2026, 11, 2, tzinfo=UTC),
                verdict="keep",
            ),
            ["c1"],
        ),
        (SearchQuery(), ["c5", "c4", "c3", "c2", "c1"]),
    ],
)
def test_each_field_narrows_what_is_found(stored: Database, wanted: SearchQuery, names: list[str]) -> None:
    assert found(stored, wanted) == names


@pytest.mark.parametrize(
    "wanted", [SearchQuery(), SearchQuery(words="bridge"), SearchQuery(words="bridg*"), SearchQuery(comment_id="c1")]
)
def test_a_long_list_comes_page_by_page(stored: Database, wanted: SearchQuery) -> None:
    pages: list[list[str]] = []
    before = None
    with stored.read() as session:
        while True:
            page = search(session, wanted, before=before, limit=2)
            pages.append([str(item.comment.id) for item in page.items])
            before = page.following
            if before is None:
                break
    assert [name for page in pages for name in page] == found(stored, wanted)
    assert all(len(page) == 2 for page in pages[:-1])


def test_a_word_is_found_whatever_stands_around_it(db: Database) -> None:
    with db.write() as session:
        save_article(session, Article(id="a1", title="Bridge to close to cars"))
        for name, written in enumerate(ODD):
            save_comment(session, Comment(id=f"c{name}", article_id="a1", text=written), Judgement("b1", None, ()))

    assert [found(db, SearchQuery(words=words)) for words in ODD.values()] == [[f"c{name}"] for name in range(len(ODD))]


def test_an_article_is_found_by_any_letters_of_its_title_and_by_its_very_id(db: Database) -> None:
    titles = {"Ö'1 \\": "Über die Brücke", "ö 1": "ÉCOLE: 50 %_off", "—": "Brücke offen"}
    with db.write() as session:
        for name, title in titles.items():
            save_article(session, Article(id=name, title=title))
            save_comment(session, Comment(id=name, article_id=name, text="Quite so."), Judgement("b1", None, ()))

    asked = ("über DIE", "BRÜCKE", "Bru\u0308cke", "école", "%_", "Ö'1 \\", "ö 1", "—", "_ff")
    assert {given: found(db, SearchQuery(article=given, words="so")) for given in asked} == {
        "über DIE": ["Ö'1 \\"],
        "BRÜCKE": ["—", "Ö'1 \\"],
        "Bru\u0308cke": ["—", "Ö'1 \\"],
        "école": ["ö 1"],
        "%_": ["ö 1"],
        "Ö'1 \\": ["Ö'1 \\"],
        "ö 1": ["ö 1"],
        "—": ["—"],
        "_ff": [],
    }


def test_the_index_follows_an_edit_a_decision_and_what_is_learnt_later(stored: Database) -> None:
    with stored.write() as session:
        edited = Comment(id="c1", article_id="bridge", author="Zoë Smith", text="All fine now.")
        save_comment(session, edited, Judgement("b1", None, ()))
        named = Comment(id="c4", article_id="trial/7", author="Late Name", text=COMMENTS["c4"][2])
        save_comment(session, named, Judgement("b1", None, ()))
        add_decision(session, "c2", NewDecision("undo", "isla"))

    assert found(stored, SearchQuery(words="bridge")) == ["c3", "c2"]
    assert found(stored, SearchQuery(words="fine")) == ["c1"]
    assert found(stored, SearchQuery(author="late")) == ["c4"]
    assert found(stored, SearchQuery(verdict="remove")) == []
    assert found(stored, SearchQuery(verdict="none", words="shut")) == ["c2"]


def test_nothing_is_found_of_what_was_erased(stored: Database) -> None:
    with stored.write() as session:
        erase_author(session, "Zoë Smith")
    stored.scrub()

    for wanted in (
        SearchQuery(words="shut"),
        SearchQuery(author="smith"),
        SearchQuery(article="bridge"),
        SearchQuery(verdict="keep"),
    ):
        assert "c1" not in found(stored, wanted)
    assert found(stored, SearchQuery(words="nobody")) == []
    if stored.engine.dialect.name == "sqlite":
        with stored.engine.connect() as connection:
            kept = connection.exec_driver_sql("SELECT count(*) FROM comment_words WHERE comment_words MATCH 'nobody'")
            assert kept.scalar() == 0
            parts = connection.exec_driver_sql("SELECT group_concat(hex(block), '') FROM comment_words_data").scalar()
            assert b"nobody".hex().upper() not in str(parts)
            assert b"hypocri".hex().upper() in str(parts)


def test_what_is_written_by_sql_alone_is_in_the_index_too(stored: Database, many: Callable[..., None]) -> None:
    many(200, one_in=10)
    assert len(found(stored, SearchQuery(words='"said before"'), limit=500)) > 100
