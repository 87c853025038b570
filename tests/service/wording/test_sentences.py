"""What the rooms below say is found again by its pattern, and shown in the language of the page."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import service
from model.attributes import ATTRIBUTES
from model.reasons.policy import review_reasons
from model.records import Scores
from service.moderation.reports import REASONS
from service.wording import sentences
from service.wording.sentences import language_name, reason_name, role_name, told, verdict_name

ROOT = Path(service.__file__).parent
#: The rooms whose refusals a form of the console shows.
ROOMS = ("accounts", "finding", "moderation", "staffing", "storage/amended.py", "storage/audit.py", "webhooks")
#: What no page can show: it is said to programs alone, in a terminal or at the start.
ELSEWHERE = (
    "The verdict 'amend' goes with",
    "Only the verdict 'undo' names",
    "BELOWLINE_",
    "is not a head of the audit",
    "cannot be read or created",
    "is empty: delete it",
)
REFUSALS = {"InvalidInput", "UnknownRecord", "Conflict", "Erased", "Tampered"}


@pytest.fixture
def german(app: Flask) -> Iterator[None]:
    """Ask for a page in German."""
    with app.test_request_context("/review", headers={"Accept-Language": "de"}):
        yield


def refusals() -> Iterator[str]:
    """Yield what the rooms' code says when it refuses something, each value in it replaced by a word."""
    for room in ROOMS:
        path = ROOT / room
        for file in path.rglob("*.py") if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in REFUSALS and node.args:
                    yield from said(node.args[0])


def said(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant):
        yield str(node.value)
    if isinstance(node, ast.JoinedStr):
        # The one name that is put in is that of a rule's part.
        parts = [str(part.value) if isinstance(part, ast.Constant) else "title" for part in node.values]
        yield "".join(parts)


@pytest.mark.usefixtures("german")
def test_whatever_a_room_refuses_is_said_in_german_too() -> None:
    told_to_pages = [words for words in refusals() if not any(part in words for part in ELSEWHERE)]

    assert len(told_to_pages) > 40
    assert [words for words in told_to_pages if told(words) == words] == []


@pytest.mark.usefixtures("german")
def test_a_reason_is_said_in_german() -> None:
    values = {attribute.name: 0.97 for attribute in ATTRIBUTES}
    reasons = review_reasons(Scores(values=values), dict.fromkeys(values, 0.5))

    assert {reason.attribute: told(reason.sentence) for reason in reasons} == {
        "toxicity": "Eingeschätzt als toxisch: Bei solchen Werten trifft das auf 97 von 100 Kommentaren zu.",
        "severe_toxicity": "Eingeschätzt als stark toxisch: Bei solchen Werten trifft das auf 97 von 100 Kommentaren "
        "zu.",
        "insult": "Eingeschätzt als Beleidigung: Bei solchen Werten trifft das auf 97 von 100 Kommentaren zu.",
        "profanity": "Eingeschätzt als vulgär: Bei solchen Werten trifft das auf 97 von 100 Kommentaren zu.",
        "threat": "Eingeschätzt als Drohung: Bei solchen Werten trifft das auf 97 von 100 Kommentaren zu.",
        "identity_attack": "Eingeschätzt als Angriff auf Menschen wegen dessen, was sie sind: Bei solchen Werten "
        "trifft das auf 97 von 100 Kommentaren zu.",
        "off_topic": "Hat offenbar nichts mit dem Artikel zu tun: Bei solchen Werten gehen 97 von 100 Kommentaren "
        "am Thema vorbei.",
        "likely_to_reject": "Eingeschätzt als etwas, das diese Redaktion meist entfernt: Bei solchen Werten trifft das "
        "auf 97 von 100 Kommentaren zu.",
    }


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("There is no moderator 'isla'.", "Das Konto „isla“ gibt es nicht."),
        # A value is somebody's own: it stays as it is, whatever it says.
        ("There is no moderator 'abusive'.", "Das Konto „abusive“ gibt es nicht."),
        ("There is no moderator '%(name)s %s %%'.", "Das Konto „%(name)s %s %%“ gibt es nicht."),
        # As Python quotes a name with an apostrophe.
        ('There is no moderator "O\'Hara".', "Das Konto „O'Hara“ gibt es nicht."),
        ("There is no comment 'a\nb'.", "Den Kommentar „a\nb“ gibt es nicht."),
        # A sentence within one is translated too.
        (
            "Could not be scored, so a person has to look: The comment has no text to score.",
            (
                "Ließ sich nicht bewerten, deshalb muss ein Mensch ihn ansehen: Der Kommentar hat keinen Text, der "
                "sich bewerten ließe."
            ),
        ),
        (
            "Second look: it was kept, but going by decisions on similar comments it would have been removed (81%).",
            (
                "Zweiter Blick: Der Kommentar blieb stehen, aber nach den Entscheidungen zu ähnlichen wäre er entfernt "
                "worden (81\xa0%)."
            ),
        ),
        # What nobody has listed stays in English.
        ("The moon is full.", "The moon is full."),
        ("", ""),
    ],
)
def test_a_sentence_is_found_by_its_pattern(english: str, translated: str) -> None:
    assert told(english) == translated


def test_a_page_in_english_says_it_as_it_is(app: Flask) -> None:
    with app.test_request_context("/review", headers={"Accept-Language": "en"}):
        assert all(told(sentence) == sentence for sentence in sentences.SENTENCES)


@pytest.mark.usefixtures("german")
def test_what_readers_choose_from_is_in_german() -> None:
    assert [told(words) for words in REASONS.values() if told(words) == words] == []
    assert [reason for reason in REASONS if reason_name(reason) == reason] == []


@pytest.mark.usefixtures("german")
def test_names_are_in_german_and_a_programs_own_stay() -> None:
    assert (verdict_name("keep"), role_name("lead"), language_name("fr")) == ("stehen lassen", "Leitung", "Französisch")
    assert (verdict_name("hold"), role_name("none"), reason_name("Spam!")) == ("hold", "none", "Spam!")


def test_a_refused_form_says_why_in_german(person: Callable[..., Any]) -> None:
    isla = person("isla", "admin")
    isla.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"

    page = isla.sends("/review/people", name="isla", role="lead")

    assert "Das Konto „isla“ gibt es schon." in page.text


def test_the_api_keeps_its_english(client: FlaskClient) -> None:
    answer = client.get("/v1/articles/none", headers={"Accept-Language": "de"})

    assert answer.get_json()["detail"].startswith("There is no article 'none'")
