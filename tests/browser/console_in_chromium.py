"""A moderator's day in a real Chromium: by keyboard, by mouse, without JavaScript, two at a time.

Not part of `make test`, which needs nothing but Python: its name does not
begin with `test_`. `make test-browser` runs it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver import Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from model.records import Article, Comment, Span
from service.moderation.articles import save_article
from service.moderation.comments import get_item, lock_comment, save_comment
from service.moderation.reports import add_report
from service.storage.database import Database
from service.storage.records import FlagReason, Item, Judgement
from service.triage import claims
from tests.browser.conftest import SECONDS

# A browser that leaves a page hangs up on what it still loads, and the development server then
# leaves the file to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning")

Desks = Callable[..., Any]
Flag = Callable[..., None]
BEYOND_THE_SCREEN = "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
FOCUS = "return document.activeElement.closest('.card')?.id ?? ''"
ATTACK = '<script>document.title = "owned"</script>"><img src=x onerror="document.title=1">\u202eevil' + "x" * 20_000


def item(db: Database, comment_id: str) -> Item:
    with db.read() as session:
        return get_item(session, comment_id)


def verdicts(db: Database, comment_id: str) -> list[str]:
    return [decision.verdict for decision in item(db, comment_id).decisions]


@pytest.fixture
def three(flag: Flag) -> None:
    """Store three items that wait."""
    flag("first", score=0.9)
    flag("second", score=0.8)
    flag("third", score=0.7)


@pytest.mark.usefixtures("three")
def test_a_whole_spell_by_keyboard_alone(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    assert desk.item == "first"
    desk.decides("f")
    assert (desk.item, verdicts(db, "first")) == ("second", ["keep"])
    desk.decides("2")
    assert (desk.item, item(db, "second").decision_in_force.rule) == ("third", "2")  # type: ignore[union-attr]
    desk.leaves(lambda: desk.presses_control("z"))
    assert (desk.item, verdicts(db, "second")) == ("second", ["remove", "undo"])
    desk.presses("d")
    assert desk.asks("return document.activeElement.name") == "remove"
    desk.leaves(lambda: desk.presses(Keys.ENTER))
    assert verdicts(db, "second") == ["remove", "undo", "remove"]
    desk.decides("e")
    desk.presses("Is this a threat?")
    desk.leaves(lambda: desk.presses(Keys.ENTER))
    assert item(db, "third").state == "escalated"
    assert "Nothing else is waiting here" in desk.sees()
    assert desk.complaints == []


@pytest.mark.usefixtures("three")
def test_in_a_list_by_keyboard(sits_down: Desks) -> None:
    desk = sits_down("isla")
    cards = desk.asks("return [...document.querySelectorAll('.card')].map(card => card.id)")
    desk.presses("j")
    desk.presses("j")
    assert desk.asks(FOCUS) == cards[1]
    desk.presses("k")
    assert desk.asks(FOCUS) == cards[0]
    desk.presses("j")
    desk.decides("o")
    assert desk.item == "second"
    desk.decides("l")
    assert desk.path == "/review"


@pytest.mark.usefixtures("three")
def test_in_a_list_by_keyboard_one_is_decided_after_the_other(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla")
    desk.presses("f")
    assert "Choose a comment first" in str(desk.asks("return document.getElementById('said').textContent"))
    desk.presses("j")
    desk.decides("f")
    assert (desk.path, verdicts(db, "first")) == ("/review", ["keep"])
    desk.decides("2")
    assert verdicts(db, "second") == ["remove"]
    desk.presses("x")
    assert desk.asks("return document.querySelectorAll('[name=pick]:checked').length") == 1
    desk.decides("f")
    assert verdicts(db, "third") == ["keep"]


def test_a_word_is_searched_for_by_keyboard(sits_down: Desks, flag: Flag) -> None:
    flag("c1")
    desk = sits_down("isla")
    desk.decides("/")
    desk.presses("wanker")
    desk.leaves(lambda: desk.presses(Keys.ENTER))
    assert "by c1 on Bridge to close to cars" in desk.sees(".items")


def test_one_of_several_at_once_is_left_out_by_keyboard(sits_down: Desks, flag: Flag, db: Database) -> None:
    for number in range(3):
        flag(f"c{number}", author="Tam")
    desk = sits_down("isla")
    desk.opens("/review/batch?author=Tam")
    desk.presses("j", "j", "x")
    desk.decides("f")
    assert [verdicts(db, f"c{number}") for number in range(3)] == [["keep"], [], ["keep"]]


def test_words_are_struck_by_keyboard(sits_down: Desks, flag: Flag, db: Database) -> None:
    flag("c1")
    desk = sits_down("isla")
    desk.opens("/review/comments/c1")
    desk.decides("c")
    desk.presses(Keys.TAB, Keys.TAB, " ")
    desk.clicks("button[value=amend]")
    assert item(db, "c1").decisions[0].amended_text == "What a […]"
    assert item(db, "c1").comment.text == "What a wanker."


def test_on_a_phone_the_words_to_strike_are_in_view(sits_down: Desks, flag: Flag) -> None:
    flag("c1")
    desk = sits_down("isla")
    desk.is_as_wide_as(390, height=844)
    desk.opens("/review/amend/c1")
    desk.chrome.find_elements(By.CSS_SELECTOR, ".strikes label")[2].click()
    assert desk.asks("return document.querySelectorAll('[name=strike]:checked').length") == 1
    assert desk.asks("return scrollY") == 0


@pytest.mark.usefixtures("three")
def test_a_note_is_written_and_left_by_keyboard(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    desk.presses("m")
    desk.presses("second time, fed up")
    assert desk.item == "first"
    desk.presses(Keys.ESCAPE)
    desk.decides("f")
    assert [decision.note for decision in item(db, "first").decisions] == ["second time, fed up"]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("path", ["/review/comments/c0", "/review/batch?author=Tam"])
def test_enter_in_a_field_decides_nothing(
    sits_down: Desks, flag: Flag, db: Database, path: str, *, javascript: bool
) -> None:
    for number in range(2):
        flag(f"c{number}", author="Tam")
    desk = sits_down("isla", javascript=javascript)
    desk.opens(path)
    desk.chrome.find_element(By.CSS_SELECTOR, "details.why summary").click()
    for selector in ("#note", "[name=is]", "[name=pick]", ".unmask"):
        for field in desk.chrome.find_elements(By.CSS_SELECTOR, f"form {selector}"):
            field.send_keys(Keys.ENTER)
            assert desk.path == path
    assert verdicts(db, "c0") == verdicts(db, "c1") == []
    # And what was meant still goes through.
    desk.clicks(".verdicts .keep")
    assert verdicts(db, "c0") == ["keep"]


@pytest.mark.usefixtures("three")
def test_a_skipped_item_is_left_to_others(sits_down: Desks) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    desk.decides("s")
    assert desk.item == "second"
    assert "You skipped the comment by" in desk.sees()
    desk.decides("u")
    assert desk.item == "first"


def test_the_keys_lead_to_the_suggested_rule_or_nowhere(sits_down: Desks, flag: Flag) -> None:
    flag("insulting")
    flag("random", stream="random", spans=(), score=0.01)
    desk = sits_down("isla")
    desk.opens("/review/comments/insulting")
    desk.presses("d")
    assert desk.asks("return document.activeElement.value") == "2"
    desk.opens("/review/comments/random")
    desk.presses("d")
    assert desk.asks("return document.activeElement.className") == "verdicts panel"
    assert "No rule is suggested." in str(desk.asks("return document.getElementById('said').textContent"))


@pytest.mark.usefixtures("three")
def test_all_verdicts_are_in_view_without_scrolling(sits_down: Desks, flag: Flag) -> None:
    flag("tall", text="What\n" * 500 + "a wanker.", author="W" * 255, score=0.95)
    desk = sits_down("isla")
    for width, height in ((1366, 768), (390, 844)):
        desk.is_as_wide_as(width, height=height)
        desk.opens("/review/comments/tall")
        ends = "return document.querySelector('.panel').getBoundingClientRect().bottom"
        assert desk.asks(ends) <= height, width
        assert desk.asks(BEYOND_THE_SCREEN) == 0, width
        assert desk.asks("return document.activeElement.className") == "verdicts panel"
        assert desk.asks("return scrollY") == 0


def test_deep_in_a_thread_the_comment_is_in_view(sits_down: Desks, flag: Flag, db: Database) -> None:
    with db.write() as session:
        save_article(session, Article(id="long", title="Bridge to close to cars", body="The council will vote. " * 40))
    flag("wordy", article_id="long")
    for number in range(8):
        parent = f"c{number - 1}" if number else None
        flag(f"c{number}", text="You are wrong, and you know it.\n" * 9, author="Tam", parent_id=parent)
    desk = sits_down("isla")
    desk.is_as_wide_as(1366, height=768)
    desk.opens("/review/comments/c7")
    top = "return document.querySelector('.itself .text').getBoundingClientRect().top"
    assert desk.asks(top) < 600
    assert "6 earlier comments in this thread" in desk.sees(".card")
    desk.opens("/review/comments/wordy")
    desk.is_as_wide_as(390, height=844)
    assert desk.asks(top) < 420


def test_all_keys_are_in_view_at_once(sits_down: Desks) -> None:
    desk = sits_down("isla")
    desk.is_as_wide_as(1366, height=768)
    desk.presses("?")
    assert desk.asks("const keys = document.getElementById('keys'); return keys.scrollHeight - keys.clientHeight") == 0


def test_no_verdict_is_wider_than_its_button(sits_down: Desks, flag: Flag) -> None:
    flag("c1")
    isla = sits_down("isla")
    for width in (1366, 405, 390, 360):
        isla.is_as_wide_as(width, height=844)
        isla.opens("/review/next")
        script = """return [...document.querySelectorAll('.main-verdicts > *')].filter((button) => {
            const words = document.createRange();
            words.selectNodeContents(button);
            const room = button.clientWidth - 2 * parseFloat(getComputedStyle(button).paddingLeft);
            return words.getBoundingClientRect().width > room + 1;
        }).map((button) => button.textContent)"""
        assert isla.asks(script) == []


@pytest.mark.usefixtures("three")
def test_two_moderators_race_for_one_item(sits_down: Desks, db: Database) -> None:
    isla, rory = sits_down("isla"), sits_down("rory")
    isla.decides("n")
    rory.decides("n")
    assert (isla.item, rory.item) == ("first", "second")

    rory.opens("/review/comments/first")
    assert "isla has had this comment open since" in rory.sees()
    rory.presses("m")
    rory.presses("He names the street.")
    rory.presses(Keys.ESCAPE)
    rory.decides("1")
    assert "Your decision was not recorded" in rory.sees()
    assert "He names the street." in rory.sees()
    assert verdicts(db, "first") == []

    rory.clicks(".verdicts button[name]")
    isla.decides("f")
    assert "rory has since decided on it (remove)" in isla.sees()
    assert [(one.moderator, one.note) for one in item(db, "first").decisions] == [("rory", "He names the street.")]
    isla.decides("n")
    assert (rory.item, isla.item) == ("second", "third")


@pytest.mark.usefixtures("three")
def test_an_item_is_let_go_when_the_page_is_left(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    with db.read() as session:
        assert claims.holder(session, "first") is not None
    desk.opens("/review")

    def is_free(_chrome: object) -> bool:
        with db.read() as session:
            return claims.holder(session, "first") is None

    WebDriverWait(desk.chrome, SECONDS).until(is_free)


@pytest.mark.usefixtures("three")
def test_an_item_is_held_for_longer_while_the_page_has_the_focus(app: Flask, sits_down: Desks, db: Database) -> None:
    # The page asks for more after a fifth of it.
    app.config["LEASE"] = timedelta(seconds=30)
    desk = sits_down("isla")
    desk.decides("n")
    with db.read() as session:
        before = claims.holder(session, "first")

    def is_extended(_chrome: object) -> bool:
        with db.read() as session:
            now = claims.holder(session, "first")
        return before is not None and now is not None and now.until > before.until

    WebDriverWait(desk.chrome, SECONDS).until(is_extended)


@pytest.mark.usefixtures("three")
def test_who_lost_an_item_is_told(app: Flask, sits_down: Desks, db: Database) -> None:
    app.config["LEASE"] = timedelta(seconds=5)
    desk = sits_down("isla")
    desk.decides("n")
    with db.write() as session:
        claims.claim(session, lock_comment(session, "first"), "rory", timedelta(minutes=5), take=True)
    notice = desk.chrome.find_element(By.ID, "lost")
    WebDriverWait(desk.chrome, SECONDS).until(lambda _: notice.is_displayed())
    assert "You no longer have this comment" in notice.text


@pytest.mark.usefixtures("three")
def test_a_report_that_resurfaces(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    desk.decides("f")
    with db.write() as session:
        add_report(session, "first", reporter="r1", reason="threat", note="He means her.")
    desk.opens("/review/comments/first")
    assert "Reported by 1 reader" in desk.sees()
    assert "Kept by isla" in desk.sees()
    assert "He means her." in desk.sees()
    assert item(db, "first").state == "open"


@pytest.mark.usefixtures("three")
def test_words_are_masked_until_a_key_is_pressed(sits_down: Desks) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    assert "w•••••" in desk.sees("mark")
    desk.presses("w")
    assert "wanker" in desk.sees("mark")
    desk.presses("w")
    assert "w•••••" in desk.sees("mark")


@pytest.mark.usefixtures("three")
def test_in_a_list_too_words_are_masked_until_a_key_is_pressed(sits_down: Desks) -> None:
    desk = sits_down("isla")
    desk.presses("j")
    desk.presses("w")
    assert desk.asks("return [...document.querySelectorAll('mark')].map(one => one.innerText)") == [
        "wanker",
        "w•••••",
        "w•••••",
    ]


def test_a_title_that_turns_the_writing_round_turns_nothing_else(sits_down: Desks, db: Database) -> None:
    with db.write() as session:
        save_article(session, Article(id="a", title="\u202eBridge", section="News"))
        comment = Comment(id="c", article_id="a", text="Numpty.", author="Tam")
        save_comment(session, comment, Judgement("b1", None, (FlagReason("Not scored."),)))
    desk = sits_down("isla")
    for path, title, after in (
        ("/review", "h2 bdi + bdi, h2 span bdi", "h2 time, h2 span span"),
        ("/review/articles", ".articles a", ".articles .small"),
    ):
        desk.opens(path)
        ends = "return document.querySelector(arguments[0]).getBoundingClientRect()"
        before, behind = (desk.chrome.execute_script(ends, one) for one in (title, after))
        assert before["right"] <= behind["left"], path


@pytest.mark.usefixtures("three")
def test_who_always_wants_to_see_the_words_sees_them(sits_down: Desks) -> None:
    desk = sits_down("isla")
    desk.clicks("button[name=words]")
    assert "wanker" in desk.sees("mark")
    desk.decides("n")
    assert "wanker" in desk.sees("mark")


@pytest.mark.usefixtures("three")
def test_the_keys_are_shown_and_can_be_turned_off(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla")
    desk.decides("n")
    desk.presses("?")
    assert "undo the last decision" in desk.sees("dialog")
    desk.chrome.find_element(By.ID, "keys-on").click()
    desk.presses(Keys.ESCAPE)
    desk.presses("f")
    desk.opens("/review")
    assert verdicts(db, "first") == []


def test_several_at_once_by_keyboard(sits_down: Desks, flag: Flag, db: Database) -> None:
    for number in range(3):
        flag(f"c{number}", author="Tam")
    desk = sits_down("isla")
    desk.decides("n")
    desk.decides("a")
    assert "Waiting from Tam" in desk.sees("h1")
    desk.decides("9")
    assert [verdicts(db, f"c{number}") for number in range(3)] == [["remove"]] * 3
    desk.decides("u")
    assert "3 decisions undone." in desk.sees()
    assert item(db, "c0").state == "open"


@pytest.mark.usefixtures("three")
def test_without_javascript(sits_down: Desks, db: Database) -> None:
    desk = sits_down("isla", javascript=False)
    desk.clicks("a.primary")
    assert desk.item == "first"
    assert not desk.chrome.find_element(By.CSS_SELECTOR, ".needs-js").is_displayed()
    desk.chrome.find_element(By.CSS_SELECTOR, "label.reveal").click()
    assert "wanker" in desk.sees("mark")
    desk.clicks("button[name=remove][value='2']")
    assert (desk.item, verdicts(db, "first")) == ("second", ["remove"])
    desk.clicks(".undo button")
    assert (desk.item, verdicts(db, "first")) == ("first", ["remove", "undo"])
    desk.clicks("button.leave")
    assert desk.item == "second"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
@pytest.mark.parametrize("pixels", [1280, 390])
def test_an_attack_is_shown_and_runs_nothing(sits_down: Desks, db: Database, *, javascript: bool, pixels: int) -> None:
    reason = FlagReason("<b>bold</b>", "insult", 0.9, 0.5, (Span(2, 9, "insult", 1.0),))
    author = "<u>" + "x" * 252
    with db.write() as session:
        article = Article(id="a", title="<i>A</i>" + "x" * 1_900, body="<u>b</u>" + "x" * 300, section=author)
        save_article(session, article)
        comment = Comment(id="c", article_id="a", text=ATTACK, author=author)
        save_comment(session, comment, Judgement("b1", None, (reason,)))
    desk = sits_down("isla", javascript=javascript)
    desk.is_as_wide_as(pixels)
    for path in ("/review", "/review/comments/c", f"/review/batch?author={author}", "/review/articles"):
        desk.opens(path)
        assert "owned" not in desk.chrome.title
        assert desk.chrome.find_elements(By.CSS_SELECTOR, "main img, main script, main i, main u, main b") == []
        # Nothing reaches beyond the screen.
        assert desk.asks(BEYOND_THE_SCREEN) == 0, path
        assert desk.complaints == []
    desk.opens("/review/comments/c")
    shown = desk.chrome.find_element(By.CSS_SELECTOR, ".itself .text").get_attribute("textContent")
    assert ATTACK[9:] in str(shown)
