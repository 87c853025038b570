"""Routes that are there only if an operator wants them."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from model.scoring.scorer import Scorer
from service import create_app

ABUSE = "You stupid fucking idiot, shut your filthy mouth, you worthless piece of shit."
LABELS = {"toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack"}


@pytest.fixture
def discourse(tmp_path: Path, scorer: Scorer) -> FlaskClient:
    """Return a program that asks as Discourse's former module did."""
    config = {"DATABASE": f"sqlite:///{tmp_path / 'b.db'}", "SCORER": scorer, "SECRET_KEY": "x", "DISCOURSE": True}
    return create_app({**config, "KEYS_REQUIRED": False}).test_client()


@pytest.mark.parametrize("route", ["/1.1/verify-key", "/1.1/comment-check", "/1.1/submit-spam", "/api/v1/classify"])
def test_without_a_setting_they_are_not_there(client: FlaskClient, route: str) -> None:
    assert client.post(route, data={"blog": "b", "user_ip": "192.0.2.7"}).status_code == 404


@pytest.mark.parametrize("model", ["original", "unbiased", "multilingual"])
def test_a_post_is_scored_under_detoxify_s_names(discourse: FlaskClient, model: str) -> None:
    answer = discourse.post("/api/v1/classify", json={"model": model, "content": ABUSE}).get_json()

    assert set(answer) == LABELS, "what is not modelled is absent"
    assert answer["toxicity"] > 0.9
    assert answer["obscene"] > 0.5
    assert all(0.0 <= score <= 1.0 for score in answer.values())


def test_a_post_is_as_bad_as_its_worst_part(discourse: FlaskClient) -> None:
    calm = "Buses should stay on the high street. " * 600

    for content in (calm + ABUSE, "\u200b" * 20_500 + ABUSE, "<p></p>" * 3_000 + ABUSE):
        assert discourse.post("/api/v1/classify", json={"content": content}).get_json()["toxicity"] > 0.8
    assert discourse.post("/api/v1/classify", json={"content": calm}).get_json()["toxicity"] < 0.1


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"model": "gpt", "content": ABUSE}, "'model' should be one of Detoxify's: original,"),
        ({"model": ["original"], "content": ABUSE}, "'model' should be one of Detoxify's: original,"),
        ({"model": "original"}, "'content' should be the post, as a string."),
        ({"content": "\u200b"}, "has no text to score"),
    ],
)
def test_a_mistake_is_told(discourse: FlaskClient, body: dict[str, Any], detail: str) -> None:
    answer = discourse.post("/api/v1/classify", json=body)

    assert answer.status_code == 422
    assert detail in answer.get_json()["detail"]
