"""The folder of the public training data, and its tables."""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from model.errors import InvalidInput

#: The columns of labels in most of its tables, each with the attribute that it labels.
COLUMNS: Mapping[str, str] = {
    "toxicity": "toxicity",
    "severe_toxicity": "severe_toxicity",
    "obscene": "profanity",
    "threat": "threat",
    "insult": "insult",
    "identity_attack": "identity_attack",
}
#: And the other way round.
COLUMN_OF = {attribute: column for column, attribute in COLUMNS.items()}
#: Comments that are measured on, some of which stand among the marked posts, too.
_MEASURED = ("annotated/civil_dev.parquet", "abuse/dev/civil_val.parquet", "abuse/dev/civil_spans_trial.parquet")


def data_folder_if_any() -> Path | None:
    """Find the training data where it usually is: `BELOWLINE_DATA`, or `../shared/data`; None if it is not there."""
    try:
        return data_folder(None)
    except InvalidInput:
        return None


def named_folder(given: str | None) -> Path:
    """Return where data is to be: as given, `BELOWLINE_DATA`, or `../shared/data`."""
    return Path(given or os.environ.get("BELOWLINE_DATA") or "../shared/data")


def data_folder(given: str | None) -> Path:
    """Find the training data where `named_folder` says; raise InvalidInput if it is not there."""
    folder = named_folder(given)
    if not (folder / "abuse/train.parquet").is_file():
        raise InvalidInput(
            f"There is no training data in {str(folder)!r} (it lacks abuse/train.parquet): "
            "name its folder with --data or BELOWLINE_DATA."
        )
    return folder


def read_table(file: Path) -> pd.DataFrame:
    """Read one of the folder's Parquet files.

    Raises
    ------
    InvalidInput
        If it cannot be read, with the reason.
    """
    try:
        table: pd.DataFrame = pd.read_parquet(file)
    except FileNotFoundError as error:
        raise InvalidInput(f"There is no file {str(file)!r}.") from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{str(file)!r} cannot be read: {str(error).splitlines()[0]}.") from error
    return table


def read_train_pairs(folder: Path) -> pd.DataFrame:
    """Read the comments that stand below their own and other articles, without those that `annotated/nyt_dev` judges.

    Raises
    ------
    InvalidInput
        If a table cannot be read.
    """
    pairs = read_table(folder / "relevance/train_pairs.parquet").drop_duplicates(["comment_id", "article_id"])
    unseen = folder / "annotated/nyt_dev.parquet"
    return pairs[~pairs.comment_id.isin(read_table(unseen).comment_id)] if unseen.is_file() else pairs


def read_marked(folder: Path) -> pd.DataFrame:
    """Read the posts in which raters marked words, without those that are measured on: `text`, and `spans` as JSON.

    Raises
    ------
    InvalidInput
        If a table cannot be read.
    """
    marked = read_table(folder / "abuse/train_spans.parquet")
    measured = (folder / file for file in _MEASURED)
    unseen = {text.strip() for file in measured if file.is_file() for text in read_table(file).text}
    return marked[~marked.text.str.strip().isin(unseen)].reset_index(drop=True)
