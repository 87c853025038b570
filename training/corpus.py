"""Labelled comments in: Parquet, CSV, JSON Lines, a folder of the hub, label rows.

Everything is read by Hugging Face `datasets`, so that a file and a hub id
such as `google/civil_comments` take the same path.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.attributes import ABUSE, BY_NAME
from model.errors import InvalidInput

_READERS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
_TEXT_COLUMNS = ("text", "comment_text", "comment", "tweet", "body")
#: Rows at most of a source of the training table, and their weight. Tweets
#: are not newspaper comments, and some sources' zeros or ones are doubtful:
#: see docs/method.md.
_SOURCES = {
    "civil_weak_aayan": (20_000, 0.6),
    "davidson": (6_000, 0.5),
    "hatexplain": (14_000, 0.7),
    "edos": (9_000, 0.8),
}


@dataclass(frozen=True)
class Corpus:
    """N labelled comments.

    Attributes
    ----------
    texts
        As written.
    labels
        N x A in the order of `model.attributes.ABUSE`, in [0, 1]; NaN where
        nobody was asked.
    weights
        N: how much a row counts.
    sources
        N: where it is from.
    removed
        N: what a moderator decided: 1 removed, 0 kept, NaN never reviewed.
    """

    texts: list[str]
    labels: NDArray[np.float32]
    weights: NDArray[np.float32]
    sources: NDArray[np.object_]
    removed: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, chosen: NDArray[Any]) -> "Corpus":
        """Keep some rows, by number or by mask."""
        numbers = np.arange(len(self))[chosen]
        return Corpus(
            [self.texts[i] for i in numbers],
            self.labels[numbers],
            self.weights[numbers],
            self.sources[numbers],
            self.removed[numbers],
        )

    @property
    def fingerprint(self) -> str:
        """Name the data: SHA-256 over texts and labels in their order."""
        digest = hashlib.sha256()
        for text in self.texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        digest.update(self.labels.tobytes() + self.removed.tobytes())
        return digest.hexdigest()[:16]


def joined(parts: Sequence[Corpus]) -> Corpus:
    """Put several corpora together, in their order."""
    return Corpus(
        [text for part in parts for text in part.texts],
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.sources for part in parts]),
        np.concatenate([part.removed for part in parts]),
    )


def data_folder(given: str | None) -> Path:
    """Find the training data: as given, `BELOWLINE_DATA`, or `../shared/data`."""
    folder = Path(given or os.environ.get("BELOWLINE_DATA") or "../shared/data")
    if not (folder / "abuse/train.parquet").is_file():
        raise InvalidInput(
            f"There is no training data in {str(folder)!r} (it lacks abuse/train.parquet): "
            "give its folder with --data or BELOWLINE_DATA."
        )
    return folder


def read_table(source: str) -> pd.DataFrame:
    """Read a file, or a data set of the hub, through `datasets`.

    Raises
    ------
    InvalidInput
        If it cannot be read, with the reason.
    """
    path = Path(source)
    if path.suffix and not path.exists():
        raise InvalidInput(f"There is no file {source!r}.")
    if path.is_file() and path.suffix not in _READERS:
        raise InvalidInput(f"{source!r} is none of {', '.join(_READERS)}.")
    if path.is_file() and path.stat().st_size == 0:
        raise InvalidInput(f"{source!r} is empty.")
    if path.exists():
        os.environ["HF_HUB_OFFLINE"] = "1"
    import datasets  # noqa: PLC0415 - it takes seconds to import, and reads HF_HUB_OFFLINE then

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        try:
            if path.is_file():
                loaded = datasets.load_dataset(
                    _READERS[path.suffix], data_files=str(path), split="train", cache_dir=cache
                )
            else:
                loaded = datasets.load_dataset(source, split="train", cache_dir=cache)
            table: pd.DataFrame = loaded.to_pandas()
        except Exception as error:
            cause = error.__cause__ or error
            raise InvalidInput(f"{source!r} cannot be read: {str(cause).splitlines()[0]}.") from error
    return table


def read_labels(*sources: str) -> Corpus:
    """Read labelled comments from some sources, columns by their usual names.

    A column counts for an attribute under the attribute's own name or under
    a name that a public data set gives it (`model.attributes`). `label` with
    `removed`, `kept` or nothing is a moderator's decision: a kept comment is
    not toxic; of a removed one only what the moderator named is known. A
    comment that any of the sources withdraws is left out of all of them.
    """
    tables = {source: read_table(source) for source in sources}
    gone = {comment_id for table in tables.values() for comment_id in _withdrawn(table)}
    return joined([_labelled(_without(table, gone), source) for source, table in tables.items()])


def _withdrawn(table: pd.DataFrame) -> list[str]:
    if "withdrawn" not in table or "comment_id" not in table:
        return []
    found: list[str] = table.loc[table["withdrawn"].eq(True), "comment_id"].tolist()
    return found


def _without(table: pd.DataFrame, gone: set[str]) -> pd.DataFrame:
    if not gone or "comment_id" not in table:
        return table
    return table[~table["comment_id"].isin(gone)].reset_index(drop=True)


def _labelled(table: pd.DataFrame, source: str) -> Corpus:
    column = next((name for name in _TEXT_COLUMNS if name in table), None)
    if column is None:
        raise InvalidInput(
            f"{source!r} has no column of comments; it has {', '.join(map(str, table.columns))}: call it `text`."
        )
    labels = np.full((len(table), len(ABUSE)), np.nan, dtype=np.float32)
    for i, name in enumerate(ABUSE):
        for known in (name, *BY_NAME[name].columns):
            if known in table:
                labels[:, i] = _numbers(table[known], source)
                break
        if "attributes" in table:
            named = table["attributes"].map(lambda given, name=name: (given or {}).get(name))
            said = named.notna().to_numpy()
            labels[said, i] = named[said].to_numpy(dtype=np.float32)
    removed = np.full(len(table), np.nan, dtype=np.float32)
    if "label" in table and not pd.api.types.is_numeric_dtype(table["label"]):
        unknown = set(table["label"].dropna()) - {"removed", "kept"}
        if unknown:
            raise InvalidInput(f"{source!r}: the label {min(unknown)!r} is neither 'removed', 'kept' nor empty.")
        removed = table["label"].map({"removed": 1.0, "kept": 0.0}).to_numpy(dtype=np.float32)
        kept = removed == 0
        labels[kept, 0] = np.where(np.isnan(labels[kept, 0]), 0.0, labels[kept, 0])
    elif not np.isfinite(labels).any():
        raise InvalidInput(f"{source!r} has no column of labels: neither `label` nor one of {', '.join(ABUSE)}.")
    texts = [text if isinstance(text, str) else "" for text in table[column]]
    known_rows = np.array([bool(text.strip()) for text in texts]) & (
        np.isfinite(labels).any(axis=1) | np.isfinite(removed)
    )
    corpus = Corpus(texts, labels, np.ones(len(table), np.float32), np.full(len(table), source, object), removed)
    return corpus.rows(known_rows)


def read_training_table(folder: Path, seed: int) -> Corpus:
    """Read the open tier of the training table, sources capped and weighted."""
    table = read_table(str(folder / "abuse/train.parquet")).query("tier == 'open'")
    parts = [
        part.sample(min(len(part), _SOURCES.get(name, (len(part), 1.0))[0]), random_state=seed)
        for name, part in table.groupby("source")
    ]
    table = pd.concat(parts)
    # Its `threat` holds mentions of killing that threaten nobody.
    table.loc[table.source == "civil_weak_aayan", "threat"] = np.nan
    columns = [name if name != "profanity" else "obscene" for name in ABUSE]
    return Corpus(
        table.text.tolist(),
        table[columns].to_numpy(dtype=np.float32),
        table.source.map(lambda name: _SOURCES.get(name, (0, 1.0))[1]).to_numpy(dtype=np.float32),
        table.source.to_numpy(dtype=object),
        np.full(len(table), np.nan, dtype=np.float32),
    )


def counterfactual_corpus(seed: int) -> Corpus:
    """Give the sentences of our own making, as rows."""
    from training.counterfactuals import counterfactuals  # noqa: PLC0415

    sentences = counterfactuals(seed)
    columns = [name if name != "profanity" else "obscene" for name in ABUSE]
    labels = [[getattr(s, c) if getattr(s, c) is not None else np.nan for c in columns] for s in sentences]
    count = len(sentences)
    return Corpus(
        [s.text for s in sentences],
        np.array(labels, dtype=np.float32),
        np.full(count, 1.0, np.float32),
        np.full(count, "counterfactual", object),
        np.full(count, np.nan, dtype=np.float32),
    )


def _numbers(column: "pd.Series[Any]", source: str) -> NDArray[np.float32]:
    numbers = pd.to_numeric(column, errors="coerce")
    wrong = column.notna() & (numbers.isna() | (numbers < 0) | (numbers > 1))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InvalidInput(
            f"{source!r}, row {row + 1}: {column.name} is {column.iloc[row]!r}, not a number from 0 to 1."
        )
    found: NDArray[np.float32] = numbers.to_numpy(dtype=np.float32)
    return found
