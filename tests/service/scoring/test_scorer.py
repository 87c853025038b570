import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.records import Article, Comment, Scores
from model.scoring.scorer import Scorer
from service.counters import Metrics
from service.scoring.admission import AdmissionQueue
from service.scoring.scorer import Scoring

ARTICLE = Article(title="Harbour bridge to close", body="The swing bridge will close to cars next autumn.")
COMMENTS = [
    Comment(text="You are an idiot and everybody on the council is one too."),
    Comment(text="The lifeboat was shut in for forty minutes; that settles it for me."),
    Comment(text="My recipe for plum jam needs two kilos of sugar."),
]


@pytest.fixture
def line(app: Flask, scorer: Scorer) -> AdmissionQueue:
    """Return the line of a service that does one thing at a time and lets nobody wait."""
    line = AdmissionQueue(at_once=1, most_waiting=0, longest_wait=60)
    app.extensions["belowline.scorer"] = Scoring(scorer, line, app.extensions["belowline.metrics"])
    return line


def test_comments_in_several_turns_are_scored_as_each_of_them_alone(scorer: Scorer) -> None:
    scoring = Scoring(scorer, AdmissionQueue(at_once=2, most_waiting=1, longest_wait=60), Metrics())

    many = scoring.score_many(COMMENTS * 30, ARTICLE, spans=True)

    alone = [scorer.score(comment, ARTICLE, spans=True) for comment in COMMENTS] * 30
    assert [(one.spans, one.subjects) for one in many] == [(one.spans, one.subjects) for one in alone]
    # Sums of single precision differ in the last place by how many are made at once.
    assert [one.values for one in many] == [pytest.approx(one.values, abs=1e-5) for one in alone]


@pytest.mark.parametrize(
    ("length", "turns"), [(30, [32, 32, 1]), (300, [32] * 4 + [2]), (4_000, [32] * 32 + [16]), (20_000, [80] * 65)]
)
def test_a_turn_is_short_however_long_the_comments_are(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch, length: int, turns: list[int]
) -> None:
    taken: list[int] = []

    class Line(AdmissionQueue):
        def _leave(self, pieces: int, seconds: float) -> None:
            taken.append(pieces)
            super()._leave(pieces, seconds)

    monkeypatch.setattr(Scorer, "score_each", lambda _, comments, *__, **___: [Scores({}) for _ in comments])
    scoring = Scoring(scorer, Line(at_once=1, most_waiting=1, longest_wait=60), Metrics())

    assert len(scoring.score_many([Comment(text="a" * length)] * 65)) == 65
    assert taken == turns


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/v1/scores", {"comments": [{"text": "Well said."}]}),
        ("/v1/comments", {"id": "c1", "article_id": "a1", "text": "Well said."}),
    ],
)
@pytest.mark.usefixtures("article")
def test_what_cannot_be_scored_soon_is_refused_and_can_be_sent_again(
    client: FlaskClient, line: AdmissionQueue, address: str, body: object
) -> None:
    with line.take(1):
        refused = client.post(address, json=body)
    again = client.post(address, json=body)

    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert refused.json is not None
    assert refused.json["detail"] == "Too busy to score this comment. Please retry."
    assert again.status_code in {200, 201}


def test_a_report_is_taken_however_much_there_is_to_score(
    client: FlaskClient, article: str, line: AdmissionQueue
) -> None:
    client.post("/v1/comments", json={"id": "c1", "article_id": article, "text": "Well said."})

    with line.take(1):
        report = client.post("/v1/reports", json={"comment_id": "c1", "reporter": "r1", "reason": "spam"})
        assert client.get("/readyz").status_code == 200

    assert report.status_code == 201


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/v1/scores", {"comments": [{"text": "Well said."}]}),
        ("/v1/moderations", {"input": "Well said."}),
        ("/v1alpha1/comments:analyze", {"comment": {"text": "Well said."}, "requestedAttributes": {"TOXICITY": {}}}),
    ],
)
def test_the_second_refusal_is_the_first_one_again_with_an_id_of_its_own(
    client: FlaskClient, line: AdmissionQueue, address: str, body: object
) -> None:
    with line.take(1):
        first = client.post(address, json=body)
        second = client.post(address, json=body, headers={"X-Request-Id": "the-second"})
    answered = client.post(address, json=body)

    own = first.headers["X-Request-Id"]
    assert (first.status_code, second.status_code, answered.status_code) == (503, 503, 200)
    assert second.text == first.text.replace(own, "the-second")
    # What depends on the request is its own; nothing that is to be kept nowhere varies.
    own_headers = {"X-Request-Id", "Content-Length", "Vary"}
    told, repeated = (
        {name: value for name, value in answer.headers.items() if name not in own_headers} for answer in (first, second)
    )
    assert repeated == told
    assert repeated["Retry-After"] == "1"


def test_a_client_s_own_id_does_not_get_into_others_refusals(client: FlaskClient, line: AdmissionQueue) -> None:
    body = {"comments": [{"text": "Well said."}]}
    with line.take(1):
        first = client.post("/v1/scores", json=body, headers={"X-Request-Id": "status"})
        second = client.post("/v1/scores", json=body, headers={"X-Request-Id": "x"})

    assert first.json is not None
    assert second.json == {**first.json, "request_id": "x"}


def test_an_address_that_is_never_refused_is_let_through(client: FlaskClient, line: AdmissionQueue) -> None:
    with line.take(1):
        client.post("/v1/scores", json={"comments": [{"text": "Well said."}]})

        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/scores").status_code == 405
