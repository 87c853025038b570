"""Readers' texts are hostile: whatever they hold, a page shows it and nothing more."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from model.records import Article, Comment, Span
from service.moderation.articles import save_article
from service.moderation.comments import save_comment
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.records import FlagReason, Judgement

Flag = Callable[..., None]
TEXTS = [
    pytest.param("<script>alert(1)</script>", id="script"),
    pytest.param('"><img src=x onerror=alert(1)>', id="attribute"),
    pytest.param("{{ 7*7 }} {% raw %} &lt;b&gt;", id="template"),
    pytest.param("\u202egnihtemos yas\u202c \u2066left", id="right-to-left override"),
    pytest.param("🌊" * 10_000, id="10,000 emoji"),
    pytest.param("x" * 20_000, id="no space"),
    pytest.param("a\u200bb\ufeff\u0001", id="invisible"),
]


@pytest.fixture
def isla(person: Callable[..., Any]) -> Any:
    """Log isla in."""
    return person("isla")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("path", ["/review/comments/c1", "/review/batch?author=Tam"])
def test_hostile_text_is_shown_harmlessly(isla: Any, flag: Flag, text: str, path: str) -> None:
    flag("c1", text=text, author="Tam", spans=(Span(1, 5, "insult", 1.0),))
    page = isla.reads(path).text
    cut = re.search(r'<div class="text(?: tall)?" dir="auto"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert cut
    visible = re.sub(r'<span class="masked">.*?</span>', "", cut[1])
    assert unescape(re.sub(r"</?(?:mark|span)\b[^>]*>", "", visible)) == text
    assert "<script>" not in page
    assert "<img" not in page


@pytest.mark.parametrize("text", TEXTS)
def test_a_list_shows_how_it_begins(isla: Any, flag: Flag, text: str) -> None:
    flag("c1", text=text, spans=())
    page = isla.reads("/review").text
    cut = re.search(r'<div class="text" dir="auto"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert cut
    shown = unescape(cut[1])
    assert text.startswith(shown.removesuffix(" …"))
    assert len(shown) <= 282


def test_hostile_names_titles_and_addresses_are_escaped(isla: Any, db: Database) -> None:
    evil = '"><script>alert(1)</script>'
    with db.write() as session:
        save_article(session, Article(id=evil, title=evil, body="b", url="javascript:alert(1)", section=evil))
        comment = Comment(id=evil, article_id=evil, author=evil, text="Numpty.")
        save_comment(session, comment, Judgement("b1", None, (FlagReason(evil),)))
        add_report(session, evil, reporter=evil, reason=evil, note=evil)
    pages = ["/review", f"/review/comments/{evil}", "/review/articles", f"/review/batch?author={evil}"]
    for path in [*pages, f"/review?section={evil}&article={evil}&author={evil}"]:
        answer = isla.reads(path)
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "javascript:" not in answer.text


def test_a_hostile_note_is_escaped_where_it_is_given_back(isla: Any, person: Callable[..., Any], flag: Flag) -> None:
    flag("c1")
    form = isla.opens("c1")
    person("rory").sends("/review/take", "/review", comment_id="c1")
    answer = isla.presses(form, "2", note='"><script>alert(1)</script>')
    assert answer.status_code == 409
    assert "<script>" not in answer.text
    assert isla.form_of(answer)["note"] == '"><script>alert(1)</script>'


def test_pages_hold_no_inline_script_or_style(isla: Any, flag: Flag) -> None:
    flag("c1", author="Tam")
    for path in ("/review", "/review/comments/c1", "/review/password", "/review/articles", "/review/batch?author=Tam"):
        page = isla.reads(path)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page.text)
        policy = page.headers["Content-Security-Policy"]
        assert re.search(r"default-src 'none'.*script-src 'self'.*style-src 'self'", policy)
        assert page.headers["Cache-Control"] == "no-store"
