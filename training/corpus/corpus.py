"""Labelled comments in: Parquet, CSV, JSON Lines, a folder of the hub, label rows.

Everything is read by Hugging Face `datasets`, so that a file and a hub id
such as `google/civil_comments` take the same path.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.attributes import ABUSE
from model.errors import InvalidInput
from training.labels.rows import FIELDS, Rows, read_rows, withdrawn_ids
from training.labels.weights import label_weights

#: The source of sentences of our own.
OURS = "counterfactual"
_READERS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
#: What can be known of a row besides; None where it is not.
_KNOWN = ("comment_id", "article_id", "author", "time", "seen_because", "probability_seen", "batch", "file", "row")
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
    known
        N rows: what else is known of each: `comment_id`, `article_id`,
        `author`, `time`, how it came before a person (`seen_because`,
        `probability_seen`, `batch`), and the `file` and `row` that it is from.
    """

    texts: list[str]
    labels: NDArray[np.float32]
    weights: NDArray[np.float32]
    sources: NDArray[np.object_]
    removed: NDArray[np.float32]
    known: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        known = self.known.reset_index(drop=True).reindex(index=range(len(self.texts)), columns=list(_KNOWN))
        known = known.astype(object).where(known.notna(), None)
        types = {"time": "datetime64[us, UTC]", "probability_seen": float}
        known["batch"] = known["batch"].eq(True)
        object.__setattr__(self, "known", known.astype(types))

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
            self.known.iloc[numbers],
        )

    @property
    def random(self) -> NDArray[np.bool_]:
        """Which rows were drawn at random from everything: what to measure on, of what a newsroom saw."""
        drawn: NDArray[np.bool_] = self.known["seen_because"].eq("random").to_numpy(bool)
        return drawn

    @property
    def fingerprint(self) -> str:
        """Name the data: SHA-256 over texts and labels in their order, whatever file they were in."""
        return Fingerprint().of(self)


class Fingerprint:
    """Names data that is read bit by bit."""

    def __init__(self) -> None:
        self._texts, self._labels, self._removed = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def of(self, corpus: Corpus) -> str:
        """Add some rows, and name all so far."""
        for text in corpus.texts:
            self._texts.update(text.encode("utf-8", "surrogatepass") + b"\0")
        for digest, numbers in ((self._labels, corpus.labels), (self._removed, corpus.removed)):
            # There are many NaN; they are to count as one.
            digest.update(np.where(np.isnan(numbers), np.float32(np.nan), numbers).tobytes())
        parts = (self._texts, self._labels, self._removed)
        return hashlib.sha256(b"".join(part.digest() for part in parts)).hexdigest()[:16]


def joined(parts: Sequence[Corpus]) -> Corpus:
    """Put several corpora together, in their order."""
    return Corpus(
        [text for part in parts for text in part.texts],
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.sources for part in parts]),
        np.concatenate([part.removed for part in parts]),
        pd.concat([part.known for part in parts], ignore_index=True),
    )


def data_folder_if_any() -> Path | None:
    """Find the training data where it usually is: `BELOWLINE_DATA`, or `../shared/data`; None if it is not there."""
    try:
        return data_folder(None)
    except InvalidInput:
        return None


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
    known = pd.DataFrame({name: columns[name] for name in _KNOWN if name in columns}, dtype=object)
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
    from training.corpus.counterfactuals import counterfactuals  # noqa: PLC0415

    sentences = counterfactuals(seed)
    columns = [name if name != "profanity" else "obscene" for name in ABUSE]
    labels = [[getattr(s, c) if getattr(s, c) is not None else np.nan for c in columns] for s in sentences]
    count = len(sentences)
    return Corpus(
        [s.text for s in sentences],
        np.array(labels, dtype=np.float32),
        np.full(count, 1.0, np.float32),
        np.full(count, OURS, object),
        np.full(count, np.nan, dtype=np.float32),
    )
