"""The report form in a frame on a newspaper's own page, with the lines that docs/moderation.md gives."""

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.conftest import SECONDS

DOCS = Path(__file__).parents[2] / "docs/moderation.md"


@pytest.fixture
def newspaper(app: Flask, address: str, flag: Callable[..., None]) -> Iterator[str]:
    """Return the address of a page that frames the form, on another port and so of another origin."""
    flag("c1")
    found = re.search(r"```html\n(<iframe.*?)```", DOCS.read_text(), re.DOTALL)
    assert found
    page = f"<!doctype html><title>Paper</title>{found[1]}".replace("https://moderation.paper.example", address)

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    app.config["FRAME_ANCESTORS"] = [origin]
    yield origin
    server.shutdown()
    thread.join()
    server.server_close()


def frame_fits(desk: Any) -> bool:
    """Return whether all of the form is seen without scrolling in the frame."""
    height = desk.asks("return document.querySelector('iframe.report').clientHeight")
    desk.chrome.switch_to.frame(0)
    needed = desk.asks("return document.documentElement.scrollHeight")
    low = desk.asks("return document.querySelector('main').getBoundingClientRect().bottom")
    desk.chrome.switch_to.default_content()
    return bool(low <= height == needed)


def test_the_frame_takes_the_height_of_the_form(newspaper: str, sits_down: Callable[..., Any], tmp_path: Path) -> None:
    desk = sits_down("anna")
    wait = WebDriverWait(desk, SECONDS)
    for pixels in (1366, 390, 280):
        desk.is_as_wide_as(pixels)
        desk.chrome.get(newspaper)
        wait.until(frame_fits)
        desk.chrome.save_screenshot(str(tmp_path / f"{pixels}.png"))
    desk.chrome.switch_to.frame(0)
    desk.asks("document.querySelector('[value=insult]').click(); document.querySelector('button').click()")
    wait.until(lambda desk: "Thank you" in desk.sees())
    desk.chrome.switch_to.default_content()
    wait.until(frame_fits)
    assert desk.asks("return document.querySelector('iframe.report').clientHeight") < 300
    assert desk.complaints == []


def test_without_javascript_the_button_can_be_reached(newspaper: str, sits_down: Callable[..., Any]) -> None:
    desk = sits_down("max", javascript=False)
    desk.chrome.get(newspaper)
    desk.chrome.switch_to.frame(0)
    desk.chrome.find_element("css selector", "[value=insult]").click()
    desk.leaves(desk.chrome.find_element("css selector", "button").click)
    assert "Thank you" in desk.sees()
