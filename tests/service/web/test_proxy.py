"""Behind a proxy, which tells who asked and how."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from model.scoring.scorer import Scorer
from service import create_app


@pytest.fixture
def served(tmp_path: Path, scorer: Scorer) -> Iterator[Callable[[bool], FlaskClient]]:
    """Yield the service with and without a proxy in front; an address may be wrong twice an hour."""
    apps: list[Flask] = []

    def serve(behind_proxy: bool) -> FlaskClient:  # noqa: FBT001 - the only thing that is told
        app = create_app(
            {
                "DATABASE": f"sqlite:///{tmp_path / 'belowline.db'}",
                "SCORER": scorer,
                "SECRET_KEY": "only for tests",
                "RATE_LIMIT_ADDRESS": "2/hour",
                "PROXIES": int(behind_proxy),
            }
        )
        apps.append(app)
        return app.test_client()

    yield serve
    for app in apps:
        app.extensions["belowline.database"].close()


@pytest.mark.parametrize(
    ("behind_proxy", "senders", "statuses"),
    [
        # Each reader's address has a limit of its own.
        (True, ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"], [401, 401, 429, 401]),
        # What a reader writes before the proxy's own entry counts for nothing.
        (True, ["8.8.8.8, 192.0.2.1", "8.8.4.4, 192.0.2.1", "1.1.1.1, 192.0.2.1"], [401, 401, 429]),
        # Without a proxy nobody can claim to be somebody else.
        (False, ["192.0.2.1", "192.0.2.2", "192.0.2.3"], [401, 401, 429]),
    ],
)
def test_the_proxy_s_word_is_taken_where_there_is_one(
    *, served: Callable[[bool], FlaskClient], behind_proxy: bool, senders: list[str], statuses: list[int]
) -> None:
    client = served(behind_proxy)

    found = [client.get("/v1/flags", headers={"X-Forwarded-For": sender}).status_code for sender in senders]

    assert found == statuses


@pytest.mark.parametrize(("behind_proxy", "scheme"), [(True, "https"), (False, "http")])
def test_whether_it_was_https_is_the_proxy_s_to_say(
    *, served: Callable[[bool], FlaskClient], behind_proxy: bool, scheme: str
) -> None:
    with served(behind_proxy) as client:
        client.get("/healthz", headers={"X-Forwarded-Proto": "https"})

        assert request.scheme == scheme


@pytest.mark.parametrize("behind_proxy", [True, False])
def test_a_moderator_s_cookie_goes_over_https_only_where_a_proxy_speaks_it(
    *, served: Callable[[bool], FlaskClient], behind_proxy: bool
) -> None:
    answer = served(behind_proxy).get("/review/login")

    assert ("; Secure" in answer.headers["Set-Cookie"]) == behind_proxy
