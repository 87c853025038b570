"""Public comments below news that we labelled anew: for abuse by our own guide, and for how far they are on topic.

`data/civil_labels.csv` and `data/nyt_relevance.csv` hold the labels by the
comments' ids; the texts are in the training data's tables.
"""

from functools import cache
from pathlib import Path

import pandas as pd

from model.attributes import ABUSE
from training.corpus.data_folder import COLUMN_OF, read_table

_FOLDER = Path(__file__).parents[1] / "data"


@cache
def new_labels() -> pd.DataFrame:
    """Read the labels in [0, 1], a column for each attribute, by the id of the comment."""
    return pd.read_csv(_FOLDER / "civil_labels.csv", index_col="id") / 10


def without_relabelled(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the rows of the training table that were labelled anew: their old labels mean something else."""
    return table[~table.id.isin(new_labels().index)]


def relabelled_comments(folder: Path) -> pd.DataFrame:
    """Return the texts with their new labels; none where the training data lacks its table."""
    file = folder / "abuse/train.parquet"
    if not file.is_file():
        return pd.DataFrame(columns=["text", *(COLUMN_OF[name] for name in ABUSE)])
    texts = read_table(file)[["id", "text"]].drop_duplicates("text")
    return texts.merge(new_labels(), left_on="id", right_index=True).reset_index(drop=True)


@cache
def new_relevance() -> pd.DataFrame:
    """Read how far comments are about articles: `comment_id`, `article_id`, `relevance` in [0, 1], `generic`."""
    table = pd.read_csv(_FOLDER / "nyt_relevance.csv", dtype={"generic": bool})
    return table.assign(relevance=table.relevance / 10)
