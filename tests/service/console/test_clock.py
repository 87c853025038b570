"""One clock: the newsroom's own, named beside each time, whatever the browser's is."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import service


@pytest.mark.parametrize(
    ("zone", "summer", "winter"),
    [
        ("Europe/London", "1 Jul 2026, 10:05 BST", "1 Jan 2026, 09:05 GMT"),
        ("America/New_York", "1 Jul 2026, 05:05 EDT", "1 Jan 2026, 04:05 EST"),
        ("Europe/Berlin", "1 Jul 2026, 11:05 CEST", "1 Jan 2026, 10:05 CET"),
    ],
)
def test_every_page_tells_the_newsrooms_time_and_names_it(
    person: Callable[..., Any], flag: Callable[..., None], app: Flask, zone: str, summer: str, winter: str
) -> None:
    app.extensions["belowline.choices"].change({"timezone": zone}, who="callum")
    flag("c1", posted_at=datetime(2026, 7, 1, 9, 5, tzinfo=UTC))
    flag("c2", posted_at=datetime(2026, 1, 1, 9, 5, tzinfo=UTC))
    isla = person("isla", "lead")

    for path, told in (("/review", summer), ("/review", winter), ("/review/comments/c2", winter)):
        assert told in isla.reads(path).text
    for path in ("/review", "/review/numbers", "/review/rota", "/review/audit", "/review/rules"):
        page = isla.reads(path).text
        assert f"All times are {zone} time." in page
        assert " UTC" not in page


def test_no_script_tells_the_browsers_time() -> None:
    script = (Path(service.__file__).parent / "static/console.js").read_text()
    assert "Intl." not in script
    assert "toLocale" not in script
