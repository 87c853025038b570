"""A newsroom's own labels as a corpus, whatever table they are in."""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
import pandas as pd

from model.attributes import ABUSE
from training.corpus.corpus import KNOWN, Corpus, joined
from training.labels.rows import FIELDS, Rows, read_rows, withdrawn_ids
from training.labels.weights import label_weights


def read_labels(*sources: str, say: Callable[[str], None] = lambda _: None) -> Corpus:
    """Read labelled comments from some sources, whatever their columns are called.

    A source is what `GET /v1/labels` exports, what `ingest` wrote, or
    anything that `ingest` reads; `say` is told what each column is taken for.
    A kept comment is not toxic; of a removed one only what the moderator
    named is known. A comment that nobody reviewed is left out, and so is one
    that any of the sources withdraws.
    """
    gone = {comment_id for source in sources for comment_id in withdrawn_ids(source)}
    parts = [labelled(rows, gone) for source in sources for rows in read_rows(source, say=say)]
    corpus = joined(parts or [labelled(Rows("", [], {name: [] for name in FIELDS}))])
    corpus.weights[:] = label_weights(corpus.known)
    return corpus


def labelled(rows: Rows, gone: Collection[str] = ()) -> Corpus:
    """Take the rows that somebody labelled, without the comments that were withdrawn."""
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
