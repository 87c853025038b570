"""A real Chromium, and the service behind a real port."""

import threading
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from werkzeug.serving import make_server

from service.database import Database
from service.demo import Loaded, load_demo

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
    """Start Chromium; with the marker `without_javascript`, without JavaScript."""
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
