"""Published clients of the Perspective API, pointed at a running service."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.served import PATIENCE, Service

HERE = Path(__file__).parent
INSULT = "You are a stupid, worthless idiot."
ARTICLE = "The council voted on Tuesday to close the high street to private cars. Buses stay allowed."
REQUEST = {"comment": {"text": INSULT}, "requestedAttributes": {"TOXICITY": {}}, "languages": ["en"]}
CORAL = {**REQUEST, "endpoint": "/v1alpha1", "path": "/comments:analyze", "doNotStore": True}


def node(client: str, service: Service, body: dict[str, Any]) -> Any:
    """Run a client of the npm registry."""
    return printed(["node", str(HERE / "perspective.cjs"), client, service.address, json.dumps(body)], {})


def python(client: str, service: Service, text: str) -> Any:
    """Run a client of the Python package index; each has a folder of its own, as they share a module's name."""
    path = os.pathsep.join([str(HERE.parents[1] / ".cache/clients" / client), *sys.path])
    return printed([sys.executable, str(HERE / "python/call.py"), client, service.address, text], {"PYTHONPATH": path})


def printed(command: list[str], environment: dict[str, str]) -> Any:
    """Return the JSON that a program prints."""
    found = subprocess.run(  # noqa: S603 - our own command
        command,
        env={**os.environ, "NO_PROXY": "127.0.0.1", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def summary(answer: Any, name: str) -> float:
    """Return what most clients read."""
    value: float = answer["data"]["attributeScores"][name]["summaryScore"]["value"]
    return value


@pytest.mark.parametrize("client", ["googleapis-common", "perspective-api-client"])
def test_a_node_client_gets_a_score(service: Service, client: str) -> None:
    insult, praise = (
        summary(node(client, service, {**REQUEST, "comment": {"text": text}}), "TOXICITY")
        for text in (INSULT, "What a lovely bridge.")
    )

    assert insult > 0.9
    assert praise < 0.2


@pytest.mark.parametrize("client", ["googleapis-common", "perspective-api-client"])
def test_a_node_client_gets_google_s_error(service: Service, client: str) -> None:
    answer = node(client, service, {**REQUEST, "requestedAttributes": {"FLIRTATION": {}}})

    assert answer["status"] == 400
    assert answer["error"]["message"] == "Unknown requested attribute: FLIRTATION"
    assert answer["error"]["details"][0]["errorType"] == "INVALID_REQUEST"


def test_conversationai_moderator_learns_what_is_off_topic(service: Service) -> None:
    request = {
        "comment": {"text": "Has anybody seen a ginger cat with one white paw?"},
        "context": {"entries": [{"text": ARTICLE}, {"text": "Buses are never on time."}]},
        "languages": ["en"],
        "requestedAttributes": {"OFF_TOPIC": {}, "TOXICITY@6": {}},
        "clientToken": "osmod_request7",
        "spanAnnotations": True,
    }

    stray = node("googleapis-common", service, request)
    fitting = node(
        "googleapis-common", service, {**request, "comment": {"text": "Cars out of the high street, at last."}}
    )

    assert stray["data"]["clientToken"] == "osmod_request7"
    assert summary(stray, "OFF_TOPIC") > summary(fitting, "OFF_TOPIC")
    assert stray["data"]["attributeScores"]["TOXICITY@6"]["spanScores"][0]["begin"] == 0


@pytest.mark.parametrize("endpoint", ["/v1alpha1", "/v1alpha1/"])
def test_coral_s_filter_gets_a_score(service: Service, endpoint: str) -> None:
    assert summary(node("coral", service, {**CORAL, "endpoint": endpoint}), "TOXICITY") > 0.9


def test_coral_s_feedback_becomes_a_label(service: Service) -> None:
    about = json.dumps({"url": "https://news.example/1", "reply_to_id_Coral_comment_id": "", "Coral_comment_id": "c-1"})
    feedback = {
        "endpoint": "/v1alpha1",
        "path": "/comments:suggestscore",
        "comment": {"text": INSULT},
        "context": {"entries": [{"text": about}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "languages": ["en"],
        "communityId": "Coral:https://news.example",
        "clientToken": "comment:c-1",
    }

    answer = node("coral", service, feedback)

    assert answer["data"]["clientToken"] == "comment:c-1"
    labels = requests.get(f"{service.address}/v1/labels", timeout=PATIENCE).text.splitlines()
    kept = [row for row in map(json.loads, labels) if row["comment_id"] == "c-1"]
    assert [(row["label"], row["source"], row["text"]) for row in kept] == [("removed", "suggestscore", INSULT)]


def test_coral_s_filter_sees_that_a_model_does_not_exist(service: Service) -> None:
    answer = node("coral", service, {**CORAL, "requestedAttributes": {"TOXICITIY": {}}})

    assert (answer["status"], answer["error"]["message"]) == (400, "Unknown requested attribute: TOXICITIY")


@pytest.mark.parametrize(("client", "factor"), [("perspective", 1), ("perspective.py", 100), ("perspectiveapi", 1)])
def test_a_python_client_gets_scores(service: Service, client: str, factor: int) -> None:
    scores = python(client, service, INSULT)

    assert set(scores) == {"TOXICITY", "INSULT"}
    assert scores["TOXICITY"] > 0.9 * factor
