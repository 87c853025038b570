"""What the tests share; see each file for what it tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model import load_bundle
from model.scorer import Scorer
from service import create_app
from service.database import Database
from service.people import create_key

ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April. "
    "Buses, bicycles and deliveries before ten in the morning stay allowed. Shopkeepers fear for their trade.",
}


@pytest.fixture(scope="session")
def scorer() -> Scorer:
    """Give a shipped bundle: what a test scores with is what a user scores with."""
    return load_bundle("fast")


@pytest.fixture
def app(tmp_path: Path, scorer: Scorer) -> Iterator[Flask]:
    """Give the service as it is on a loopback address, with an empty database."""
    app = create_app(
        {
            "DATABASE": f"sqlite:///{tmp_path / 'belowline.db'}",
            "SCORER": scorer,
            "SECRET_KEY": "only for tests",
            "KEYS_REQUIRED": False,
            "TESTING": True,
        },
    )
    yield app
    app.extensions["belowline.database"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a program that calls the service without a key."""
    return app.test_client()


@pytest.fixture
def store(app: Flask) -> Database:
    """Give the service's database."""
    found: Database = app.extensions["belowline.database"]
    return found


@pytest.fixture
def reviewer(store: Database) -> dict[str, str]:
    """Give the headers of a program that may send decisions."""
    with store.write() as session:
        return {"Authorization": f"Bearer {create_key(session, 'review tool', ['review'])}"}


@pytest.fixture
def article(client: FlaskClient) -> str:
    """Store an article and give its id."""
    client.put("/v1/articles/a1", json=ARTICLE)
    return "a1"
