"""The settings: what the environment says, what is refused, and that one list has them all."""

from datetime import timedelta
from typing import Any

import pytest

from service.app import build
from service.settings import SettingError, Settings
from service.triage.order import Shares

HOLIDAYS = "it should be a country such as IE, a country and its region such as GB/Scotland, or none."


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in Settings.describe():
        monkeypatch.delenv(setting.name, raising=False)


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("DATABASE", "postgresql+psycopg://paper@db/belowline", "postgresql+psycopg://paper@db/belowline"),
        ("CORAL_SECRETS", "one,two three", ["one", "two", "three"]),
        ("CORAL_ABUSE", "withhold", "withhold"),
        ("AKISMET", "1", True),
        ("DISCOURSE", "0", False),
        ("CORS_ORIGINS", "https://paper.example http://[::1]:3000", ["https://paper.example", "http://[::1]:3000"]),
        ("LONGEST_COMMENT", "5000", 5000),
        ("RATE_LIMIT", "off", "off"),
        ("RATE_LIMIT_ADDRESS", "3/second", "3/second"),
        ("PROXIES", "2", 2),
        ("REPORTER_HALF_LIFE", "30", timedelta(days=30)),
        ("SHARES", "60, 30, 10", Shares(60, 30, 10)),
        ("RANDOM_RATE", "1", 1.0),
        ("LEASE", "240", timedelta(minutes=240)),
        ("BLIND_SHARE", "0", 0.0),
        ("OIDC_CLAIM", "sub", "sub"),
    ],
)
def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, name: str, given: str, value: Any) -> None:
    monkeypatch.setenv(f"BELOWLINE_{name}", given)

    assert getattr(Settings.read(), name.lower()) == value


@pytest.mark.parametrize(
    ("name", "given", "what_to_do"),
    [
        ("CORAL_OFF_TOPIC", "hide", "it should be 'ignore', 'flag', 'premod', 'withhold' or 'reject'."),
        ("DISCOURSE", "true", "set it to 1, or to 0 for off."),
        ("RATE_LIMIT_ADDRESS", "5/fortnight", "write it as 600/minute (or second, hour), or off."),
        ("PROXIES", "-1", "it should be a whole number from 0 to 10."),
        ("PROXIES", "11", "it should be a whole number from 0 to 10."),
        ("LONGEST_COMMENT", "70000", "it should be a whole number of characters from 1 to 65,536."),
        ("REPORTER_HALF_LIFE", "0", "it should be a whole number of days from 1 to 36,500."),
        ("SHARES", "75,20", "it should be three whole numbers that add up to 100, such as 75,20,5."),
        ("SHARES", "75,20,6", "it should be three whole numbers that add up to 100, such as 75,20,5."),
        ("OPERATING_POINT", "lax", "it should be 'cautious', 'balanced' or 'thorough'."),
        ("SLURS", "hidden", "it should be 'masked' or 'shown'."),
        ("TIMEZONE", "Europe/Glasgow", "it should be a time zone such as Europe/London."),
        ("HOLIDAYS", "GB/Yorkshire", HOLIDAYS),
        ("HOLIDAYS", "Scotland", HOLIDAYS),
        ("HOLIDAYS", "HolidayBase", HOLIDAYS),
        ("RANDOM_RATE", "often", "it should be a number from 0 to 1."),
        ("BLIND_SHARE", "nan", "it should be a number from 0 to 1."),
        ("LEASE", "241", "it should be a whole number of minutes from 1 to 240."),
        ("LEASE", "٣", "it should be a whole number of minutes from 1 to 240."),
    ],
)
def test_a_wrong_value_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, what_to_do: str
) -> None:
    monkeypatch.setenv(f"BELOWLINE_{name}", given)

    with pytest.raises(SettingError) as refused:
        Settings.read()
    assert str(refused.value) == f"BELOWLINE_{name} is {given!r}: {what_to_do}"


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = Settings.read()
    for setting in Settings.describe():
        monkeypatch.setenv(setting.name, "")

    assert Settings.read() == unset


def test_what_create_app_is_given_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch, database_url: str, scorer: Any
) -> None:
    monkeypatch.setenv("BELOWLINE_LEASE", "10")
    monkeypatch.setenv("BELOWLINE_PUBLIC_URL", "https://set.example")
    monkeypatch.setenv("BELOWLINE_SIGNING_KEY", "none of Flask's business")
    given = {"DATABASE": database_url, "SCORER": scorer, "SECRET_KEY": "x", "PUBLIC_URL": "https://given.example"}
    app = build({**given, "SHARES": Shares(60, 30, 10), "PREFERRED_URL_SCHEME": "https"})
    app.extensions["belowline.database"].close()

    found = {
        name: app.config.get(name) for name in ("PUBLIC_URL", "LEASE", "SHARES", "PREFERRED_URL_SCHEME", "SIGNING_KEY")
    }
    assert found == {
        "PUBLIC_URL": "https://given.example",
        "LEASE": timedelta(minutes=10),
        "SHARES": Shares(60, 30, 10),
        "PREFERRED_URL_SCHEME": "https",
        "SIGNING_KEY": None,
    }


def test_an_error_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELOWLINE_OIDC_ISSUER", "https://id.paper.example")
    monkeypatch.setenv("BELOWLINE_OIDC_CLIENT_SECRET", "hush")

    with pytest.raises(SettingError, match="BELOWLINE_OIDC_CLIENT_ID must be set too") as refused:
        Settings.read()
    assert "hush" not in f"{refused.value!r} {refused.value.__cause__!r} {refused.value.__context__!r}"
