"""Published clients of moderation services, pointed at a running service; and what Coral takes."""

import json
import os
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from service.compat.coral import STATUSES, opinion
from tests.served import PATIENCE, Service

HERE = Path(__file__).parent
ABUSE = "You stupid, worthless idiot: naïve – and 🌉."
CALM = "The bridge opens again on Monday."


def node(client: str, service: Service, arguments: Any) -> Any:
    """Run a client of the npm registry and return what it prints."""
    found = subprocess.run(  # noqa: S603 - our own command
        ["node", str(HERE / "moderation.cjs"), client, service.address, json.dumps(arguments)],  # noqa: S607 - on the path
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


def coral(service: Service, body: str, *secrets: str) -> Any:
    """Ask as Coral does."""
    content = {
        "action": "NEW",
        "comment": {"body": body, "parentID": None},
        "author": {"id": "u-1", "role": "COMMENTER"},
        "story": {"id": "s-1", "url": "https://paper.example/s-1"},
        "site": {"id": "site-1"},
        "tenantID": "t-1",
        "tenantDomain": "coral.paper.example",
    }
    return node("coral", service, {"path": "/integrations/coral/moderate", "secrets": secrets, "content": content})


def test_openai_s_client_gets_categories(service: Service) -> None:
    answer = node("openai", service, {"input": [ABUSE, CALM]})

    assert [result["flagged"] for result in answer["results"]] == [True, False]
    assert answer["request_id"]


def test_openai_s_client_gets_openai_s_error(service: Service) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://paper.example/cat.png"}}
    answer = node("openai", service, {"input": [image]})

    assert answer["status"] == 400
    assert (answer["error"]["type"], answer["error"]["param"]) == ("invalid_request_error", "input")


@pytest.mark.parametrize("secrets", [["empsec_old"], ["empsec_new"], ["empsec_other", "empsec_new"]])
def test_coral_takes_the_answer_to_what_it_signed(service: Service, secrets: list[str]) -> None:
    answer = coral(service, ABUSE, *secrets)

    flag = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}
    assert answer == {"status": 200, "taken": {"actions": [flag]}}


def test_coral_has_no_opinion_of_a_calm_comment(service: Service) -> None:
    assert coral(service, CALM, "empsec_new") == {"status": 204, "text": ""}


def test_coral_with_another_secret_is_refused(service: Service) -> None:
    assert coral(service, ABUSE, "empsec_other") == {"status": 401, "text": ""}


def test_coral_takes_every_answer_that_an_operator_can_choose(service: Service) -> None:
    reasons = [["toxicity"], ["off_topic"], ["toxicity", "off_topic"]]
    answers = [
        opinion(attributes, abuse=abuse, off_topic=off_topic)
        for attributes, abuse, off_topic in product(reasons, STATUSES, STATUSES)
    ]

    assert node("joi", service, answers) == [{"taken": answer} for answer in answers]


def test_coral_would_refuse_what_it_does_not_expect(service: Service) -> None:
    (empty, null) = node("joi", service, [{"tags": []}, {"status": None}])

    assert "refused" in empty
    assert "refused" in null


@pytest.mark.parametrize("client", ["@cedx/akismet", "akismet-api"])
def test_akismet_s_clients_hold_what_deserves_a_look_and_never_discard(service: Service, client: str) -> None:
    # 0 is let through, 1 is held, 2 would be discarded.
    assert node(client, service, {"text": ABUSE}) == {"valid": True, "answer": 1}
    assert node(client, service, {"text": CALM}) == {"valid": True, "answer": 0}
