"""Scores of many comments as columns of numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from model.errors import InvalidInput
from model.records import Article, Comment, Scores, Span
from model.scorer import Scorer

_NONE: Mapping[str, Article] = MappingProxyType({})
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Scored:
    """N comments' scores: attribute to N numbers, NaN where a comment cannot be scored.

    `spans` holds N tuples if they were asked for.
    """

    by_attribute: Mapping[str, NDArray[np.float64]]
    spans: tuple[tuple[Span, ...], ...] = ()


def score_columns(
    scorer: Scorer,
    comments: Sequence[Comment],
    attributes: Collection[str],
    *,
    articles: Mapping[str, Article] = _NONE,
    spans: bool = False,
) -> Scored:
    """Score comments; one without text costs only its own scores.

    Parameters
    ----------
    scorer
        What scores.
    comments
        N of them.
    attributes
        What to score; those that the bundle does not model are left out.
    articles
        Known articles by id.
    spans
        Give the spans too.
    """
    wanted = [name for name in scorer.manifest.attributes if name in attributes]
    found: list[Scores | None] = []

    def score(chunk: Sequence[Comment]) -> list[Scores]:
        return scorer.score_many(chunk, articles=articles, attributes=wanted, spans=spans)

    for start in range(0, len(comments), _CHUNK):
        chunk = comments[start : start + _CHUNK]
        try:
            found += score(chunk)
        except InvalidInput:
            for comment in chunk:
                try:
                    found += score([comment])
                except InvalidInput:
                    found.append(None)
    return Scored(
        {
            name: np.array([np.nan if row is None else row.values.get(name, np.nan) for row in found], np.float64)
            for name in wanted
        },
        tuple(() if row is None else row.spans for row in found) if spans else (),
    )
