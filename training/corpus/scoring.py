"""Scores of many comments as columns of numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from model.records import Article, Comment, Scores, Span, Unscorable
from model.scoring.scorer import Scorer

_NONE: Mapping[str, Article] = MappingProxyType({})
_CHUNK = 512


@dataclass(frozen=True, slots=True)
class ScoreColumns:
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
) -> ScoreColumns:
    """Score comments; one without text costs only its own scores.

    Parameters
    ----------
    scorer
        What scores.
    comments
        N of them.
    attributes
        What to score; attributes that the bundle does not model are left out.
    articles
        Known articles by id.
    spans
        Whether to return the spans too.
    """
    wanted = [name for name in scorer.manifest.attributes if name in attributes]
    found: list[Scores | Unscorable] = []
    for start in range(0, len(comments), _CHUNK):
        chunk = comments[start : start + _CHUNK]
        found += scorer.score_each(chunk, articles=articles, attributes=wanted, spans=spans)
    return ScoreColumns(
        {
            name: np.array([row.values.get(name, np.nan) if isinstance(row, Scores) else np.nan for row in found])
            for name in wanted
        },
        tuple(row.spans if isinstance(row, Scores) else () for row in found) if spans else (),
    )


def toxicity(scorer: Scorer, texts: Sequence[str]) -> NDArray[np.float64]:
    """Score the toxicity of texts; NaN if the bundle does not model it, or where there is nothing to read."""
    found = score_columns(scorer, [Comment(text) for text in texts], ["toxicity"]).by_attribute
    return found["toxicity"] if "toxicity" in found else np.full(len(texts), np.nan)
