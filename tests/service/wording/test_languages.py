"""Pages in more than one language: the console in the newsroom's or each browser's, the report form in the reader's."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.settings import SettingError, Settings
from service.staffing.languages import languages

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}


def test_pages_are_in_english_and_german() -> None:
    assert languages() == ("en", "de")


@pytest.mark.parametrize(
    ("asked", "tag", "title"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de", "Anmelden"),
        ("de", "de", "Anmelden"),
        ("en-US,de;q=0.5", "en-GB", "Log in"),
        # Of what nobody has translated yet, the next one counts.
        ("fr,de;q=0.5", "de", "Anmelden"),
        ("fr", "en-GB", "Log in"),
        ("de;q=0,fr", "en-GB", "Log in"),
        ("*", "en-GB", "Log in"),
        ("nonsense;;q=x", "en-GB", "Log in"),
        ("", "en-GB", "Log in"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(
    client: FlaskClient, asked: str, tag: str, title: str
) -> None:
    page = client.get("/review/login", headers={"Accept-Language": asked})

    assert f'<html lang="{tag}">' in page.text
    assert f"<h1>{title}</h1>" in page.text
    assert page.headers["Content-Language"] == tag
    # A cache keeps them apart.
    assert "Accept-Language" in page.vary


def test_the_newsrooms_language_goes_before_a_moderators_browser(app: Flask, client: FlaskClient) -> None:
    app.extensions["belowline.choices"].change({"language": "de"}, who="isla")

    assert "<h1>Anmelden</h1>" in client.get("/review/login", headers={"Accept-Language": "en"}).text


def test_a_moderator_chooses_a_language_of_their_own(app: Flask, person: Callable[..., Any]) -> None:
    isla, rory = person("isla"), person("rory")

    answer = isla.sends("/review/language", "/review/password", language="de")
    assert "Ab jetzt ist die Konsole für Sie in dieser Sprache." in isla.reads(answer.location).text
    assert '<html lang="de">' in isla.reads("/review").text
    assert "<h1>Seite nicht gefunden</h1>" in isla.reads("/review/no/such/page").text
    assert '<option value="de" lang="de" selected>Deutsch</option>' in isla.reads("/review/password").text
    assert '<html lang="en-GB">' in rory.reads("/review").text

    app.extensions["belowline.choices"].change({"language": "de"}, who="mhairi")
    isla.sends("/review/language", "/review/password", language="en")
    assert ('<html lang="en-GB">' in isla.reads("/review").text, '<html lang="de">' in rory.reads("/review").text) == (
        True,
        True,
    )
    # Back to the newsroom's; what is no language of ours is none.
    for none in ("", "fr"):
        isla.sends("/review/language", "/review/password", language=none)
        assert '<html lang="de">' in isla.reads("/review").text


def test_a_reader_reports_in_their_own_language(app: Flask, client: FlaskClient, article: str) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": "The bus is never on time."})
    app.extensions["belowline.choices"].change({"language": "de"}, who="isla")

    said = {asked: client.get("/report/c1", headers={"Accept-Language": asked}).text for asked in ("en-GB", "de", "fr")}

    assert "<h1>Report this comment</h1>" in said["en-GB"]
    assert "Er bedroht jemanden oder ruft zu Gewalt auf" in said["de"]
    # Theirs is none of ours: then it is the newsroom's.
    assert "Er bedroht jemanden oder ruft zu Gewalt auf" in said["fr"]


def test_a_page_about_a_mistake_is_in_the_same_language(client: FlaskClient) -> None:
    page = client.post("/review/login", headers=GERMAN)
    missing = client.get("/report/none", headers=GERMAN)

    assert "Diese Seite ist abgelaufen" in page.text
    assert (missing.status_code, "<h1>Kommentar nicht gefunden</h1>" in missing.text) == (404, True)


def test_the_api_speaks_english_to_programs(client: FlaskClient) -> None:
    answer = client.get("/v1/comments/none", headers=GERMAN)

    assert answer.get_json()["detail"] == "There is no comment 'none'."
    assert "Content-Language" not in answer.headers


def test_the_newsrooms_language_is_one_that_pages_are_in() -> None:
    assert Settings.read(language="de").language == "de"
    with pytest.raises(SettingError, match="BELOWLINE_LANGUAGE is 'fr': it should be 'browser', 'en' or 'de'"):
        Settings.read(language="fr")
