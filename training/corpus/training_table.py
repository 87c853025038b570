"""What the shipped bundles are fitted to: the public training table, and sentences of our own."""

from pathlib import Path

import numpy as np
import pandas as pd

from model.attributes import ABUSE
from training.corpus.corpus import Corpus
from training.corpus.counterfactuals import counterfactuals
from training.corpus.data_folder import COLUMN_OF, read_table
from training.corpus.relabelled import without_relabelled

#: The source of sentences of our own.
OURS = "counterfactual"
#: Rows at most of a source of the training table, and their weight. Tweets
#: are not newspaper comments, and some sources' zeros or ones are doubtful:
#: see docs/method.md.
_SOURCES = {
    "civil_weak_aayan": (20_000, 0.6),
    "davidson": (6_000, 0.5),
    "hatexplain": (14_000, 0.7),
    "edos": (9_000, 0.8),
}


def read_training_table(folder: Path, seed: int) -> Corpus:
    """Read the training data's table of openly licensed labels, each source capped and weighted."""
    table = without_relabelled(read_table(folder / "abuse/train.parquet").query("tier == 'open'"))
    parts = [
        part.sample(min(len(part), _SOURCES.get(name, (len(part), 1.0))[0]), random_state=seed)
        for name, part in table.groupby("source")
    ]
    table = pd.concat(parts)
    # Its `threat` holds mentions of killing that threaten nobody.
    table.loc[table.source == "civil_weak_aayan", "threat"] = np.nan
    columns = [COLUMN_OF[name] for name in ABUSE]
    return Corpus(
        table.text.tolist(),
        table[columns].to_numpy(dtype=np.float32),
        table.source.map(lambda name: _SOURCES.get(name, (0, 1.0))[1]).to_numpy(dtype=np.float32),
        table.source.to_numpy(dtype=object),
        np.full(len(table), np.nan, dtype=np.float32),
    )


def counterfactual_corpus(seed: int) -> Corpus:
    """Return our own sentences as a corpus."""
    sentences = counterfactuals(seed)
    columns = [COLUMN_OF[name] for name in ABUSE]
    labels = [[getattr(s, c) if getattr(s, c) is not None else np.nan for c in columns] for s in sentences]
    count = len(sentences)
    return Corpus(
        [s.text for s in sentences],
        np.array(labels, dtype=np.float32),
        np.full(count, 1.0, np.float32),
        np.full(count, OURS, object),
        np.full(count, np.nan, dtype=np.float32),
    )
