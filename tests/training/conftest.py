"""What the tests of training share."""

from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import cast

import pytest

from model.bundling.manifest import OperatingPoint
from model.records import Article, Comment, Scores, Span
from model.scoring.scorer import Scorer


class Idiot:
    """Scores by one word, in whatever case: what comes of a measure can be worked out."""

    manifest = SimpleNamespace(
        tier="fast",
        version="v1",
        attributes=("toxicity",),
        thresholds={"toxicity": 0.5},
        operating_points={"balanced": OperatingPoint({"toxicity": 0.5}, "chosen by hand", {"toxicity": "by hand"})},
        training={"rows": {"jigsaw_wiki": 2, "labels.csv": 3}},
    )

    def score_each(
        self,
        comments: Sequence[Comment],
        article: Article | None = None,
        *,
        articles: Mapping[str, Article] | None = None,
        attributes: Collection[str] | None = None,
        spans: bool = False,
    ) -> list[Scores]:
        del article, articles, attributes
        return [self._score(comment.text, spans=spans) for comment in comments]

    score_many = score_each

    def _score(self, text: str, *, spans: bool) -> Scores:
        place = text.lower().find("idiot")
        found = (Span(place, place + 5, "toxicity", 1.0),) if spans and place >= 0 else ()
        return Scores({"toxicity": 0.1 if place < 0 else 0.8}, found)


@pytest.fixture
def idiot() -> Scorer:
    """Return the scorer of one word."""
    return cast(Scorer, Idiot())
