"""What an encoder that goes on learning reads: what it has not read yet, and some of what it has."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.corpus.relevance_rows import RelevanceRows, newspaper_articles
from training.encoder.rows.abuse import AbuseRow

#: All rows that are not our own sentences and that the guide did not label.
ELSEWHERE = "elsewhere"


def fresh_and_known(
    rows: Sequence[AbuseRow], read: Mapping[str, int], times: int, some: Mapping[str, int], seed: int
) -> tuple[list[AbuseRow], list[AbuseRow]]:
    """Choose the rows of one pass.

    Parameters
    ----------
    rows
        All that there are, what we wrote in the order of its file, to which new ones are added at its end.
    read
        So many of what we wrote were read before, by their origin.
    times
        How often the others of them come.
    some
        So many of what it has read come, each once, by their origin.
    seed
        Of the draw.

    Returns
    -------
    fresh, known
        What has not been read, and what has.
    """
    pools, fresh = dict[str, list[AbuseRow]](), list[AbuseRow]()
    for row in rows:
        origin = ELSEWHERE if row.source else row.origin
        pool = pools.setdefault(origin, [])
        (pool if len(pool) < read.get(origin, len(rows)) else fresh).append(row)
    rng, known = random.Random(seed), list[AbuseRow]()
    for origin, count in some.items():
        pool = pools.get(origin, [])
        known += rng.sample(pool, min(count, len(pool)))
    return [replace(row, repeated=times) for row in fresh], [replace(row, repeated=1) for row in known]


def pairs_again(rows: RelevanceRows, read: int, times: int, some: Mapping[str, int], seed: int) -> NDArray[np.int64]:
    """Choose the comments below articles of one pass, as `fresh_and_known` does.

    Parameters
    ----------
    rows
        All that there are.
    read
        What stands below so many of our own articles was read before.
    times, some, seed
        As there.

    Returns
    -------
    Their numbers, each as often as it comes.
    """
    places = {key: place for place, key in enumerate(newspaper_articles("train"))}
    ours = np.array([places.get(article.id or "", -1) for article in rows.articles])
    fresh, rng = ours >= read, np.random.default_rng(seed)
    known = []
    for source, count in some.items():
        pool = np.flatnonzero((rows.source == source) & ~fresh)
        known.append(rng.choice(pool, min(count, len(pool)), replace=False))
    return np.concatenate([*[np.flatnonzero(fresh)] * times, *known])
