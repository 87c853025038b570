"""What the tests share; see each file for what it tests."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model import InvalidInput, Scores, Span, UnknownAttribute
from service import create_app
from service.database import Database
from service.people import create_key

ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April. "
    "Buses, bicycles and deliveries before ten in the morning stay allowed. Shopkeepers fear for their trade.",
}


# TODO(main): stands in for the bundle until model/scorer.py is there
class StandIn:
    manifest = SimpleNamespace(
        tier="accurate",
        version="stand-in",
        attributes=("toxicity", "off_topic"),
        thresholds={"toxicity": 0.8, "off_topic": 0.9},
    )

    def score_many(self, comments, article=None, *, attributes=None, spans=False):
        for a in attributes or ():
            if a not in self.manifest.attributes:
                raise UnknownAttribute(f"There is no attribute {a!r}.")
        out = []
        for c in comments:
            if not c.text.strip("\u200b\u200d\ufeff \n"):
                raise InvalidInput("Nothing is left of the text when what cannot be seen is taken away.")
            v = {"toxicity": 0.95 if "idiot" in c.text else 0.05}
            if article:
                v["off_topic"] = 0.95 if "football" in c.text else 0.1
            v = {k: x for k, x in v.items() if not attributes or k in attributes}
            i = c.text.find("idiot")
            out.append(Scores(v, (Span(i, i + 5, "toxicity", 1.0),) if i >= 0 else ()))
        return out


@pytest.fixture(scope="session")
def scorer() -> Any:
    """Give a scorer."""
    return StandIn()


@pytest.fixture
def app(tmp_path: Path, scorer: Any) -> Iterator[Flask]:
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
