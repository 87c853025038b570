"""What the tests share; see each file for what it tests."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model import Article, Comment, InvalidInput, Scores, Span, UnknownAttribute, load_bundle
from model.bundle import SHIPPED
from service import create_app
from service.database import Database
from service.people import create_key

ARTICLE = {
    "title": "Council votes to close the high street to cars",
    "body": "The city council voted on Tuesday to close the high street to private cars from April. "
    "Buses, bicycles and deliveries before ten in the morning stay allowed. Shopkeepers fear for their trade.",
}


class StandIn:
    """Until `model/bundles/accurate` is shipped; delete this class then."""

    manifest = SimpleNamespace(
        tier="accurate",
        version="stand-in",
        attributes=("toxicity", "off_topic"),
        thresholds={"toxicity": 0.8, "off_topic": 0.9},
    )

    def score_many(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        attributes: Collection[str] | None = None,
        spans: bool = False,
    ) -> list[Scores]:
        if unknown := set(attributes or ()) - set(self.manifest.attributes):
            raise UnknownAttribute(f"This bundle does not score {unknown}.")
        return [self._score(comment.text, article, attributes, spans=spans) for comment in comments]

    def _score(self, text: str, article: Article | None, attributes: Collection[str] | None, *, spans: bool) -> Scores:
        if not text.strip("\u200b\u200d\ufeff \n"):
            raise InvalidInput("The comment holds no text that can be scored.")
        place = text.find("idiot")
        values = {"toxicity": 0.05 if place < 0 else 0.95} | ({"off_topic": 0.1} if article else {})
        wanted = {name: value for name, value in values.items() if not attributes or name in attributes}
        return Scores(wanted, (Span(place, place + 5, "toxicity", 1.0),) if spans and place >= 0 else ())


@pytest.fixture(scope="session")
def scorer() -> Any:
    """Give the shipped bundle: what a test scores with is what a user scores with."""
    return load_bundle() if (SHIPPED / "accurate" / "manifest.json").is_file() else StandIn()


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
