"""Admins choose how much is flagged and shown, whether slurs are masked, and the newsroom's clock."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from model.scoring.scorer import Scorer
from service import create_app
from service.storage import audit
from service.storage.database import Database
from service.storage.tables.comments import ScoreRow
from service.triage.order import Shares
from tests.conftest import Person


@pytest.fixture
def admin(person: Callable[..., Person]) -> Person:
    return person("callum", "admin")


def in_words(page: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def thresholds(client: FlaskClient) -> dict[str, float]:
    """Return where the reasons begin that a call is answered."""
    (result,) = client.post("/v1/scores", json={"comments": [{"text": "You are a stupid idiot."}]}).get_json()[
        "results"
    ]
    return {reason["attribute"]: reason["threshold"] for reason in result["reasons"]}


def test_an_operating_point_holds_from_the_next_comment_on(
    admin: Person, client: FlaskClient, scorer: Scorer, db: Database
) -> None:
    points = scorer.manifest.operating_points
    assert thresholds(client)["insult"] == points["balanced"].thresholds["insult"]
    answer = admin.sends("/review/settings", operating_point="thorough")

    assert (answer.status_code, answer.location) == (303, "/review/settings")
    assert thresholds(client)["insult"] == points["thorough"].thresholds["insult"]
    page = admin.reads("/review/settings").text
    assert 'value="thorough" checked' in page
    assert "Changed by callum , " in in_words(page)
    with db.read() as session:
        (entry,) = (one for one in audit.entries(session) if one.what.startswith("setting"))
    assert (entry.what, entry.about, entry.why) == ("setting.change", "operating_point", "balanced → thorough")
    assert (entry.who, entry.via) == ("callum", "console")


def test_the_shares_decide_what_is_shown_next(
    admin: Person, person: Callable[..., Person], flag: Callable[..., None]
) -> None:
    for number in range(2):
        flag(f"safety {number}")
        flag(f"random {number}", stream="random", score=0.1)
    admin.sends("/review/settings", safety="0", doubt="0", random="100")
    isla = person("isla")

    shown = isla.is_shown_next()
    assert shown is not None
    assert shown.startswith("random")


def test_slurs_are_masked_as_the_newsroom_has_it_until_somebody_chooses(
    admin: Person, person: Callable[..., Person], flag: Callable[..., None]
) -> None:
    flag("c1")
    isla, rory = person("isla"), person("rory")
    rory.sends("/review/words", form="/review", words="masked")

    def ticked(somebody: Person) -> bool:
        return bool(re.search(r'class="unmask"[^>]* checked', somebody.reads("/review/comments/c1").text))

    assert (ticked(isla), ticked(rory)) == (False, False)
    admin.sends("/review/settings", slurs="shown")
    assert (ticked(isla), ticked(rory)) == (True, False)


def test_the_clock_and_the_bank_holidays_are_the_newsrooms(admin: Person) -> None:
    admin.sends("/review/settings", timezone="Europe/Berlin")
    admin.sends("/review/settings", holidays="DE/BE")

    page = in_words(admin.reads("/review/settings").text)
    assert "All times are Europe/Berlin time." in page
    assert len(re.findall(r"\w{3} \d+ \w{3} \d{4}, ", page.partition("The next ones: ")[2])) == 3
    assert "Bank holidays: DE/BE." in in_words(admin.reads("/review/rota").text)
    admin.sends("/review/settings", holidays="none")
    assert "There are none." in in_words(admin.reads("/review/settings").text)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"operating_point": "lax"}, "'lax' was not saved: it should be 'cautious', 'balanced' or 'thorough'."),
        ({"safety": "75", "doubt": "20", "random": "6"}, "it should be three whole numbers that add up to 100"),
        ({"safety": "110", "doubt": "-20", "random": "10"}, "it should be three whole numbers that add up to 100"),
        ({"safety": "100"}, "it should be three whole numbers that add up to 100"),
        ({"slurs": "\0"}, "it should be 'masked' or 'shown'."),
        ({"timezone": "Europe/Glasgow"}, "it should be a time zone such as Europe/London."),
        ({"timezone": "../../etc/passwd"}, "it should be a time zone such as Europe/London."),
        ({"timezone": ""}, "it should be a time zone such as Europe/London."),
        ({"holidays": "GB/Yorkshire"}, "it should be a country such as IE"),
        ({"holidays": "HolidayBase"}, "it should be a country such as IE"),
        ({"operating_point": "thorough", "slurs": "<b>"}, "'<b>' was not saved"),
        ({"lease": "5"}, "Belowline refused the request (HTTP 400). Nothing was recorded."),
        ({}, "Belowline refused the request (HTTP 400). Nothing was recorded."),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    admin: Person, app: Flask, fields: dict[str, str], message: str, db: Database
) -> None:
    before = app.extensions["belowline.choices"].now
    answer = admin.sends("/review/settings", **fields)

    assert (answer.status_code, app.extensions["belowline.choices"].now) == (400, before)
    assert message in in_words(answer.text).replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">")
    with db.read() as session:
        assert [one.what for one in audit.entries(session) if one.what.startswith("setting")] == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"timezone": "Europe/Glasgow"}, "timezone"),
        ({"holidays": "GB/Yorkshire"}, "holidays"),
        ({"safety": "75", "doubt": "20", "random": "6"}, "safety"),
    ],
)
def test_the_page_opens_at_what_was_not_saved(admin: Person, fields: dict[str, str], field: str) -> None:
    page = admin.sends("/review/settings", **fields).text

    assert re.findall(r'<input[^>]* id="(\w+)"[^>]* autofocus', page) == [field]


def test_the_same_again_is_no_change(admin: Person, db: Database) -> None:
    admin.sends("/review/settings", safety="75", doubt=" 20", random="5")

    assert "It was already set like that." in admin.reads("/review/settings").text
    with db.read() as session:
        assert [one.what for one in audit.entries(session) if one.what.startswith("setting")] == []


@pytest.fixture
def fixed(database_url: str, scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Yield a service whose environment fixes the operating point, and whose `create_app` the shares."""
    monkeypatch.setenv("BELOWLINE_OPERATING_POINT", "cautious")
    given = {"DATABASE": database_url, "SCORER": scorer, "SECRET_KEY": "only for tests", "KEYS_REQUIRED": False}
    app = create_app({**given, "SHARES": Shares(60, 30, 10)})
    yield app
    app.extensions["belowline.database"].close()


def test_what_the_environment_sets_goes_before_what_was_chosen(admin: Person, fixed: Flask, scorer: Scorer) -> None:
    """The other service on the same database has no such environment: there the choice holds."""
    admin.sends("/review/settings", operating_point="thorough")
    admin.sends("/review/settings", slurs="shown")
    choices = fixed.extensions["belowline.choices"]
    choices.look()

    assert (choices.now.operating_point, choices.now.shares, choices.now.slurs) == (
        "cautious",
        Shares(60, 30, 10),
        "shown",
    )
    assert (
        thresholds(fixed.test_client())["insult"] == scorer.manifest.operating_points["cautious"].thresholds["insult"]
    )


def test_a_fixed_setting_is_shown_with_its_variable_and_refused(
    fixed: Flask, person: Callable[..., Person], db: Database
) -> None:
    admin = person("callum", "admin")
    with fixed.test_client() as client:
        client.set_cookie("belowline", admin.client.get_cookie("belowline").value)  # type: ignore[union-attr]
        there = Person(client)
        page = there.reads("/review/settings").text
        answer = there.sends("/review/settings", operating_point="thorough")

    assert re.findall(r"Fixed by <code>(\w+)</code>", page) == ["BELOWLINE_OPERATING_POINT", "BELOWLINE_SHARES"]
    assert re.findall(r"<button>Save<span class=\"vh\">: ([^<]+)", page) == [
        "Slurs",
        "Language of the console",
        "The newsroom’s clock",
        "Bank holidays",
    ]
    assert answer.status_code == 400
    assert "This is fixed by BELOWLINE_OPERATING_POINT where the service runs." in answer.text
    with db.read() as session:
        assert [one.what for one in audit.entries(session) if one.what.startswith("setting")] == []


def test_the_page_says_how_many_flags_each_point_would_have_made_last_week(
    admin: Person, client: FlaskClient, article: str, db: Database, scorer: Scorer
) -> None:
    texts = ["You are an idiot.", "What a stupid idea.", "The bridge should stay open.", "Shut up, you moron.", "Damn."]
    for number, written in enumerate(texts):
        client.post("/v1/comments", json={"id": f"c{number}", "article_id": article, "text": written})
    now = datetime.now(UTC)
    with db.write() as session:
        # Neither of last week, nor of this bundle.
        old = {"comment_id": "c0", "revision": 1, "scores": {"insult": 1.0}, "spans": [], "subjects": None}
        session.execute(
            insert(ScoreRow),
            [
                {**old, "bundle_version": scorer.manifest.version, "scored_at": now - timedelta(days=8)},
                {**old, "bundle_version": "another", "scored_at": now - timedelta(days=1)},
            ],
        )
        scores = [client.get(f"/v1/comments/c{number}").get_json()["scores"] for number in range(len(texts))]
    page = in_words(admin.reads("/review/settings").text)

    for name, point in scorer.manifest.operating_points.items():
        flags = sum(any(one[key] >= least for key, least in point.thresholds.items() if key in one) for one in scores)
        counted = f"{flags} flag" if flags == 1 else f"{flags} flags"
        assert f"{name.capitalize()} : {counted} last week, {100 * flags / len(texts):.1f}% of the comments" in page
    assert "Counted over 5 comments that the bundle in use scored in the last seven days" in page
    assert "One more was scored by another bundle and is left out" in page


def test_without_scores_there_is_nothing_to_count(admin: Person) -> None:
    page = in_words(admin.reads("/review/settings").text)
    assert "The bundle in use has scored nothing in the last seven days" in page
    assert "flags last week" not in page
