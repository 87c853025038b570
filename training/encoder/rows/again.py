"""What an encoder that goes on learning reads: what it has not read yet, and some of what it has."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from model.bundling.manifest import Manifest
from model.errors import InvalidInput
from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.guide import SENTENCES
from training.encoder.rows.abuse import AbuseRow

#: All rows that are not our own sentences and that the guide did not label.
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
        So many of what it has read come, each once, by their origin.
    seed
        Of the draw.

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


def sentences_read(manifest: Manifest) -> int:
    """Count those of our own sentences that a bundle's encoder has read, the first of their file.

    Raises
    ------
    InvalidInput
        If it has read all of them, or nothing says how many.
    """
    recipe = manifest.training.get("encoder") or {}
    # Until recipes told it, a bundle was fitted to what its encoder had read.
    read: int | None = recipe.get("sentences", manifest.training.get("rows", {}).get(SENTENCES))
    if read is None:
        raise InvalidInput(f"{manifest.version} does not say what its encoder has read: it cannot go on learning.")
    if read >= len(newspaper_sentences()):
        raise InvalidInput(
            f"The encoder of {manifest.version} has read all {read} sentences of newspaper_sentences.json: "
            "add new ones at its end, or leave out --base to train from scratch."
        )
    return read
