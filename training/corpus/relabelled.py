"""Public comments that we labelled anew: for abuse by our own guide, and for how far they are on topic.

`data/civil_labels.csv`, `data/nyt_abuse.csv`, `data/doubtful_abuse.csv` and
`data/nyt_relevance.csv` hold the labels by the comments' ids; the texts are in
the training data's tables. The doubtful ones were flagged by a bundle of
ours, or nearly, though others had called them civil or nobody had judged them.
"""

from functools import cache
from pathlib import Path

import pandas as pd

from training.corpus.data_folder import read_table, read_train_pairs

#: Where there is no such comment.
_NONE = pd.DataFrame(columns=["comment_id", "text"], dtype=str)
_FOLDER = Path(__file__).parents[1] / "data"
_ABUSE = ("civil_labels.csv", "nyt_abuse.csv", "doubtful_abuse.csv")
#: What the ids of the New York Times' comments begin with, among those that stand below articles.
_NEW_YORK_PREFIX = "nyt_"


@cache
def new_labels() -> pd.DataFrame:
    """Read the labels of abuse in [0, 1], a column for each attribute, by the id of the comment."""
    files = [pd.read_csv(_FOLDER / name, index_col="id") for name in _ABUSE]
    return pd.concat(files) / 10


def without_relabelled(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the rows of the training table that were labelled anew: their old labels mean something else."""
    return table[~table.id.isin(new_labels().index)]


def relabelled_comments(folder: Path) -> pd.DataFrame:
    """Return the comments of the training tables with their new labels; none where the training data lacks them."""
    file, pairs = folder / "abuse/train.parquet", _below_articles(folder)
    table = read_table(file).rename(columns={"id": "comment_id"}) if file.is_file() else _NONE
    return _with_new_labels(pd.concat([table, pairs[~pairs.comment_id.str.startswith(_NEW_YORK_PREFIX)]]))


def new_york_comments(folder: Path) -> pd.DataFrame:
    """Return comments below the New York Times, to learn from; none where they are not there."""
    pairs = _below_articles(folder)
    return _with_new_labels(pairs[pairs.comment_id.str.startswith(_NEW_YORK_PREFIX)])


def unseen_new_york_comments(folder: Path) -> pd.DataFrame:
    """Return others, as they came, that nothing learns from."""
    file = folder / "relevance/dev_pairs.parquet"
    return _with_new_labels(read_table(file) if file.is_file() else _NONE)


def _below_articles(folder: Path) -> pd.DataFrame:
    """Return the comments that stand below articles; none where they are not there."""
    there = (folder / "relevance/train_pairs.parquet").is_file()
    return read_train_pairs(folder) if there else _NONE


def _with_new_labels(table: pd.DataFrame) -> pd.DataFrame:
    """Return the texts of a table that have new labels, with these."""
    known = table[["comment_id", "text"]].merge(new_labels(), left_on="comment_id", right_index=True)
    return known.drop_duplicates("text").drop(columns="comment_id").reset_index(drop=True)


@cache
def new_relevance() -> pd.DataFrame:
    """Read how far comments are about articles: `comment_id`, `article_id`, `relevance` in [0, 1], `generic`."""
    table = pd.read_csv(_FOLDER / "nyt_relevance.csv", dtype={"generic": bool})
    return table.assign(relevance=table.relevance / 10)
