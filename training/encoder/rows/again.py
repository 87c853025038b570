"""What an encoder that goes on learning reads: what it has not read yet, and some of what it has."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from training.corpus.guide import SENTENCES
from training.encoder.rows.abuse import AbuseRow

#: Rows that are not labelled by the guide.
ELSEWHERE = "elsewhere"


def fresh_and_known(
    rows: Sequence[AbuseRow], read: int, times: int, some: Mapping[str, int], seed: int
) -> tuple[list[AbuseRow], list[AbuseRow]]:
    """Choose the rows of one pass.

    Parameters
    ----------
    rows
        All that there are, our own sentences in the order of their file, to which new ones are added at its end.
    read
        So many of our own sentences were read before.
    times
        How often the others of them come.
    some
        So many of the other rows come, each once, by their origin; `ELSEWHERE` are all that the guide did not label.
    seed
        Of which of them these are.

    Returns
    -------
    fresh, known
        What has not been read, and what has.
    """
    ours = [row for row in rows if row.origin == SENTENCES]
    pools: dict[str, list[AbuseRow]] = {SENTENCES: ours[:read]}
    for row in rows:
        if row.origin != SENTENCES:
            pools.setdefault(ELSEWHERE if row.source else row.origin, []).append(row)
    rng, known = random.Random(seed), list[AbuseRow]()
    for origin, count in some.items():
        pool = pools.get(origin, [])
        known += rng.sample(pool, min(count, len(pool)))
    return [replace(row, repeated=times) for row in ours[read:]], [replace(row, repeated=1) for row in known]
