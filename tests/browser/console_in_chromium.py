"""A moderator's day in a real Chromium: by keyboard, by mouse, without JavaScript.

Not part of `make test`, which needs nothing but Python: its name does not
begin with `test_`. `make test-browser` runs it.
"""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from model.records import Article, Comment, Span
from service.database import Database
from service.demo import Loaded, load_demo
from service.people import create_user
from service.records import FlagReason, Item, Judgement
from service.review import get_item
from service.store import save_article, save_comment

FLAGGED = "demo-17"
WORDS = "I know which street that councillor lives in."
SECONDS = 10
BEYOND_THE_SCREEN = "const page = document.documentElement; return page.scrollWidth - page.clientWidth"

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
_NO_JAVASCRIPT = {"profile.managed_default_content_settings.javascript": 2}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Serve the app on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def loaded(store: Database, scorer: Any) -> Loaded:
    """Load the demo."""
    return load_demo(store, scorer)


@pytest.fixture
def browser(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Chrome]:
    """Start Chromium; with the parameter "without JavaScript", without JavaScript."""
    chromium, driver = which("chromium"), which("chromedriver")
    if not chromium or not driver:
        pytest.fail("This test drives a real browser: apt-get install chromium chromium-driver.")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,900"):
        options.add_argument(flag)
    if getattr(request, "param", None) == "without JavaScript":
        options.add_experimental_option("prefs", _NO_JAVASCRIPT)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=ChromeService(driver))
    yield chrome
    chrome.quit()


def log_in(browser: Chrome, address: str, name: str, password: str) -> None:
    browser.get(f"{address}/review")
    browser.find_element(By.ID, "name").send_keys(name)
    browser.find_element(By.ID, "password").send_keys(password)
    leave(browser, lambda: browser.find_element(By.ID, "password").send_keys(Keys.ENTER))


def leave(browser: Chrome, act: Callable[[], object]) -> None:
    """Do what leads to another page, and wait for that."""
    page = browser.find_element(By.TAG_NAME, "html")
    act()
    WebDriverWait(browser, SECONDS).until(staleness_of(page))


def press(browser: Chrome, *keys: str) -> None:
    ActionChains(browser).send_keys(*keys).perform()


def card(browser: Chrome, words: str) -> WebElement:
    return next(found for found in browser.find_elements(By.CSS_SELECTOR, ".card") if words in found.text)


def focused(browser: Chrome) -> str:
    found = browser.execute_script("return document.activeElement.closest('.card')?.id ?? ''")
    return str(found)


def item(store: Database, comment_id: str) -> Item:
    with store.read() as session:
        return get_item(session, comment_id)


def complaints(browser: Chrome) -> list[str]:
    entries = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [str(entry["message"]) for entry in entries if entry["level"] != "INFO"]


@pytest.fixture
def desk(browser: Chrome, address: str, loaded: Loaded) -> Chrome:
    """Log the demo's moderator in."""
    log_in(browser, address, loaded.moderator, str(loaded.password))
    return browser


def test_by_keyboard(desk: Chrome, store: Database) -> None:
    cards = [found.get_attribute("id") for found in desk.find_elements(By.CSS_SELECTOR, ".card")]
    press(desk, "j")
    assert focused(desk) == cards[0]
    while WORDS not in desk.switch_to.active_element.text:
        press(desk, "j")
    place = cards.index(focused(desk))
    leave(desk, lambda: press(desk, "d"))
    assert focused(desk) == cards[place + 1]
    assert item(store, FLAGGED).state == "decided"
    leave(desk, lambda: press(desk, "u"))
    assert WORDS in desk.switch_to.active_element.text
    assert [decision.verdict for decision in item(store, FLAGGED).decisions] == ["remove", "undo"]
    leave(desk, lambda: press(desk, "o"))
    assert desk.current_url.endswith(f"/review/comments/{FLAGGED}")
    leave(desk, lambda: press(desk, "f"))
    assert item(store, FLAGGED).state == "decided"
    assert complaints(desk) == []


def test_by_mouse(desk: Chrome, store: Database) -> None:
    leave(desk, card(desk, WORDS).find_element(By.CSS_SELECTOR, "a.open").click)
    assert "Nobody has decided on it yet." in desk.find_element(By.TAG_NAME, "main").text
    leave(desk, desk.find_element(By.CSS_SELECTOR, "button[value=escalate]").click)
    assert item(store, FLAGGED).state == "escalated"
    leave(desk, desk.find_element(By.CSS_SELECTOR, ".undo button").click)
    assert item(store, FLAGGED).state == "open"
    assert complaints(desk) == []


@pytest.mark.parametrize("browser", ["without JavaScript"], indirect=True)
def test_without_javascript(desk: Chrome, store: Database) -> None:
    assert not desk.find_element(By.CSS_SELECTOR, ".needs-js").is_displayed()
    leave(desk, card(desk, WORDS).find_element(By.CSS_SELECTOR, "button[value=remove]").click)
    assert item(store, FLAGGED).state == "decided"
    leave(desk, desk.find_element(By.CSS_SELECTOR, ".undo button").click)
    assert card(desk, WORDS)


def test_words_are_masked_until_a_key_is_pressed(desk: Chrome) -> None:
    cards = desk.find_elements(By.CSS_SELECTOR, ".card")
    marked = next(found for found in cards if found.find_elements(By.TAG_NAME, "mark"))
    mark = marked.find_element(By.TAG_NAME, "mark")
    assert "•" in mark.text
    while focused(desk) != marked.get_attribute("id"):
        press(desk, "j")
    press(desk, "w")
    assert "•" not in mark.text
    press(desk, "w")
    assert "•" in mark.text


def test_a_verdict_key_needs_a_comment_in_focus(desk: Chrome, store: Database) -> None:
    left = len(desk.find_elements(By.CSS_SELECTOR, ".card"))
    press(desk, "d")
    assert focused(desk) == desk.find_element(By.CSS_SELECTOR, ".card").get_attribute("id")
    assert len(desk.find_elements(By.CSS_SELECTOR, ".card")) == left
    assert item(store, FLAGGED).decisions == ()


def test_single_keys_can_be_turned_off(desk: Chrome) -> None:
    press(desk, "?")
    desk.find_element(By.ID, "keys-on").click()
    press(desk, Keys.ESCAPE)
    press(desk, "j")
    assert focused(desk) == ""


@pytest.mark.parametrize("browser", ["with JavaScript", "without JavaScript"], indirect=True)
def test_a_hostile_comment_runs_nothing_and_fits_on_a_phone(browser: Chrome, address: str, store: Database) -> None:
    text = '<script>document.title = "owned"</script>"><img src=x onerror="document.title=1">\u202eevil' + "x" * 20_000
    reason = FlagReason("<b>bold</b>", "insult", 0.9, 0.5, (Span(2, 9, "insult", 1.0),))
    with store.write() as session:
        save_article(session, Article(id="a", title="<i>A</i>", body="b"))
        comment = Comment(id="c", article_id="a", text=text, author="<u>x")
        save_comment(session, comment, Judgement("b1", None, (reason,)))
        password = create_user(session, "isla")
    log_in(browser, address, "isla", password)
    size = {"width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    for page in ("/review", "/review/comments/c"):
        browser.get(address + page)
        assert "owned" not in browser.title
        assert browser.find_elements(By.CSS_SELECTOR, "main img, main script, main i, main u, main b") == []
        # Nothing reaches beyond the screen (the scroll bar takes some of the 360 pixels).
        assert browser.execute_script(BEYOND_THE_SCREEN) == 0
        assert complaints(browser) == []
