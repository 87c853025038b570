"""`make pictures`: the twelve main pages, taken in Chromium from the running demo, for docs/console.md.

It needs `chromium` and `chromedriver`. The demo gets a moderator for the day, a rota and some decisions first, so
that no page is empty. Pages are shown with slurs masked, as they are unless a moderator wants otherwise.
"""

import base64
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import requests
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By

from service.accounts.users import create_user
from service.staffing.rota import Pattern
from service.staffing.rota_store import add_pattern
from service.storage.database import Database
from tests.browser.conftest import FLAGS, Desk
from tests.served import PATIENCE, Service, command, running

#: The newsroom's clock, where no setting names another.
NEWSROOM = ZoneInfo("Europe/London")
PICTURES = Path(__file__).parents[2] / "docs/pictures"
#: Each picture's name, its page's address and what the page has to say: a page of errors is no picture.
PAGES = (
    ("queue", "/review", "waiting"),
    ("item", "/review/comments/demo-17", "I know which street"),
    ("item-on-a-phone", "/review/comments/demo-19", "This is what you get"),
    ("amend", "/review/amend/demo-08", "Rannoch"),
    ("search", "/review/search?q=bridge", "bridge"),
    ("article", "/review/articles/demo-bridge", "QuayBraeRegular"),
    ("author", "/review/authors/TellItStraight", "TellItStraight"),
    ("history", "/review/history?who=*", "demo"),
    ("numbers", "/review/numbers", "removed"),
    ("rota", "/review/rota", "isla"),
    ("settings", "/review/settings", "Settings"),
    ("report-form", "/report/demo-32", "report"),
)
KEPT = ("demo-29", "demo-24", "demo-36", "demo-22", "demo-39", "demo-40")
REMOVED = {"demo-31": "2", "demo-23": "2", "demo-25": "3", "demo-11": "9"}
#: A picture may weigh so many bytes; all of them together weigh less than 1.5 MB.
HEAVIEST = 125_000


def main() -> None:
    """Start the demo, give it a day's work, and take the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with running(folder, "demo") as service:
            password = re.search(r"Password:\s+(\S+)", service.stdout)
            if password is None:
                sys.exit("The demo printed no password.")
            work(folder, service)
            photograph(Desk(chromium(folder), service.address), password[1])


def work(folder: Path, service: Service) -> None:
    """Make the moderator an admin, add a colleague and a rota, and decide on some comments."""
    command(folder, "set-role", "demo", "admin")
    db = Database(f"sqlite:///{folder / 'var/belowline.db'}")
    with db.write() as session:
        create_user(session, "isla")
        # Somebody is at work, whenever the pictures are taken.
        hour = datetime.now(NEWSROOM).hour
        for name, days, starts, ends in (
            ("demo", ("mon", "tue", "wed", "thu", "fri"), 9, 18),
            ("isla", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), hour, (hour + 6) % 24),
        ):
            add_pattern(session, Pattern(name, frozenset(days), time(starts), time(ends)), who="demo")
    db.close()
    caller = requests.Session()
    caller.trust_env = False
    caller.headers["Authorization"] = f"Bearer {command(folder, 'create-key', 'pictures', '--scope', 'review')}"
    decisions: list[tuple[str, dict[str, str]]] = [(name, {"verdict": "keep"}) for name in KEPT]
    decisions += [(name, {"verdict": "remove", "rule": rule}) for name, rule in REMOVED.items()]
    for name, verdict in decisions:
        address = f"{service.address}/v1/comments/{name}/decisions"
        caller.post(address, json={**verdict, "moderator": "demo"}, timeout=PATIENCE).raise_for_status()


def chromium(folder: Path) -> Chrome:
    """Start the distribution's browser."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        sys.exit("The pictures are taken in a real browser: apt-get install chromium chromium-driver.")
    options = ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, "--hide-scrollbars", "--lang=en-GB", f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(flag)
    return Chrome(options=options, service=ChromeService(driver))


def photograph(desk: Desk, password: str) -> None:
    """Open each page and take its picture."""
    try:
        desk.is_as_wide_as(1366, height=768)
        desk.logs_in("demo", password)
        for name, path, words in PAGES:
            phone = name.endswith("-on-a-phone")
            desk.is_as_wide_as(390 if phone else 1366, height=844 if phone else 768)
            desk.opens(path)
            shown = desk.chrome.find_element(By.TAG_NAME, "body").text
            if words not in shown:
                sys.exit(f"{path} does not say {words!r}:\n{shown[:600]}")
            taken = desk.chrome.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": 70})
            picture = base64.b64decode(taken["data"])
            if len(picture) > HEAVIEST:
                sys.exit(f"{name} weighs {len(picture):,} bytes: lower its quality.")
            (PICTURES / f"{name}.webp").write_bytes(picture)
            print(f"{name}.webp: {len(picture):,} bytes", file=sys.stderr)  # noqa: T201 - progress
    finally:
        desk.chrome.quit()


if __name__ == "__main__":
    started = datetime.now(UTC)
    main()
    print(f"Twelve pictures in {(datetime.now(UTC) - started).seconds} s.", file=sys.stderr)  # noqa: T201
