"""Splits of labels: nothing that is learnt from may return in what is measured on."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.corpus.corpus import Corpus
from training.labels.duplicates import clusters

#: Where fewer rows than this share have a time, times give no order.
_MOST = 0.8
LEFT_OUT = -1


def split(corpus: Corpus, shares: Sequence[float], seed: int = 0) -> NDArray[np.int8]:
    """Split rows into parts that have no article, no author and no text in common.

    By time if most rows have one, so that the last part is the latest: what
    a bundle will meet are the comments of tomorrow. Otherwise by chance. An
    article's comments stay together, at the time of the first one; without
    articles an author's do, and without authors what is nearly the same.
    Whoever writes below several articles, and what is written again and
    again, cannot be in one part alone: such rows stay in the part that has
    most of them for its size, and the others are left out.

    Parameters
    ----------
    corpus
        The rows; near-duplicates are found by `training.labels.duplicates`.
    shares
        How large each part is to be, of all rows; they sum to 1.
    seed
        Decides what is drawn by chance.

    Returns
    -------
    parts
        N: the number of the part of each row, or `LEFT_OUT`.
    """
    near = clusters(corpus.texts).astype(str)
    articles, authors = (corpus.known[name].to_numpy(object) for name in ("article_id", "author"))
    units = np.array(
        [
            f"article {article}" if article is not None else f"author {author}" if author is not None else text
            for article, author, text in zip(articles, authors, near, strict=True)
        ],
        dtype=object,
    )
    parts = _parts(units, corpus.known["time"], shares, seed)
    for keys in (near, articles, authors):
        _part_ways(parts, keys, shares)
    return parts


def folds(texts: Sequence[str], count: int, seed: int = 0) -> NDArray[np.int8]:
    """Split rows into equal parts by chance, what is nearly the same in one of them."""
    near = clusters(texts).astype(str).astype(object)
    return _parts(
        near, pd.Series(pd.NaT, index=range(len(texts)), dtype="datetime64[us, UTC]"), [1 / count] * count, seed
    )


def _parts(
    units: NDArray[np.object_], times: "pd.Series[pd.Timestamp]", shares: Sequence[float], seed: int
) -> NDArray[np.int8]:
    """Order whole units, and cut where the shares are full."""
    names, unit, sizes = np.unique(units.astype(str), return_inverse=True, return_counts=True)
    drawn = np.array([hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogatepass")).hexdigest() for name in names])
    if times.notna().mean() >= _MOST:
        first = times.groupby(unit).min()
        order = np.lexsort((drawn, first.fillna(first.min()).to_numpy()))
    else:
        order = np.argsort(drawn)
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    part_of = np.empty(len(sizes), dtype=np.int8)
    bounds = np.cumsum(shares)[:-1] * len(units)
    part_of[order] = np.searchsorted(bounds, middle, side="right")
    return part_of[unit]


def _part_ways(parts: NDArray[np.int8], keys: NDArray[np.object_], shares: Sequence[float]) -> None:
    """Keep each key in the part that has most of it, and leave out its rows elsewhere."""
    known = np.flatnonzero(pd.notna(keys) & (parts != LEFT_OUT))
    if not len(known):
        return
    _, key = np.unique(keys[known].astype(str), return_inverse=True)
    rows = np.zeros((key.max() + 1, len(shares)))
    np.add.at(rows, (key, parts[known]), 1)
    # By number of rows alone, a small part would lose all who write often.
    home = (rows / np.sqrt(shares)).argmax(axis=1)
    parts[known[parts[known] != home[key]]] = LEFT_OUT
