"""The record of labelled comments that everything is fitted to and measured on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: What else may be known of a row; None where it is not.
KNOWN = ("comment_id", "article_id", "author", "time", "seen_because", "probability_seen", "batch", "file", "row")


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
        known = self.known.reset_index(drop=True).reindex(index=range(len(self.texts)), columns=list(KNOWN))
        known = known.astype(object).where(known.notna(), None)
        types = {"time": "datetime64[us, UTC]", "probability_seen": float}
        known["batch"] = known["batch"].eq(True)
        object.__setattr__(self, "known", known.astype(types))

    def __len__(self) -> int:
        return len(self.texts)

    def rows(self, chosen: NDArray[Any]) -> "Corpus":
        """Return some of the rows, by number or by mask."""
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
        """Which rows were drawn at random from all comments: what to measure a newsroom's decisions on."""
        drawn: NDArray[np.bool_] = self.known["seen_because"].eq("random").to_numpy(bool)
        return drawn

    @property
    def fingerprint(self) -> str:
        """A name for the data: SHA-256 over texts and labels in their order, whatever file they came from."""
        return Fingerprint().of(self)


class Fingerprint:
    """Fingerprints data that is read piece by piece."""

    def __init__(self) -> None:
        self._texts, self._labels, self._removed = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def of(self, corpus: Corpus) -> str:
        """Add rows, and return the fingerprint of all so far."""
        for text in corpus.texts:
            self._texts.update(text.encode("utf-8", "surrogatepass") + b"\0")
        for digest, numbers in ((self._labels, corpus.labels), (self._removed, corpus.removed)):
            # There are many NaN; they are to count as one.
            digest.update(np.where(np.isnan(numbers), np.float32(np.nan), numbers).tobytes())
        parts = (self._texts, self._labels, self._removed)
        return hashlib.sha256(b"".join(part.digest() for part in parts)).hexdigest()[:16]


def joined(parts: Sequence[Corpus]) -> Corpus:
    """Concatenate corpora, in their order."""
    return Corpus(
        [text for part in parts for text in part.texts],
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.sources for part in parts]),
        np.concatenate([part.removed for part in parts]),
        pd.concat([part.known for part in parts], ignore_index=True),
    )
