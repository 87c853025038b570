"""Flags, reports and decisions; and the labels that come of them."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from model.labels import LabelRow
from model.records import Comment, Scores
from service.learning.labels import pseudonym
from service.moderation.comments import save_comment
from service.storage.database import Database
from service.storage.records import Judgement

CIVIL = "I run a bakery on the high street, and half of my customers come by bus or bicycle already."
ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."

pytestmark = pytest.mark.usefixtures("article")


def post(client: FlaskClient, name: str, text: str, **more: Any) -> None:
    answer = client.post("/v1/comments", json={"id": name, "article_id": "a1", "text": text, **more})
    assert answer.status_code in (200, 201), answer.text


def report(client: FlaskClient, name: str, reporter: str = "r-1") -> Any:
    return client.post("/v1/reports", json={"comment_id": name, "reporter": reporter, "reason": "personal attack"})


def waiting(client: FlaskClient, **query: Any) -> list[str]:
    return [item["id"] for item in client.get("/v1/flags", query_string=query).get_json()["items"]]


def labels(client: FlaskClient, **query: Any) -> list[LabelRow]:
    answer = client.get("/v1/labels", query_string=query)
    assert answer.content_type == "application/x-ndjson"
    return [LabelRow.from_json(line) for line in answer.text.split("\n") if line]


class Moderator:
    """A review tool with its key."""

    def __init__(self, client: FlaskClient, headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers

    def decides(self, name: str, verdict: str, **more: Any) -> Any:
        return self._client.post(
            f"/v1/comments/{name}/decisions",
            json={"verdict": verdict, "moderator": "anna", **more},
            headers=self._headers,
        )


@pytest.fixture
def moderator(client: FlaskClient, reviewer: dict[str, str]) -> Moderator:
    return Moderator(client, reviewer)


def test_the_worst_comes_first_and_reports_raise_an_item(client: FlaskClient) -> None:
    post(client, "civil", CIVIL)
    post(client, "abuse", ABUSE)
    assert waiting(client) == ["abuse"]

    report(client, "civil")
    assert waiting(client) == ["abuse", "civil"]

    for number in range(5):
        report(client, "civil", f"r-{number}")
    assert waiting(client) == ["civil", "abuse"]


def test_the_list_is_read_in_pages_without_loss(client: FlaskClient) -> None:
    for number in range(7):
        post(client, f"c{number}", f"{ABUSE} {number}")
    seen: list[str] = []
    cursor = None
    while True:
        page = client.get("/v1/flags", query_string={"limit": 3} | ({"cursor": cursor} if cursor else {})).get_json()
        assert page["total"] == 7
        seen += [item["id"] for item in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(seen) == [f"c{number}" for number in range(7)]
    assert seen == waiting(client)


def test_the_list_can_be_of_one_article(client: FlaskClient) -> None:
    client.put("/v1/articles/a2", json={"title": "Another"})
    post(client, "c1", ABUSE)
    client.post("/v1/comments", json={"id": "c2", "article_id": "a2", "text": ABUSE})

    assert waiting(client, article_id="a2") == ["c2"]
    assert sorted(waiting(client)) == ["c1", "c2"]
    assert waiting(client, article_id="nowhere") == []


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"cursor": "x"}, {"cursor": "bnVsbA=="}, {"state": "new"}],
)
def test_a_question_that_makes_no_sense_is_refused(client: FlaskClient, query: dict[str, Any]) -> None:
    assert client.get("/v1/flags", query_string=query).status_code == 422


def test_a_decision_closes_an_item_and_undo_opens_it_again(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    removed = moderator.decides("c1", "remove", rule="2", note="insult", attributes={"insult": True, "threat": 0})
    assert removed.status_code == 201
    assert removed.get_json()["attributes"] == {"insult": 1, "threat": 0}
    assert waiting(client) == []
    assert waiting(client, state="decided") == ["c1"]

    undone = moderator.decides("c1", "undo")
    assert undone.get_json()["undoes"] == removed.get_json()["id"]
    assert waiting(client) == ["c1"]
    assert labels(client) == []


def test_an_undo_brings_back_the_decision_before(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    keep = moderator.decides("c1", "keep").get_json()["id"]
    remove = moderator.decides("c1", "remove").get_json()["id"]

    # To JSON, 2.0 is an integer as much as 2 is.
    assert moderator.decides("c1", "undo", undoes=float(remove)).status_code == 201
    assert [row.label for row in labels(client)] == ["kept"]
    assert moderator.decides("c1", "undo", undoes=keep).status_code == 201
    assert waiting(client) == ["c1"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verdict": "undo"}, 409),
        ({"verdict": "undo", "undoes": 99}, 404),
        ({"verdict": "undo", "undoes": 10**30}, 422),
        ({"verdict": "keep", "undoes": 1}, 422),
        ({"verdict": "delete"}, 422),
        ({"verdict": "keep", "moderator": ""}, 422),
        ({"verdict": "keep", "attributes": {"niceness": 1}}, 422),
        ({"verdict": "keep", "attributes": {"insult": 2}}, 422),
        ({"verdict": "keep", "note": "a\0b"}, 422),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    client: FlaskClient, moderator: Moderator, body: dict[str, Any], status: int
) -> None:
    post(client, "c1", ABUSE)
    answer = moderator.decides("c1", **body)

    assert answer.status_code == status, answer.text
    assert waiting(client) == ["c1"]


def test_the_same_decision_is_not_undone_twice(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    first = moderator.decides("c1", "keep").get_json()["id"]
    moderator.decides("c1", "undo")

    again = moderator.decides("c1", "undo", undoes=first)
    assert (again.status_code, again.get_json()["detail"]) == (409, f"Decision {first} has already been undone.")


def test_an_escalated_item_waits_elsewhere_and_is_no_label(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    moderator.decides("c1", "escalate")

    assert waiting(client) == []
    assert waiting(client, state="escalated") == ["c1"]
    assert labels(client) == []


def test_a_report_on_what_was_kept_comes_back(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    moderator.decides("c1", "keep")
    assert waiting(client) == []

    answer = report(client, "c1")
    assert answer.status_code == 201
    assert waiting(client) == ["c1"]

    moderator.decides("c1", "keep")
    assert waiting(client) == []


def test_an_edit_that_is_flagged_comes_back(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    moderator.decides("c1", "keep")
    post(client, "c1", ABUSE + " Again.")

    assert waiting(client) == ["c1"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"comment_id": "nowhere", "reporter": "r", "reason": "x"}, 404),
        ({"comment_id": "c1", "reporter": "r"}, 422),
        ({"comment_id": "c1", "reporter": 5, "reason": "x"}, 422),
        ({"comment_id": "c1", "reporter": "r", "reason": ""}, 422),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(client: FlaskClient, body: dict[str, Any], status: int) -> None:
    post(client, "c1", CIVIL)

    assert client.post("/v1/reports", json=body).status_code == status
    assert waiting(client) == []


def test_a_decision_on_an_unknown_comment_is_refused(moderator: Moderator) -> None:
    assert moderator.decides("nowhere", "keep").status_code == 404


def test_a_removed_comment_is_still_there(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    moderator.decides("c1", "remove")

    assert client.get("/v1/comments/c1").get_json()["state"] == "decided"


def test_labels_tell_what_was_decided_and_how_it_came_to_be_seen(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "flagged", ABUSE, author="Rannoch R.")
    post(client, "reported", CIVIL, parent_id="flagged", author="Rannoch R.")
    post(client, "found", CIVIL)
    post(client, "nobody saw", CIVIL)
    report(client, "reported")
    moderator.decides("flagged", "remove", rule="2", attributes={"insult": 1})
    moderator.decides("reported", "keep")
    moderator.decides("found", "keep")

    by_id = {row.comment_id: row for row in labels(client)}
    assert {name: (row.label, row.seen_because, row.probability_seen) for name, row in by_id.items()} == {
        "flagged": ("removed", "flag", 1.0),
        "reported": ("kept", "report", 1.0),
        "found": ("kept", "other", None),
    }
    flagged = by_id["flagged"]
    assert flagged.text == ABUSE
    assert flagged.article is not None
    assert (flagged.article.id, flagged.rule, flagged.attributes) == ("a1", "2", {"insult": 1})
    assert flagged.moderator == pseudonym("anna", "only for tests")
    assert flagged.author == by_id["reported"].author == pseudonym("Rannoch R.", "only for tests", "a")
    assert by_id["found"].author is None
    assert flagged.scores["toxicity"] > 0.5
    assert by_id["reported"].parent_text == ABUSE


def test_never_reviewed_is_not_kept(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "seen", CIVIL)
    post(client, "unseen", CIVIL)
    moderator.decides("seen", "keep")

    assert [row.comment_id for row in labels(client)] == ["seen"]
    assert {row.comment_id: row.label for row in labels(client, unreviewed="true")} == {"seen": "kept", "unseen": None}


def test_a_label_is_of_the_text_that_was_decided_on(client: FlaskClient, moderator: Moderator) -> None:
    post(client, "c1", ABUSE)
    moderator.decides("c1", "remove")
    post(client, "c1", CIVIL)

    (row,) = labels(client)
    assert (row.label, row.text) == ("removed", ABUSE)
    assert row.scores["toxicity"] > 0.5


def test_labels_of_many_comments_are_all_there(client: FlaskClient, moderator: Moderator, db: Database) -> None:
    with db.write() as session:
        for number in range(450):
            comment = Comment(id=f"c{number}", article_id="a1", text="line\nbreak\u2028and\x85more")
            save_comment(session, comment, Judgement("v", Scores({"toxicity": 0.1}), ()))
    moderator.decides("c449", "keep")

    assert [row.comment_id for row in labels(client)] == ["c449"]
    assert len({row.comment_id for row in labels(client, unreviewed="true")}) == 450
