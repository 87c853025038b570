"""The newspaper's rules: read, cited, changed, and every version kept."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.moderation.rules import LONGEST_TEXT, MOST_RULES, Rule, change_rules, check_rule, current_rules
from service.storage.database import Database

KIND = Rule("1", "Be kind", "Write as you would speak to a neighbour.", ("insult",))
BRIEF = Rule("2b", "Be brief", "Nobody reads a thousand words.")


def decide(client: FlaskClient, key: dict[str, str], rule: str) -> Any:
    body = {"verdict": "remove", "moderator": "isla", "rule": rule}
    return client.post("/v1/comments/c1/decisions", json=body, headers=key)


def form(*rules: Rule) -> dict[str, list[str]]:
    return {
        "number": [rule.number for rule in rules],
        "title": [rule.title for rule in rules],
        "text": [rule.text for rule in rules],
        "attributes": [", ".join(rule.attributes) for rule in rules],
    }


def test_there_are_rules_from_the_start(client: FlaskClient) -> None:
    book = client.get("/v1/rules").get_json()

    assert (book["version"], [rule["number"] for rule in book["rules"]]) == (1, [str(n) for n in range(1, 12)])
    assert book["rules"][3]["title"] == "Stay with the article"


def test_each_kind_of_abuse_suggests_a_rule(db: Database, scorer: Any) -> None:
    with db.read() as session:
        book = current_rules(session)

    assert {name: rule.number for name in scorer.manifest.thresholds if (rule := book.suggested(name))} == {
        "toxicity": "2",
        "severe_toxicity": "2",
        "insult": "2",
        "profanity": "5",
        "threat": "1",
        "identity_attack": "3",
        "off_topic": "4",
    }
    assert book.suggested(None) is None


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
    answer = lead.sends("/review/rules/change", instead_of="1", **form(KIND, BRIEF, Rule("", "", "")))

    assert (answer.status_code, answer.location) == (303, "/review/rules")
    assert "Write as you would speak to a neighbour." in lead.reads("/review/rules").text
    assert "Argue about the matter" in lead.reads("/review/rules?version=1").text
    assert client.get("/v1/rules").get_json()["version"] == 2


def test_what_is_not_different_makes_no_version(person: Callable[..., Any], client: FlaskClient) -> None:
    lead = person("mhairi", "lead")
    page = lead.reads("/review/rules/change").text
    number, title, attributes = (
        re.findall(rf'name="{name}" value="([^"]*)"', page) for name in ("number", "title", "attributes")
    )
    texts = [text.replace("&#39;", "'") for text in re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)]
    fields = {"number": number, "title": title, "attributes": attributes, "text": texts}
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
