"""Ten thousand malformed requests to the routes of other services' APIs: each is answered, none by a crash."""

import hashlib
import hmac
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from model.scoring.scorer import Scorer
from service import create_app

SECRET = "empsec_0123456789abcdef"
SOUND: dict[str, Any] = {
    "/v1/moderations": {"input": [{"type": "text", "text": "You idiot."}], "model": "omni-moderation-latest"},
    "/integrations/coral/moderate": {
        "comment": {"body": "<b>You</b> idiot.", "parentID": None},
        "story": {"id": "s-1", "url": "https://paper.example/s"},
    },
    "/integrations/coral/events": {
        "type": "STORY_CREATED",
        "data": {"storyID": "s-1", "storyURL": "https://p.example"},
    },
    "/api/v1/classify": {"model": "original", "content": "You idiot."},
    "/v1alpha1/comments:analyze": {"comment": {"text": "You idiot."}, "requestedAttributes": {"TOXICITY": {}}},
    "/v1alpha1/comments:suggestscore": {
        "comment": {"text": "You idiot."},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
    },
}
FORMS = ("/1.1/verify-key", "/1.1/comment-check", "/1.1/submit-spam", "/1.1/submit-ham")
FIELDS = ("blog", "user_ip", "comment_content", "permalink", "api_key", "is_test", "comment_context[0]", "user_role")
TEXTS = ("", " ", "\0", "\ud800", "\u200b", "🌉", "<b", "<a href='", "&#0;&#x110000;", "a" * 300, "naïve", "-1", "\r\n")
ODD: tuple[Any, ...] = (None, True, 0, -1, 1e308, 10**400, [], {}, [[]], [None], {"a": {"b": []}}, *TEXTS)
KINDS = (None, "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, scorer: Scorer) -> Flask:
    """Return a service that speaks all of them, without keys."""
    folder: Path = tmp_path_factory.mktemp("malformed")
    return create_app(
        {
            "DATABASE": f"sqlite:///{folder / 'belowline.db'}",
            "SCORER": scorer,
            "SECRET_KEY": "only for tests",
            "KEYS_REQUIRED": False,
            "CORAL_SECRETS": [SECRET],
            "AKISMET": True,
            "DISCOURSE": True,
        },
    )


def spoilt(content: Any, chance: random.Random) -> Any:
    """Change one place in JSON content."""
    if chance.random() < 0.25 or not isinstance(content, dict | list) or not content:
        return chance.choice(ODD)
    if isinstance(content, list):
        return [spoilt(content[0], chance), *content] if chance.random() < 0.5 else [spoilt(content[0], chance)]
    key = chance.choice(list(content))
    if chance.random() < 0.2:
        return {name: value for name, value in content.items() if name != key}
    if chance.random() < 0.2:
        return {**content, chance.choice(TEXTS): chance.choice(ODD)}
    return {**content, key: spoilt(content[key], chance)}


def body_of(content: Any, chance: random.Random) -> bytes:
    body = json.dumps(content).encode()
    spoil = chance.random()
    if spoil < 0.1:
        return body[: chance.randrange(len(body))]
    if spoil < 0.2:
        place = chance.randrange(len(body))
        return body[:place] + chance.randbytes(3) + body[place:]
    return chance.choice([b"", b"[" * 9000, b"\xff\xfe", b"NaN", b'"x"']) if spoil < 0.22 else body


def test_none_of_ten_thousand_malformed_requests_is_a_crash(app: Flask) -> None:
    chance = random.Random(20261123)
    client = app.test_client()
    answers: Counter[int] = Counter()
    for _ in range(10_000):
        route = chance.choice([*SOUND, *FORMS])
        headers = {"X-Api-Key": chance.choice(TEXTS).strip()} if chance.random() < 0.1 else {}
        headers = {name: value for name, value in headers.items() if value.isascii() and value.isprintable()}
        method = "POST" if chance.random() < 0.97 else chance.choice(["GET", "PUT", "DELETE", "PATCH"])
        if route in FORMS:
            form = {name: chance.choice(TEXTS).encode("utf-8", "replace") for name in FIELDS if chance.random() < 0.6}
            answer = client.open(route, method=method, data=form, headers=headers)
        else:
            body = body_of(spoilt(SOUND[route], chance), chance)
            signed = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
            headers["X-Coral-Signature"] = (
                f"sha256={signed}" if chance.random() < 0.9 else chance.choice(["", "x", ","])
            )
            answer = client.open(route, method=method, data=body, content_type=chance.choice(KINDS), headers=headers)
        assert answer.status_code < 500, (method, route, answer.status_code)
        answers[answer.status_code] += 1

    assert set(answers) >= {200, 204, 400, 401, 405, 422}, answers
