"""A real Chromium before a real server."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from service.accounts.users import create_user
from service.storage.database import Database

#: How long a page may take: less than a second, but a busy machine must not fail the test.
SECONDS = 60
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
)
_NO_JAVASCRIPT = {"profile.managed_default_content_settings.javascript": 2}


class Desk:
    """A moderator in front of a browser."""

    def __init__(self, chrome: Chrome, address: str) -> None:
        self.chrome = chrome
        self.address = address

    def logs_in(self, name: str, password: str) -> None:
        """Fill in the form that any page leads to."""
        self.chrome.get(f"{self.address}/review")
        self.chrome.find_element(By.ID, "name").send_keys(name)
        self.chrome.find_element(By.ID, "password").send_keys(password)
        self.leaves(lambda: self.chrome.find_element(By.ID, "password").send_keys(Keys.ENTER))

    def opens(self, path: str) -> None:
        """Type an address."""
        self.chrome.get(self.address + path)

    def presses(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.chrome).send_keys(*keys).perform()

    def presses_control(self, key: str) -> None:
        """Press a key with the control key."""
        ActionChains(self.chrome).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()

    def clicks(self, selector: str) -> None:
        """Click on what leads to another page."""
        self.leaves(self.chrome.find_element(By.CSS_SELECTOR, selector).click)

    def leaves(self, act: Callable[[], object]) -> None:
        """Do what leads to another page, and wait for that."""
        self.asks("window.left = true")
        act()
        # Between two pages a question finds none that could answer it.
        wait = WebDriverWait(self.chrome, SECONDS, ignored_exceptions=[WebDriverException])
        wait.until(lambda _: self.asks("return !window.left && document.readyState == 'complete'"))

    def decides(self, key: str) -> None:
        """Press a key that leads to the next item."""
        self.leaves(lambda: self.presses(key))

    def sees(self, selector: str = "main") -> str:
        """Return the words that are shown."""
        return " ".join(self.chrome.find_element(By.CSS_SELECTOR, selector).text.split())

    @property
    def item(self) -> str:
        """Return which item is open."""
        found = self.chrome.find_element(By.CSS_SELECTOR, ".verdicts [name=comment_id]").get_attribute("value")
        return str(found)

    @property
    def path(self) -> str:
        """Return where the browser is."""
        return str(self.chrome.current_url).removeprefix(self.address)

    def asks(self, script: str) -> Any:
        """Run a line of JavaScript and return its value."""
        return self.chrome.execute_script(script)

    def is_as_wide_as(self, pixels: int, *, height: int = 900, scheme: str = "light") -> None:
        """Take another screen, light or dark."""
        size = {"width": pixels, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    @property
    def complaints(self) -> list[str]:
        """Return what the browser's console complained of since the last question."""
        entries = self.chrome.get_log("browser")  # type: ignore[no-untyped-call]
        return [str(entry["message"]) for entry in entries if entry["level"] != "INFO"]


@pytest.fixture
def database_url(empty_file: Path, tmp_path: Path) -> str:
    """Return an empty SQLite database: `make test` sees to it that PostgreSQL makes no difference to the pages."""
    return f"sqlite:///{shutil.copy(empty_file, tmp_path / 'belowline.db')}"


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
def sits_down(address: str, db: Database, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Make a moderator, start a browser of their own and log them in there."""
    desks: list[Desk] = []

    def start(name: str, *, role: str = "moderator", javascript: bool = True) -> Desk:
        chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
        if not chromium or not driver:
            pytest.fail("This test drives a real browser: apt-get install chromium chromium-driver.")
        options = ChromeOptions()
        options.binary_location = chromium
        for flag in (*FLAGS, f"--user-data-dir={tmp_path / name}"):
            options.add_argument(flag)
        if not javascript:
            options.add_experimental_option("prefs", _NO_JAVASCRIPT)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        desk = Desk(Chrome(options=options, service=ChromeService(driver)), address)
        desks.append(desk)
        with db.write() as session:
            password = create_user(session, name, role)
        desk.logs_in(name, password)
        return desk

    yield start
    for desk in desks:
        desk.chrome.quit()
