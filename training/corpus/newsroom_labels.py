"""A newsroom's own labels as a corpus, whatever table they are in."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.attributes import ABUSE
from training.corpus.corpus import KNOWN, Corpus, joined
from training.labels.columns import Hints
from training.labels.rows import FIELDS, NO_HINTS, Rows, read_label_rows, withdrawn_ids
from training.labels.weights import label_weights
from training.progress import Progress, silent

#: Decisions on comments drawn at random that are enough to measure on.
_DRAWN = 200
#: No decision stands for more than a hundred comments.
_LEAST_SEEN = 0.01


def read_labels(*sources: str, hints: Hints = NO_HINTS, say: Progress = silent) -> Corpus:
    """Read labelled comments from some sources, whatever their columns are called.

    A source is what `GET /v1/labels` exports, what `ingest` wrote, or
    anything that `ingest` reads; `hints` say what nobody could guess, and `say` is called
    with what each column is read as.
    A kept comment is not toxic; of a removed one only what the moderator
    named is known. A comment that nobody reviewed is left out, and so is one
    that any of the sources withdraws.
    """
    gone = {comment_id for source in sources for comment_id in withdrawn_ids(source)}
    parts = [labelled(rows, gone) for source in sources for rows in read_label_rows(source, hints, say=say)]
    corpus = joined(parts or [labelled(Rows("", [], {name: [] for name in FIELDS}))])
    corpus.weights[:] = label_weights(corpus.known)
    return corpus


def labelled(rows: Rows, gone: Collection[str] = ()) -> Corpus:
    """Return the rows that somebody labelled as a corpus, without the comments that were withdrawn."""
    columns = rows.columns
    told = [columns[name] for name in ("label", *ABUSE)]
    chosen = [
        i
        for i, (text, comment_id, withdrawn) in enumerate(
            zip(columns["text"], columns["comment_id"], columns["withdrawn"], strict=True)
        )
        if text.strip() and not withdrawn and comment_id not in gone and any(cells[i] is not None for cells in told)
    ]
    columns = rows.only(chosen).columns
    labels = np.array([columns[name] for name in ABUSE], dtype=np.float32).T.reshape(len(chosen), len(ABUSE))
    decided = {"removed": 1.0, "kept": 0.0, None: np.nan}
    removed = np.array([decided[label] for label in columns["label"]], dtype=np.float32)
    labels[:, 0] = np.where((removed == 0) & np.isnan(labels[:, 0]), 0.0, labels[:, 0])
    known = pd.DataFrame({name: columns[name] for name in KNOWN if name in columns}, dtype=object)
    known["file"] = rows.source
    known["row"] = [rows.numbers[i] for i in chosen]
    name = Path(rows.source).name
    return Corpus(
        columns["text"],
        labels,
        np.ones(len(chosen), np.float32),
        np.array([origin or name for origin in columns["origin"]], dtype=object),
        removed,
        known,
    )


def representative_decisions(corpus: Corpus) -> tuple[NDArray[np.bool_], NDArray[np.float64] | None]:
    """Choose the decisions that represent all comments: which rows, and how likely each was to be seen.

    What was drawn at random is best. Without enough of it, each decision
    stands for as many comments as its chance of being seen leaves out. Where
    that chance is not known of every one, all rows count alike, and None is
    given: the figures then tell of what moderators saw.
    """
    decided = np.isfinite(corpus.removed)
    drawn = decided & corpus.random
    if drawn.sum() >= _DRAWN:
        return drawn, np.ones(len(corpus))
    seen = corpus.known["probability_seen"].to_numpy(dtype=np.float64)
    if decided.any() and (seen[decided] > 0).all():
        return decided, np.clip(seen, _LEAST_SEEN, 1.0)
    return decided, None
