"""The newspaper's rules: read, cited, changed, and every version kept."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import create_app
from service.moderation.rules import LONGEST_TEXT, MOST_RULES, Rule, change_rules, check_rule, current_rules
from service.storage.database import Database

KIND = Rule("1", "Be kind", "Write as you would speak to a neighbour.", ("insult",))
SUGGESTING = (
    "threat",
    "insult",
    "severe_toxicity",
    "identity_attack",
    "off_topic",
    "profanity",
    "toxicity",
    "court_case",
)
BRIEF = Rule("2b", "Be brief", "Nobody reads a thousand words.")


def decide(client: FlaskClient, key: dict[str, str], rule: str) -> Any:
    body = {"verdict": "remove", "moderator": "isla", "rule": rule}
    return client.post("/v1/comments/c1/decisions", json=body, headers=key)


def form(*rules: Rule) -> dict[str, list[str]]:
    return {
        "number": [rule.number for rule in rules],
        "title": [rule.title for rule in rules],
        "text": [rule.text for rule in rules],
        **{f"attributes-{row}": list(rule.attributes) for row, rule in enumerate(rules)},
    }


def test_there_are_rules_from_the_start(client: FlaskClient) -> None:
    book = client.get("/v1/rules").get_json()

    assert (book["version"], [rule["number"] for rule in book["rules"]]) == (1, [str(n) for n in range(1, 12)])
    assert book["rules"][3]["title"] == "Stay with the article"


@pytest.mark.parametrize(
    ("language", "fourth"),
    [("de", "Beim Thema bleiben"), ("en", "Stay with the article"), ("browser", "Stay with the")],
)
def test_a_newsroom_begins_with_rules_in_its_own_language(tmp_path: Path, language: str, fourth: str) -> None:
    asked = {"LANGUAGE": language, "KEYS_REQUIRED": False, "SECRET_KEY": "only for tests"}
    app = create_app({"DATABASE": f"sqlite:///{tmp_path / 'new.db'}", **asked})
    db: Database = app.extensions["belowline.database"]
    with db.read() as session:
        book = current_rules(session)
    db.close()

    assert book.rules[3].title.startswith(fourth)
    assert [rule.number for rule in book.rules] == [str(n) for n in range(1, 12)]
    suggested = {name: rule.number for name in SUGGESTING if (rule := book.suggested({name}))}
    assert suggested == dict(zip(SUGGESTING, "12234527", strict=True))


def test_a_newsroom_that_turns_german_keeps_its_rules(db: Database) -> None:
    db.upgrade("de")

    with db.read() as session:
        assert current_rules(session).rules[3].title == "Stay with the article"


def test_each_kind_of_abuse_suggests_a_rule(db: Database, scorer: Any) -> None:
    with db.read() as session:
        book = current_rules(session)

    assert {name: rule.number for name in scorer.manifest.thresholds if (rule := book.suggested({name}))} == {
        "toxicity": "2",
        "severe_toxicity": "2",
        "insult": "2",
        "profanity": "5",
        "threat": "1",
        "identity_attack": "3",
        "off_topic": "4",
    }
    assert book.suggested(()) is None
    assert book.suggested({"court_case"}) == book.find("7")


@pytest.mark.usefixtures("article")
def test_a_decision_keeps_the_version_it_was_made_under(
    client: FlaskClient, reviewer: dict[str, str], db: Database
) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": "Shut up, all of you."})
    before = decide(client, reviewer, "2").get_json()
    with db.write() as session:
        change_rules(session, [KIND, BRIEF], who="mhairi", instead_of=1)
    after = decide(client, reviewer, "2b").get_json()

    assert [(answer["rule"], answer["rules_version"]) for answer in (before, after)] == [("2", 1), ("2b", 2)]
    assert client.get("/v1/rules?version=1").get_json()["rules"][1]["number"] == "2"
    assert [rule["title"] for rule in client.get("/v1/rules").get_json()["rules"]] == ["Be kind", "Be brief"]


@pytest.mark.usefixtures("article")
def test_a_rule_that_is_not_there_cannot_be_cited(client: FlaskClient, reviewer: dict[str, str]) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": "a1", "text": "Shut up, all of you."})
    answer = decide(client, reviewer, "12")

    assert answer.status_code == 404
    assert answer.get_json()["detail"] == (
        "There is no rule '12' in version 1 of the rules: cite one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11."
    )


def test_a_cited_rule_is_given(db: Database) -> None:
    with db.read() as session:
        assert check_rule(session, "4").title == "Stay with the article"


def test_a_version_that_is_not_there_is_told(client: FlaskClient) -> None:
    answer = client.get("/v1/rules?version=7")

    assert (answer.status_code, answer.get_json()["detail"]) == (404, "There is no version 7 of the rules.")


def test_a_lead_changes_the_rules(person: Callable[..., Any], client: FlaskClient) -> None:
    lead = person("mhairi", "lead")
    answer = lead.sends("/review/rules/change", instead_of="1", **form(KIND, BRIEF))

    assert (answer.status_code, answer.location) == (303, "/review/rules")
    assert "Write as you would speak to a neighbour." in lead.reads("/review/rules").text
    assert "Argue about the matter" in lead.reads("/review/rules?version=1").text
    assert client.get("/v1/rules").get_json()["version"] == 2


def test_what_is_not_different_makes_no_version(person: Callable[..., Any], client: FlaskClient) -> None:
    lead = person("mhairi", "lead")
    page = lead.reads("/review/rules/change").text
    fields = {name: re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("number", "title")}
    for name, value in re.findall(r'name="(attributes-\d+)" value="([^"]*)" checked', page):
        fields.setdefault(name, []).append(value)
    fields["text"] = [unescape(text) for text in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)]
    answer = lead.sends("/review/rules/change", instead_of="1", **fields)

    assert "Nothing changed" in lead.reads(answer.location).text
    assert client.get("/v1/rules").get_json()["version"] == 1


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ([], f"Give 1 to {MOST_RULES} rules, not 0."),
        ([KIND, Rule("1", "Again", "Twice.")], "Two rules have the number &#39;1&#39;."),
        ([Rule("1", "", "No title.")], "its title should have 1 to 120 characters"),
        ([Rule("1", "Long", "x" * (LONGEST_TEXT + 1))], "its text should have 1 to 2,000 characters"),
        ([Rule("1", "Odd", "Text.", ("rudeness",))], "there is no attribute &#39;rudeness&#39;"),
    ],
)
def test_a_bad_rule_is_told_and_nothing_written_is_lost(
    person: Callable[..., Any], client: FlaskClient, rules: list[Rule], message: str
) -> None:
    answer = person("mhairi", "lead").sends("/review/rules/change", instead_of="1", **form(*rules))

    assert (answer.status_code, message in answer.text) == (400, True)
    assert all(rule.text in answer.text for rule in rules)
    assert client.get("/v1/rules").get_json()["version"] == 1


@pytest.mark.parametrize(
    ("do", "titles", "focus"),
    [
        ("down 0", ["Be brief", "Be kind", "Be true"], "down-1"),
        ("down 1", ["Be kind", "Be true", "Be brief"], "up-2"),
        ("up 1", ["Be brief", "Be kind", "Be true"], "down-0"),
        ("drop 2", ["Be kind", "Be brief"], "title-1"),
        ("add", ["Be kind", "Be brief", "Be true", ""], "title-3"),
    ],
)
def test_rules_are_put_in_order_by_buttons_and_nothing_is_saved(
    person: Callable[..., Any], client: FlaskClient, do: str, titles: list[str], focus: str
) -> None:
    answer = person("mhairi", "lead").sends(
        "/review/rules/change", instead_of="1", do=do, **form(KIND, BRIEF, Rule("3", "Be true", "Say how you know."))
    )

    assert re.findall(r'name="title" value="([^"]*)"', answer.text) == titles
    assert re.findall(r'id="([^"]+)" [^>]*autofocus', answer.text) == [focus]
    # What speaks for a rule moves with it.
    row = titles.index("Be kind")
    assert re.findall(r'name="(attributes-\d+)" value="(\w+)" checked', answer.text) == [
        (f"attributes-{row}", "insult")
    ]
    assert client.get("/v1/rules").get_json()["version"] == 1


@pytest.mark.parametrize("do", ["up 0", "down 1", "drop 7", "drop", "sideways 1", "up -1", "up ²"])
def test_a_button_that_is_not_there_does_nothing(person: Callable[..., Any], do: str) -> None:
    answer = person("mhairi", "lead").sends("/review/rules/change", instead_of="1", do=do, **form(KIND, BRIEF))
    assert answer.status_code == 400


def test_two_leads_do_not_overwrite_each_other(person: Callable[..., Any], client: FlaskClient) -> None:
    mhairi, callum = person("mhairi", "lead"), person("callum", "admin")
    mhairi.sends("/review/rules/change", instead_of="1", **form(KIND))
    answer = callum.sends("/review/rules/change", instead_of="1", **form(BRIEF))

    assert (answer.status_code, "Somebody else has since changed" in answer.text) == (409, True)
    assert [rule["title"] for rule in client.get("/v1/rules").get_json()["rules"]] == ["Be kind"]


def test_a_moderator_reads_the_rules_and_cannot_change_them(person: Callable[..., Any], client: FlaskClient) -> None:
    isla = person("isla")

    assert "Stay with the article" in isla.reads("/review/rules").text
    assert "Change the rules" not in isla.reads("/review/rules").text
    answer = isla.sends("/review/rules/change", form="/review", instead_of="1", **form(KIND))
    assert (answer.status_code, "Not open to your role" in answer.text) == (403, True)
    assert client.get("/v1/rules").get_json()["version"] == 1


def test_a_rule_is_shown_as_text(person: Callable[..., Any]) -> None:
    lead = person("mhairi", "lead")
    lead.sends(
        "/review/rules/change", instead_of="1", **form(Rule("1", "<script>alert(1)</script>", '"><img onerror=x>'))
    )

    for path in ("/review/rules", "/review/rules/change"):
        page = lead.reads(path).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<img" not in page
