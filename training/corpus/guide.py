"""Comments labelled by our own guide: of `house`, annotated and relabelled ones, our own sentences and sections.

All others were labelled by somebody else's idea of abuse. The guide and its
scales are described in the README of the training data, who relabelled
comments in docs/decisions.md.
"""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from model.attributes import ABUSE
from model.errors import InvalidInput
from training.corpus.corpus import Corpus, joined
from training.corpus.counterfactuals import newspaper_sentences
from training.corpus.relabelled import new_york_comments, relabelled_comments
from training.corpus.relevance_rows import WRITTEN, newspaper_articles

#: The names of the sources, as `Corpus.sources` has them.
HOUSE, ANNOTATED, RELABELLED, NEW_YORK = "house", "annotated", "relabelled", "new_york"
SENTENCES = "newspaper_sentences"
#: What its `source` is called, in the annotated tables, where comments came as they come.
_AS_THEY_COME = "civil_weak_aayan"
_COLUMNS = [name if name != "profanity" else "obscene" for name in ABUSE]


def guide_corpus(folder: Path) -> Corpus:
    """Read the guide's labels to learn from, as far as the training data has them."""
    files = [
        (HOUSE, folder / "house/train.parquet"),
        (ANNOTATED, folder / "annotated/civil_train.parquet"),
        (ANNOTATED, folder / "annotated/nyt_train.parquet"),
    ]
    tables = [(name, pd.read_parquet(file).drop_duplicates("text")) for name, file in files if file.is_file()]
    ours = pd.DataFrame(map(asdict, newspaper_sentences()))
    tables += [
        (RELABELLED, relabelled_comments(folder)),
        (NEW_YORK, new_york_comments(folder)),
        (SENTENCES, ours),
        (WRITTEN, written_comments()),
    ]
    return joined([labelled_by_guide(name, table) for name, table in tables])


def written_comments(articles: int | None = None) -> pd.DataFrame:
    """Read what stands below our own articles and is labelled for abuse: below the first so many, or all."""
    tables = [comments for _, comments in newspaper_articles("train").values()][:articles]
    found = pd.concat([pd.DataFrame(columns=["text", *_COLUMNS]), *tables], ignore_index=True)
    return found[found["toxicity"].notna()]


def unseen_comments(folder: Path) -> Corpus:
    """Read the guide's labels that nothing learns from: to calibrate on, and to choose thresholds by.

    Those that came as they come count as drawn at random (`Corpus.random`).

    Raises
    ------
    InvalidInput
        If the training data holds none.
    """
    files = [(ANNOTATED, folder / "annotated/civil_dev.parquet"), (HOUSE, folder / "house/dev.parquet")]
    found = [labelled_by_guide(name, pd.read_parquet(file)) for name, file in files if file.is_file()]
    if not found:
        raise InvalidInput(f"There is no annotated/civil_dev.parquet in {str(folder)!r}: thresholds are chosen on it.")
    return joined(found)


def labelled_by_guide(source: str, table: pd.DataFrame) -> Corpus:
    """Make a corpus of a table with the guide's columns."""
    count = len(table)
    origin = table["source"] if "source" in table else pd.Series([""] * count)
    return Corpus(
        table.text.tolist(),
        table.reindex(columns=_COLUMNS).to_numpy(dtype=np.float32),
        np.ones(count, np.float32),
        np.full(count, source, dtype=object),
        np.full(count, np.nan, dtype=np.float32),
        pd.DataFrame({"seen_because": origin.map({_AS_THEY_COME: "random"})}),
    )
