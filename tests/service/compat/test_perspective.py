"""The Perspective API's answers: scores, spans, context, languages, suggestions."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from werkzeug.serving import make_server

from model.labels import LabelRow
from model.scoring.scorer import Scorer
from service.scoring.language import detect

ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"
INSULT = "You are a stupid, worthless idiot."
ARTICLE = "The council voted on Tuesday to close the high street to private cars. Buses stay allowed."
FOREIGN = json.loads((Path(__file__).parents[2] / "data/foreign_comments.json").read_text())
ODD_ENGLISH = (Path(__file__).parents[2] / "data/odd_english.txt").read_text().splitlines()[1:]
CORAL = {
    "comment": {"text": INSULT},
    "context": {"entries": [{"text": json.dumps({"url": "https://news.example/1", "Coral_comment_id": "c-1"})}]},
    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
    "languages": ["en"],
    "communityId": "Coral:https://news.example",
    "clientToken": "comment:c-1",
}


def analyze(client: FlaskClient, text: str = INSULT, *attributes: str, **more: Any) -> dict[str, Any]:
    body = {"comment": {"text": text}, "requestedAttributes": {name: {} for name in attributes or ["TOXICITY"]}}
    answer = client.post(ANALYZE, json={**body, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def request(text: str) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}


def value(answer: dict[str, Any], name: str = "TOXICITY") -> float:
    found: float = answer["attributeScores"][name]["summaryScore"]["value"]
    return found


def labels(client: FlaskClient) -> list[LabelRow]:
    return [LabelRow.from_json(line) for line in client.get("/v1/labels").text.splitlines()]


def test_an_answer_holds_what_was_asked_for_and_what_scored_it(client: FlaskClient, scorer: Scorer) -> None:
    answer = analyze(client, INSULT, "TOXICITY@6", "INSULT_EXPERIMENTAL", clientToken="t-1", doNotStore=True)

    manifest = scorer.manifest
    assert list(answer["attributeScores"]) == ["TOXICITY@6", "INSULT_EXPERIMENTAL"]
    assert (answer["languages"], answer["detectedLanguages"], answer["clientToken"]) == (["en"], ["en"], "t-1")
    assert answer["model"] == {"tier": "fast", "version": manifest.version}


@pytest.mark.parametrize("path", [ANALYZE, ANALYZE.replace(":", "%3A"), f"{ANALYZE}?key=any&alt=json&prettyPrint=true"])
@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_json_is_read_under_every_name_of_the_address(client: FlaskClient, path: str, kind: str | None) -> None:
    body = json.dumps({"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}})

    assert client.post(path, data=body, content_type=kind).status_code == 200


def test_without_span_annotations_the_whole_text_is_the_span(client: FlaskClient) -> None:
    found = analyze(client, "\U0001f642 " + INSULT)["attributeScores"]["TOXICITY"]

    assert found["spanScores"] == [{"begin": 0, "end": 37, "score": found["summaryScore"]}]


def test_spans_are_sentences_counted_in_utf_16(client: FlaskClient) -> None:
    text = f"What a day \U0001f642\U0001f642! {INSULT}\nThe bus was late."

    spans = analyze(client, text, spanAnnotations=True)["attributeScores"]["TOXICITY"]["spanScores"]

    units = text.encode("utf-16-le")
    cut = [units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]
    assert cut == ["What a day \U0001f642\U0001f642!", INSULT, "The bus was late."]
    assert max(spans, key=lambda span: span["score"]["value"])["begin"] == 17


@pytest.mark.parametrize("name", ["articleAndParentComment", "entries"])
def test_the_article_gives_off_topic(client: FlaskClient, name: str) -> None:
    about = {"article": {"text": ARTICLE}} if name == "articleAndParentComment" else [{"text": ARTICLE}]

    stray, fitting = (
        value(analyze(client, text, "OFF_TOPIC", context={name: about}), "OFF_TOPIC")
        for text in ("Has anybody seen a ginger cat with one white paw?", "Cars out of the high street, at last.")
    )

    assert stray > fitting


def test_an_entry_of_json_is_no_article(client: FlaskClient) -> None:
    answer = client.post(
        ANALYZE,
        json={"comment": {"text": "a"}, "context": CORAL["context"], "requestedAttributes": {"OFF_TOPIC": {}}},
    )

    assert answer.status_code == 400


def test_scores_below_the_threshold_are_left_out(client: FlaskClient) -> None:
    wanted = {"TOXICITY": {"scoreThreshold": 0.99}, "INSULT": {"scoreThreshold": 0.99}}

    answer = client.post(ANALYZE, json={"comment": {"text": "Well said."}, "requestedAttributes": wanted})

    assert "attributeScores" not in answer.get_json()


def test_what_is_not_modelled_is_dropped_where_that_is_asked_for(client: FlaskClient) -> None:
    answer = analyze(client, INSULT, "TOXICITY", "FLIRTATION", "OFF_TOPIC", dropUnsupportedAttributes=True)

    assert list(answer["attributeScores"]) == ["TOXICITY"]


@pytest.mark.parametrize(
    "defaults",
    [
        ["TOXICITY", "SPAM"],
        ["TOXICITY", "SEVERE_TOXICITY", "SEXUALLY_EXPLICIT", "FLIRTATION", "LIKELY_TO_REJECT", "OFF_TOPIC"],
        ["ATTACK_ON_AUTHOR", "SPAM@2", "TOXICITY@6", "REASONING_EXPERIMENTAL"],
    ],
)
def test_what_only_google_scores_is_dropped_for_everybody_where_it_is_set(
    app: Flask, client: FlaskClient, defaults: list[str]
) -> None:
    app.config["DROP_UNSUPPORTED_ATTRIBUTES"] = True

    answer = analyze(client, INSULT, *defaults)

    assert list(answer["attributeScores"]) == [name for name in defaults if "TOXICITY" in name]


@pytest.mark.parametrize(
    ("names", "refused"), [(["TOXICITY", "TOXICITIY"], "TOXICITIY"), (["SPAM", "FLIRTATION"], "SPAM")]
)
def test_a_slip_of_the_pen_and_an_answer_without_a_score_are_errors_all_the_same(
    app: Flask, client: FlaskClient, names: list[str], refused: str
) -> None:
    app.config["DROP_UNSUPPORTED_ATTRIBUTES"] = True

    answer = client.post(
        ANALYZE, json={"comment": {"text": INSULT}, "requestedAttributes": {name: {} for name in names}}
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"] == f"Unknown requested attribute: {refused}"


def test_toxicity_is_on_google_s_scale(client: FlaskClient, scorer: Scorer) -> None:
    answer = client.post("/v1/scores", json={"comments": [{"text": "Councillor Rannoch is a fool."}]})
    ours = answer.get_json()["results"][0]["scores"]["toxicity"]

    theirs = value(analyze(client, "Councillor Rannoch is a fool."))

    knots = scorer.manifest.scales["perspective"]["toxicity"]
    below = max(place for place, knot in enumerate(knots["ours"]) if knot <= ours)
    assert knots["theirs"][below] <= theirs <= knots["theirs"][below + 1]


@pytest.mark.parametrize(
    ("text", "scored"), [("cut in two \ud83d", True), ("a\0b", True), ("\ud800\ud800", True), ("\u200b", False)]
)
def test_what_a_client_cut_is_scored_all_the_same(client: FlaskClient, text: str, scored: bool) -> None:  # noqa: FBT001
    answer = client.post(ANALYZE, json={"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}})

    assert answer.status_code == (200 if scored else 400)


def test_odd_english_is_never_refused(client: FlaskClient) -> None:
    answers = {text: client.post(ANALYZE, json=request(text)) for text in ODD_ENGLISH}

    assert {text: answer.text for text, answer in answers.items() if answer.status_code != 200} == {}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in FOREIGN.items() for text in texts])
def test_a_clear_foreign_sentence_is_known(language: str, text: str) -> None:
    assert detect(text) == language


def test_coral_s_verdict_becomes_a_label_and_the_latest_counts(client: FlaskClient) -> None:
    answer = client.post(SUGGEST, json=CORAL)
    client.post(SUGGEST, json={**CORAL, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}})
    client.post(SUGGEST, json={**CORAL, "clientToken": "comment:c-2"})

    assert {key: answer.get_json()[key] for key in ("clientToken", "requestedLanguages", "detectedLanguages")} == {
        "clientToken": "comment:c-1",
        "requestedLanguages": ["en"],
        "detectedLanguages": ["en"],
    }
    found = [(row.comment_id, row.label, row.attributes, row.source) for row in labels(client)]
    assert found == [("c-1", "kept", {}, "suggestscore"), ("c-2", "removed", {}, "suggestscore")]


@pytest.mark.parametrize(
    ("scores", "label"),
    [
        ({"APPROVED": 1}, "kept"),
        ({"HIGHLIGHTED": 1}, "kept"),
        ({"DELETED": 1}, "removed"),
        ({"SEVERE_TOXICITY@2": 0}, "kept"),
        ({"LIKELY_TO_REJECT": 1}, "removed"),
        ({"PENDING": 1}, None),
        ({"SYSTEM_WITHHELD": 1}, None),
        ({"SPAM": 0}, None),
        ({"APPROVED": 0}, None),
        ({"APPROVED": 1, "TOXICITY": 1}, None),
        ({"TOXICITY": 0.5}, None),
    ],
)
def test_a_verdict_of_coral_s_is_a_label_only_by_a_name_that_is_known(
    client: FlaskClient, scores: dict[str, float], label: str | None
) -> None:
    given = {name: {"summaryScore": {"value": value}} for name, value in scores.items()}
    assert client.post(SUGGEST, json={**CORAL, "attributeScores": given}).status_code == 200

    assert [row.label for row in labels(client)] == ([] if label is None else [label])


@pytest.mark.parametrize(
    ("told", "stored"),
    [
        ("https://paper.example/high-street?commentID=c-1", "https://paper.example/high-street"),
        ("https://paper.example/?p=7&commentID=c-1", "https://paper.example/?p=7"),
        ("https://paper.example/high-street", "https://paper.example/high-street"),
        ("https://paper.example/other?commentID=c-1", None),
        ("http://[broken", None),
        (None, None),
    ],
)
def test_a_verdict_that_names_a_story_is_linked_to_its_article(
    client: FlaskClient, told: str | None, stored: str | None
) -> None:
    about = {"url": told, "reply_to_id_Coral_comment_id": None, "Coral_comment_id": "c-1"}
    client.post(SUGGEST, json={**CORAL, "context": {"entries": [{"text": json.dumps(about)}]}})
    # The article may come later.
    url = stored or "https://paper.example/high-street"
    client.put("/v1/articles/a-1", json={"title": "Council closes the high street", "body": ARTICLE, "url": url})

    (row,) = labels(client)
    assert (row.label, row.article and row.article.id) == ("removed", stored and "a-1")


def test_without_a_token_coral_s_entry_names_the_comment(client: FlaskClient) -> None:
    client.post(SUGGEST, json={**CORAL, "clientToken": None})

    assert [row.comment_id for row in labels(client)] == ["c-1"]


@pytest.mark.parametrize(
    "more",
    [
        {"clientToken": "comment:" + "x" * 256},
        {"clientToken": None, "context": {"entries": [{"text": json.dumps({"Coral_comment_id": "x" * 256})}]}},
    ],
)
def test_what_is_longer_than_an_id_names_no_comment(client: FlaskClient, more: dict[str, Any]) -> None:
    client.post(SUGGEST, json={**CORAL, "context": {}, **more})

    (row,) = labels(client)
    assert (row.text, row.label) == (INSULT, "removed")
    assert row.comment_id.startswith("suggestion-")


@pytest.mark.parametrize(
    "span",
    [
        {"begin": 0},
        {"begin": True, "end": 3},
        {"begin": -1, "end": 3},
        {"begin": 4, "end": 3},
        {"begin": 0, "end": 3, "score": {"value": 2}},
    ],
)
def test_a_span_that_makes_no_sense_is_refused(client: FlaskClient, span: dict[str, Any]) -> None:
    scores = {"TOXICITY": {"spanScores": [{"score": {"value": 1}, **span}], "summaryScore": {"value": 1}}}
    answer = client.post(SUGGEST, json={**CORAL, "attributeScores": scores})

    assert (answer.status_code, answer.get_json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert labels(client) == []


def test_what_another_program_says_is_of_the_attributes(client: FlaskClient) -> None:
    scores = {"TOXICITY@6": {"summaryScore": {"value": 1.0}}, "THREAT": {"summaryScore": {"value": 0.4}}}
    client.post(SUGGEST, json={"comment": {"text": INSULT}, "attributeScores": scores})

    (row,) = labels(client)
    assert (row.text, row.label, row.attributes, row.source) == (INSULT, None, {"toxicity": 1}, "suggestscore")


@pytest.mark.parametrize(
    "more", [{"languages": ["de"]}, {"comment": {"text": "Das ist ja wohl die Höhe, ihr Idioten!"}}]
)
def test_what_is_said_of_another_language_is_no_label(client: FlaskClient, more: dict[str, Any]) -> None:
    scores = {"TOXICITY": {"summaryScore": {"value": 1.0}}}
    answer = client.post(SUGGEST, json={"comment": {"text": INSULT}, "attributeScores": scores, **more})

    assert (answer.status_code, labels(client)) == (200, [])


@pytest.mark.parametrize("more", [{"doNotStore": True}, {"attributeScores": {}}, {"comment": {"text": "a\0"}}])
def test_nothing_is_kept_of_what_must_not_or_cannot_be(client: FlaskClient, more: dict[str, Any]) -> None:
    client.post(SUGGEST, json={**CORAL, **more})

    assert labels(client) == []


def test_the_discovery_document_names_the_public_address(app: Flask, client: FlaskClient) -> None:
    path = "/$discovery/rest?version=v1alpha1&key=any"
    assert client.get(path).get_json()["rootUrl"] == "http://localhost/"

    app.config["PUBLIC_URL"] = "https://belowline.example"
    assert client.get(path).get_json()["rootUrl"] == "https://belowline.example/"


@pytest.fixture
def google(app: Flask) -> Iterator[Any]:
    """Yield Google's own client, built from a running server's discovery document."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.port}/$discovery/rest?version=v1alpha1"
    with discovery.build(
        "commentanalyzer", "v1alpha1", developerKey="any", static_discovery=False, discoveryServiceUrl=url
    ) as built:
        yield built.comments()
    server.shutdown()
    thread.join()
    server.server_close()


def test_google_s_client_analyzes(google: Any) -> None:
    body = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}}

    assert value(google.analyze(body=body).execute()) > 0.9


def test_google_s_client_suggests(google: Any, client: FlaskClient) -> None:
    answer = google.suggestscore(body=CORAL).execute()

    assert answer["clientToken"] == "comment:c-1"
    assert [row.label for row in labels(client)] == ["removed"]


def test_google_s_client_reads_our_errors(google: Any) -> None:
    body = {"comment": {"text": INSULT}, "requestedAttributes": {"RUDENESS": {}}}

    with pytest.raises(HttpError, match="Unknown requested attribute: RUDENESS") as raised:
        google.analyze(body=body).execute()

    assert raised.value.status_code == 400
    assert raised.value.reason == "Unknown requested attribute: RUDENESS"
    assert raised.value.error_details[0]["errorType"] == "INVALID_REQUEST"


_WRONG: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1e308,
        10**30,
        "",
        "\0",
        "\ud800",
        "a" * 300,
        "уоu",
        [],
        {},
        [[]],
        [None],
        {"": {}},
        {"a": None},
    ),
    *({"text": None}, {"text": "hi"}, {"text": ["hi"]}, {"type": "HTML"}, ["en", 3], {"TOXICITY": 7}),
    *({"TOXICITY": {"scoreThreshold": "high"}}, {"TOXICITY": {"summaryScore": {"value": 2}}}, {"entries": [7]}),
    *({"articleAndParentComment": {"article": "x"}}, {"entries": [{"text": "{"}]}),
]
_FIELDS = (
    *("comment", "context", "requestedAttributes", "attributeScores", "spanAnnotations", "languages", "doNotStore"),
    *("clientToken", "communityId", "sessionId", "dropUnsupportedAttributes", "unknown"),
)


def test_ten_thousand_malformed_requests_are_nobody_s_internal_error(client: FlaskClient) -> None:
    draw = random.Random(20261123)
    whole = {**CORAL, "doNotStore": True, "requestedAttributes": {"TOXICITY": {}, "OFF_TOPIC": {}}}
    failed = []
    for number in range(10_000):
        body: Any = {**whole, **{name: draw.choice(_WRONG) for name in draw.sample(_FIELDS, draw.randint(1, 4))}}
        raw = json.dumps(draw.choice(_WRONG) if number % 20 == 0 else body).encode()
        if number % 3 == 0:
            # Bytes lost, doubled or turned, as on a bad line.
            cut = draw.randrange(len(raw))
            raw = draw.choice([raw[:cut], raw[:cut] + b"\xff" + raw[cut:], raw[:cut] + raw[cut + 1 :], raw[::-1]])
        answer = client.post(draw.choice([ANALYZE, SUGGEST]), data=raw)
        if answer.status_code >= 500:
            failed.append((answer.status_code, raw))
    assert failed == []
