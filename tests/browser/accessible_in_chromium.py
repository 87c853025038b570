"""WCAG 2.2 AA by axe in a real Chromium: wide and narrow, light and dark, and at twice the size.

`make test-browser` installs axe-core, pinned, for this; it is never shipped.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver import Keys
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.cli.demo import load_demo
from service.learning.second_looks import Doubted, ask
from service.moderation.comments import lock_comment
from service.moderation.decisions import NewDecision, add_decision
from service.moderation.reports import add_report
from service.staffing.rota import DAYS, Change, Pattern
from service.staffing.rota_store import add_change, add_pattern
from service.storage.database import Database
from service.storage.tables.comments import CommentRow, FlagRow, ScoreRow, ShadowRow
from service.triage.position import settle

# A browser that leaves a page hangs up on what it still loads, and the development server then
# leaves the file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning")

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
  .then(found => done(found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" ")}`)));
"""
BEYOND_THE_SCREEN = "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
# Text that its box cuts off on purpose is for screen readers only; a table may scroll in a
# frame of its own, which the keyboard reaches (WCAG 1.4.10), and a field's one line by itself.
CUT_OFF = """
return [...document.querySelectorAll("main *:not(.vh, input):not(svg *)")]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== "visible"
    && !one.closest(".vh, .scroll[tabindex='0']"))
  .map(one => one.outerHTML.slice(0, 100));
"""


@pytest.fixture
def desk(app: Flask, sits_down: Callable[..., Any], db: Database, flag: Callable[..., None]) -> Any:
    """Log isla in, with items of every kind and pages in every state."""
    load_demo(db, app.extensions["belowline.scorer"])
    for number in range(3):
        flag(f"c{number}", author="Tam", parent_id="c0" if number else None)
    flag("doubt", stream="doubt", score=0.45)
    flag("random", stream="random", score=0.1)
    flag("blind")
    flag("night")
    flag("twice")
    flag("asked")
    with db.write() as session:
        add_report(session, "c1", reporter="r1", reason="threat", note="He means her.")
        add_decision(session, "twice", NewDecision(verdict="keep", moderator="rory"))
        add_decision(session, "asked", NewDecision("escalate", "rory", note="Is this a threat?"))
        ask(session, [Doubted("twice", "kept", 0.9)], who="review tool")
        for flagged in session.scalars(select(FlagRow).where(FlagRow.comment_id == "night")):
            flagged.raised_at -= timedelta(days=2)  # so that the dawn list holds it
        settle(session, lock_comment(session, "night"))
        challenge(session)
    desk = sits_down("isla", role="admin")
    with db.write() as session:
        add_pattern(session, Pattern("isla", frozenset(DAYS), time(9), time(18)), who="isla")
        add_change(session, Change("isla", date.today() + timedelta(days=1)), who="isla")  # noqa: DTZ011
        add_weeks(session)
    return desk


def challenge(session: Session) -> None:
    """Let a challenger have looked on that flags what is not flagged, and the other way round."""
    for score in session.scalars(select(ScoreRow)):
        told = {"score_id": score.id, "bundle_version": "b2", "scores": {}, "scored_at": datetime.now(UTC)}
        flagged = score.comment_id.startswith("demo")
        session.add(ShadowRow(**told, reasons={"off_topic": 0.8} if flagged else {}, flagged=flagged))


def add_weeks(session: Session) -> None:
    """Let readers have written for four weeks, so that each chart has something to draw."""
    for number in range(140):
        at = datetime.now(UTC) - timedelta(hours=4 * number + 1)
        session.add(
            CommentRow(id=f"w{number}", article_id="bridge", text="Text.", revision=1, posted_at=at, received_at=at)
        )
        session.flush()
        told = {"comment_id": f"w{number}", "revision": 1, "bundle_version": "b1"}
        session.add(ScoreRow(**told, scores={"insult": 0.9}, spans=[], scored_at=at))
        session.add(FlagRow(**told, reasons=[], stream="random", rank=1.0, probability=0.05, raised_at=at))
        add_decision(session, f"w{number}", NewDecision(verdict="keep" if number % 20 else "remove", moderator="isla"))


def check(desk: Any, path: str) -> None:
    """Let axe look at the page as it is."""
    desk.asks(AXE.read_text())
    assert desk.chrome.execute_async_script(RUN) == [], path
    assert desk.asks(BEYOND_THE_SCREEN) == 0, path


PAGES = (
    "/review",
    "/review?about=insult&watched=yes",
    "/review?state=decided",
    "/review/comments/c1",
    "/review/comments/demo-17",
    "/review/comments/doubt",
    "/review/comments/random",
    "/review/comments/twice",
    "/review/batch?author=Tam",
    "/review/articles",
    "/review/lead",
    "/review/escalations",
    "/review/articles/bridge",
    "/review/authors/Tam",
    "/review/history?who=*",
    "/review/history?verdict=keep",
    "/review/people",
    "/review/keys",
    "/review/webhooks",
    "/review/settings",
    "/review/search",
    "/review/search?q=numpty",
    "/review/search?from=yesterday",
    "/review/rules",
    "/review/rules/change",
    "/review/reporters",
    "/review/audit",
    "/review/rota",
    "/review/dawn",
    "/review/numbers",
    "/review/drift",
    "/review/shadow",
    "/review/password",
    "/report/c1",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("pixels", [1280, 390])
def test_axe_finds_nothing(desk: Any, pixels: int, scheme: str) -> None:
    desk.is_as_wide_as(pixels, scheme=scheme)
    for path in PAGES:
        desk.opens(path)
        check(desk, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_what_appears(app: Flask, desk: Any, scheme: str) -> None:
    desk.is_as_wide_as(1280, scheme=scheme)
    desk.opens("/review/next")
    desk.decides("f")
    desk.presses("w")
    desk.presses("m")
    check(desk, "with the way back, a note and bare words")
    desk.presses(Keys.ESCAPE)
    desk.presses("?")
    check(desk, "with the keys")
    app.config["BLIND_SHARE"] = 1.0
    desk.opens("/review/comments/blind")
    check(desk, "blind")
    desk.chrome.delete_all_cookies()
    desk.opens("/review/login")
    check(desk, "the way in")


def test_at_twice_the_size_nothing_is_cut_off(desk: Any) -> None:
    # 200 % on a screen of 1280 pixels is a screen of 640.
    desk.is_as_wide_as(640)
    for path in PAGES:
        desk.opens(path)
        desk.asks("document.documentElement.style.fontSize = '200%'")
        assert desk.asks(BEYOND_THE_SCREEN) == 0, path
        assert desk.asks(CUT_OFF) == [], path


def test_in_german_nothing_is_cut_off_on_a_phone(app: Flask, desk: Any) -> None:
    app.extensions["belowline.choices"].change({"language": "de"}, who="isla")
    desk.is_as_wide_as(390)
    for path in PAGES:
        desk.opens(path)
        check(desk, path)
        assert desk.asks(CUT_OFF) == [], path
