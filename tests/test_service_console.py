"""The moderators' console, through Flask's test client."""

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from model.records import Article, Comment, Scores, Span
from service.database import Database
from service.pages import anchor
from service.people import create_user
from service.records import FlagReason, Judgement
from service.review import add_report, get_item
from service.store import save_article, save_comment

ARTICLE = Article(
    id="bridge", title="Bridge to close to cars", body="The council will vote.", url="https://p.example/1"
)
ABUSE = "What a numpty."
SPAN = Span(7, 13, "insult", 1.0)


@pytest.fixture(autouse=True)
def _article(store: Database) -> None:
    with store.write() as session:
        save_article(session, ARTICLE)


@pytest.fixture
def isla(app: Flask, store: Database) -> FlaskClient:
    """Log isla in."""
    return logged_in(app, store, "isla")


def logged_in(app: Flask, store: Database, name: str) -> FlaskClient:
    with store.write() as session:
        password = create_user(session, name)
    client = app.test_client()
    answer = post(client, "/review/login", "/review/login", name=name, password=password)
    assert answer.location == "/review"
    return client


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def post(client: FlaskClient, page: str, address: str, **fields: str) -> TestResponse:
    """Send a form with the token that the page holds."""
    return client.post(address, data={"csrf_token": token(client.get(page)), **fields})


def flag(
    store: Database,
    comment_id: str,
    *,
    text: str = ABUSE,
    score: float = 0.9,
    attribute: str = "insult",
    parent_id: str | None = None,
    spans: tuple[Span, ...] = (SPAN,),
) -> None:
    reason = FlagReason("Reads as an insult.", attribute, score, 0.5, spans)
    comment = Comment(id=comment_id, article_id="bridge", author=f"by {comment_id}", text=text, parent_id=parent_id)
    with store.write() as session:
        save_comment(session, comment, Judgement("b1", Scores({attribute: score}, spans), (reason,)))


def seen(client: FlaskClient, comment_id: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', client.get(f"/review/comments/{comment_id}").text)
    assert found
    return found[1]


def decide(client: FlaskClient, comment_id: str, verdict: str, **fields: str) -> TestResponse:
    shown = fields.pop("seen", None) or seen(client, comment_id)
    return post(client, "/review", "/review/decisions", comment_id=comment_id, verdict=verdict, seen=shown, **fields)


def order(page: TestResponse) -> list[str]:
    return re.findall(r'name="comment_id" value="([^"]+)">\s*<input type="hidden" name="seen"', page.text)


def state(store: Database, comment_id: str) -> str | None:
    with store.read() as session:
        return get_item(session, comment_id).state


# The list


def test_the_worst_comes_first(isla: FlaskClient, store: Database) -> None:
    flag(store, "mild", score=0.6)
    flag(store, "threat", attribute="threat", score=0.9)
    flag(store, "insult", score=0.9)
    assert order(isla.get("/review")) == ["threat", "insult", "mild"]


def test_how_many_are_left_and_how_old_the_oldest_is(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    flag(store, "c2")
    page = isla.get("/review").text
    assert "<strong>2</strong> comments wait, worst first." in page
    assert "The oldest has waited <strong>less than a minute</strong>." in page


def test_the_words_are_marked_masked_and_named(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    marked = (
        'What a <mark data-label="insult"><span class="masked">n•••••</span><span class="word">numpty</span></mark>.'
    )
    assert marked in isla.get("/review").text


def test_a_moderator_may_choose_to_see_the_words(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    assert not re.search(r'class="unmask"[^>]* checked', isla.get("/review").text)
    post(isla, "/review", "/review/words", words="shown", back="/review")
    assert re.search(r'class="unmask"[^>]* checked', isla.get("/review").text)


def test_the_parent_stands_above_its_answer(isla: FlaskClient, store: Database) -> None:
    flag(store, "parent", text="Mend the bridge first.", spans=(), score=0.6)
    flag(store, "answer", parent_id="parent")
    page = isla.get("/review").text
    assert page.index("In answer to") < page.index("Mend the bridge first.") < page.index("by answer</bdi>")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"insult", "threat", "off"}),
        ("?about=insult", {"insult"}),
        ("?about=abuse", {"insult", "threat"}),
        ("?about=off_topic", {"off"}),
        ("?about=reported", {"threat"}),
        ("?article=bridge", {"insult", "threat", "off"}),
        ("?article=other", set()),
        ("?about=nonsense", {"insult", "threat", "off"}),
        ("?state=decided", set()),
        ("?state=nonsense", {"insult", "threat", "off"}),
    ],
)
def test_filters(isla: FlaskClient, store: Database, query: str, expected: set[str]) -> None:
    flag(store, "insult")
    flag(store, "threat", attribute="threat")
    flag(store, "off", attribute="off_topic", spans=())
    with store.write() as session:
        add_report(session, "threat", reporter="r1", reason="abuse")
    assert set(order(isla.get(f"/review{query}"))) == expected


def test_pages_show_each_item_once(isla: FlaskClient, store: Database) -> None:
    for number in range(30):
        flag(store, f"c{number:02d}", score=0.5 + number // 3 / 100)
    first = isla.get("/review")
    following = re.search(r'href="([^"]+)">Show the next ones', first.text)
    assert following
    second = isla.get(unescape(following[1]))
    assert [len(order(first)), len(order(second))] == [25, 5]
    assert sorted(order(first) + order(second)) == [f"c{number:02d}" for number in range(30)]


@pytest.mark.parametrize("after", ["x", "0.5", "nan c1", "1e999 c1", "0.9 c1\0"])
def test_a_made_up_place_in_the_list_is_no_error(isla: FlaskClient, store: Database, after: str) -> None:
    flag(store, "c1")
    assert isla.get("/review", query_string={"after": after}).status_code == 200


def test_nothing_waits(isla: FlaskClient) -> None:
    assert "Nothing waits." in isla.get("/review").text


def test_the_page_says_that_nothing_is_deleted(isla: FlaskClient) -> None:
    assert "Belowline deletes nothing and hides nothing" in isla.get("/review").text


@pytest.mark.parametrize("path", ["/review/comments/none", "/review/no/such/page", "/review/comments/"])
def test_what_is_not_there_has_a_page(isla: FlaskClient, path: str) -> None:
    answer = isla.get(path)
    assert (answer.status_code, answer.mimetype, "Back to the list" in answer.text) == (404, "text/html", True)


@pytest.mark.parametrize("table", ["flag", "user_account"], ids=["partly", "even the moderator is unknown"])
def test_a_lost_database_has_a_page(isla: FlaskClient, store: Database, table: str) -> None:
    with store.write() as session:
        session.execute(sql(f"DROP TABLE {table}"))
    answer = isla.get("/review")
    assert (answer.status_code, answer.mimetype, "does not answer" in answer.text) == (503, "text/html", True)


def test_our_own_mistake_has_a_page_and_no_text_of_it_is_logged(
    app: Flask, isla: FlaskClient, store: Database, caplog: pytest.LogCaptureFixture
) -> None:
    flag(store, "c1")
    del app.extensions["belowline.scorer"]
    answer = isla.get("/review")
    assert (answer.status_code, "a mistake of Belowline" in answer.text) == (500, True)
    assert "KeyError" in caplog.text
    assert ABUSE not in caplog.text


# Decisions


@pytest.mark.parametrize(
    ("verdict", "expected"), [("keep", "decided"), ("remove", "decided"), ("escalate", "escalated")]
)
def test_a_verdict_is_recorded_and_the_next_item_gets_its_turn(
    isla: FlaskClient, store: Database, verdict: str, expected: str
) -> None:
    flag(store, "c1")
    flag(store, "c2", score=0.7)
    answer = decide(isla, "c1", verdict, back="/review", next=anchor("c2"))
    assert (answer.status_code, answer.location) == (303, f"/review#{anchor('c2')}")
    with store.read() as session:
        item = get_item(session, "c1")
    assert item.standing is not None
    assert (item.state, item.standing.verdict, item.standing.moderator) == (expected, verdict, "isla")
    assert order(isla.get("/review")) == ["c2"]


def test_an_undo_brings_the_item_back(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    decide(isla, "c1", "remove")
    page = isla.get("/review")
    assert "You marked the comment by" in page.text
    number = re.search(r'name="decision" value="(\d+)"', page.text)
    assert number
    answer = post(isla, "/review", "/review/undo", comment_id="c1", decision=number[1], back="/review")
    assert answer.location == f"/review#{anchor('c1')}"
    assert order(isla.get("/review")) == ["c1"]
    with store.read() as session:
        assert [decision.verdict for decision in get_item(session, "c1").decisions] == ["remove", "undo"]


def test_an_undo_of_an_undone_decision_is_refused(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    decide(isla, "c1", "keep")
    number = re.search(r'name="decision" value="(\d+)"', isla.get("/review").text)
    assert number
    answers = [post(isla, "/review", "/review/undo", comment_id="c1", decision=number[1]) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]


def test_two_moderators_never_decide_the_same_item_unknowingly(app: Flask, isla: FlaskClient, store: Database) -> None:
    rory = logged_in(app, store, "rory")
    flag(store, "c1")
    shown = seen(rory, "c1")
    decide(isla, "c1", "keep")
    answer = decide(rory, "c1", "remove", seen=shown)
    assert (answer.status_code, "isla has decided on it in the meantime (keep)" in answer.text) == (409, True)
    with store.read() as session:
        assert [decision.moderator for decision in get_item(session, "c1").decisions] == ["isla"]


def test_of_two_at_the_same_moment_one_decides(app: Flask, isla: FlaskClient, store: Database) -> None:
    rory = logged_in(app, store, "rory")
    flag(store, "c1")
    forms = [
        (client, {"csrf_token": token(client.get("/review")), "comment_id": "c1", "verdict": verdict, "seen": "1.0.0"})
        for client, verdict in ((isla, "keep"), (rory, "remove"))
    ]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda form: form[0].post("/review/decisions", data=form[1]), forms))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    with store.read() as session:
        assert len(get_item(session, "c1").decisions) == 1


def test_the_other_moderator_may_overrule_knowingly(app: Flask, isla: FlaskClient, store: Database) -> None:
    rory = logged_in(app, store, "rory")
    flag(store, "c1")
    decide(isla, "c1", "keep")
    assert decide(rory, "c1", "remove").status_code == 303


def test_a_double_click_is_one_decision(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    shown = seen(isla, "c1")
    answers = [decide(isla, "c1", "remove", seen=shown) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]


def test_a_report_that_came_in_meanwhile_is_not_decided_away(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    shown = seen(isla, "c1")
    with store.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat")
    assert decide(isla, "c1", "keep", seen=shown).status_code == 409
    assert state(store, "c1") == "open"


def test_a_report_brings_a_kept_comment_back(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    decide(isla, "c1", "keep")
    with store.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat", note="He means <b>her</b>.")
    page = isla.get("/review")
    assert order(page) == ["c1"]
    assert "Kept by <bdi>isla</bdi>" in page.text
    assert "He means &lt;b&gt;her&lt;/b&gt;." in page.text


def test_only_named_attributes_go_with_a_decision(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    decide(isla, "c1", "remove", **{"is": "off_topic", "note": "an advert"})
    with store.read() as session:
        standing = get_item(session, "c1").standing
    assert standing is not None
    assert (dict(standing.attributes), standing.note) == ({"off_topic": 1}, "an advert")


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "9" * 5000])
def test_an_undo_of_a_made_up_decision_is_refused(isla: FlaskClient, store: Database, number: str) -> None:
    flag(store, "c1")
    assert post(isla, "/review", "/review/undo", comment_id="c1", decision=number).status_code == 400


@pytest.mark.parametrize("fields", [{"verdict": "delete"}, {"verdict": ""}, {"verdict": "undo"}])
def test_an_unknown_verdict_is_refused(isla: FlaskClient, store: Database, fields: dict[str, str]) -> None:
    flag(store, "c1")
    answer = post(isla, "/review", "/review/decisions", comment_id="c1", seen="1.0.0", **fields)
    assert (answer.status_code, state(store, "c1")) == (400, "open")


def test_a_decision_on_an_unknown_comment_is_refused(isla: FlaskClient) -> None:
    answer = post(isla, "/review", "/review/words", words="masked")
    assert answer.status_code == 303
    csrf = token(isla.get("/review/password"))
    answer = isla.post("/review/decisions", data={"csrf_token": csrf, "comment_id": "none", "verdict": "keep"})
    assert answer.status_code == 404


def test_an_ended_session_loses_no_words_about_the_decision(store: Database, client: FlaskClient) -> None:
    flag(store, "c1")
    answer = client.post(
        "/review/decisions", data={"comment_id": "c1", "verdict": "remove", "back": "/review?about=insult"}
    )
    page = client.get(answer.location)
    assert "Your session had ended, so nothing was recorded." in page.text
    assert answer.location == "/review/login?next=/review?about%3Dinsult"
    assert state(store, "c1") == "open"


# Hostile text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<script>alert(1)</script>", id="script"),
        pytest.param('"><img src=x onerror=alert(1)>', id="attribute"),
        pytest.param("{{ 7*7 }} {% raw %} &lt;b&gt;", id="template"),
        pytest.param("\u202egnihtemos yas\u202c \u2066left", id="right-to-left override"),
        pytest.param("🌊" * 10_000, id="10,000 emoji"),
        pytest.param("x" * 20_000, id="no space"),
        pytest.param("a\u200bb\ufeff\u0001", id="invisible"),
    ],
)
@pytest.mark.parametrize("path", ["/review", "/review/comments/c1"])
def test_hostile_text_is_shown_harmlessly(isla: FlaskClient, store: Database, text: str, path: str) -> None:
    flag(store, "c1", text=text, spans=(Span(1, 5, "insult", 1.0),))
    page = isla.get(path).text
    cut = re.search(r'<div class="text(?: long)?" dir="auto"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert cut
    visible = re.sub(r'<span class="masked">.*?</span>', "", cut[1])
    assert unescape(re.sub(r"</?(?:mark|span)\b[^>]*>", "", visible)) == text
    assert "<script>" not in page
    assert "<img" not in page


def test_hostile_names_titles_and_addresses_are_escaped(isla: FlaskClient, store: Database) -> None:
    evil = '"><script>alert(1)</script>'
    with store.write() as session:
        save_article(session, Article(id=evil, title=evil, body="b", url="javascript:alert(1)", section=evil))
        comment = Comment(id=evil, article_id=evil, author=evil, text="Numpty.")
        save_comment(session, comment, Judgement("b1", None, (FlagReason(evil),)))
        add_report(session, evil, reporter=evil, reason=evil, note=evil)
    for path in ("/review", f"/review/comments/{evil}"):
        answer = isla.get(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "javascript:" not in answer.text


def test_pages_hold_no_inline_script_or_style(isla: FlaskClient, store: Database) -> None:
    flag(store, "c1")
    for path in ("/review", "/review/comments/c1", "/review/password"):
        page = isla.get(path)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page.text)
        assert re.search(
            r"default-src 'none'.*script-src 'self'.*style-src 'self'", page.headers["Content-Security-Policy"]
        )
        assert page.headers["Cache-Control"] == "no-store"
