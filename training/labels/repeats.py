"""What occurs twice in labels: repeated texts, contradictions, texts that another file has too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.attributes import ABUSE
from training.labels.duplicates import group_near_duplicates, plain_text, signatures
from training.labels.rows import Rows

#: Rows, at most, that are searched for repeated texts: 60 MB, and half a minute.
MOST = 200_000
#: Places that a report names.
_TOLD = 10
_LABELS = ("removed", *ABUSE)
_NUMBERS = {"removed": 1.0, "kept": 0.0, None: np.nan}


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file."""

    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The same text, or nearly, with opposite labels."""

    of: str
    yes: Place
    no: Place


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often texts recur in one data set.

    Attributes
    ----------
    exact, near
        Rows whose text another row has too, apart from case and punctuation;
        rows whose text is nearly another's.
    conflicts
        How many groups of such rows contradict each other.
    first
        The first of the conflicts.
    """

    exact: int
    near: int
    contradictions: int
    first: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True)
class Leakage:
    """Texts of one data set that are also in another: what was learnt from them cannot be measured there."""

    against: str
    exact: int
    near: int
    first: tuple[tuple[Place, Place], ...]


class TextIndex:
    """An index of a data set's texts, to find them again; the texts themselves are not kept.

    Attributes
    ----------
    places
        Where each text is.
    hashes, signatures
        Equal where texts are the same; alike where they nearly are.
    """

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.hashes: list[NDArray[np.int64]] = []
        self.signatures: list[NDArray[np.uint32]] = []
        self._labels: list[NDArray[np.float32]] = []

    def __len__(self) -> int:
        return len(self.places)

    def add(self, rows: Rows) -> None:
        """Add rows, up to the limit."""
        rows = rows.only(range(min(len(rows), MOST - len(self))))
        if not len(rows):
            return
        plain = [plain_text(text) for text in rows.columns["text"]]
        self.places += [Place(rows.source, number) for number in rows.numbers]
        self.hashes.append(np.array([hash(text) for text in plain], dtype=np.int64))
        self.signatures.append(signatures(plain))
        decided = [_NUMBERS[label] for label in rows.columns["label"]]
        asked = [rows.columns[name] for name in ABUSE]
        self._labels.append(np.array([decided, *asked], dtype=np.float32).T)

    def repeats(self) -> Repeats:
        """Find repeated texts, and labels that contradict each other."""
        exact, near = _groups([self])
        labels = np.concatenate(self._labels) if self._labels else np.zeros((0, len(_LABELS)), np.float32)
        once = np.bincount(near)[near] == 1
        count = 0
        first: list[Contradiction] = []
        order = np.flatnonzero(~once)[np.argsort(near[~once], kind="stable")]
        for rows in np.split(order, np.flatnonzero(np.diff(near[order])) + 1) if len(order) else []:
            found = [self._contradiction(i, rows, labels[rows, i]) for i in range(len(_LABELS))]
            contradictions = [one for one in found if one]
            count += bool(contradictions)
            first += contradictions[: _TOLD - len(first)]
        twice = np.bincount(exact)[exact] > 1
        return Repeats(int(twice.sum()), int((~once & ~twice).sum()), count, tuple(first))

    def leakage(self, other: "TextIndex", against: str) -> Leakage:
        """Find texts that another data set has too."""
        exact, near = _groups([self, other])
        mine = np.arange(len(exact)) < len(self)
        in_exact = mine & np.isin(exact, exact[~mine])
        in_near = mine & np.isin(near, near[~mine])
        first = []
        for i in np.flatnonzero(in_near)[:_TOLD]:
            there = np.flatnonzero(~mine & (near == near[i]))[0] - len(self)
            first.append((self.places[i], other.places[there]))
        return Leakage(against, int(in_exact.sum()), int((in_near & ~in_exact).sum()), tuple(first))

    def _contradiction(self, label: int, rows: NDArray[np.int64], said: NDArray[np.float32]) -> Contradiction | None:
        """Return the contradiction between the labels of one text, None if there is none."""
        known = ~np.isnan(said)
        # Fractions of raters differ a little; half of them is another opinion.
        if not known.any() or said[known].max() < 0.5 or said[known].min() >= 0.5 or np.ptp(said[known]) < 0.5:
            return None
        yes, no = rows[known][said[known].argmax()], rows[known][said[known].argmin()]
        return Contradiction(_LABELS[label], self.places[yes], self.places[no])


def _groups(parts: Sequence[TextIndex]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, for each row, the number of those with the same text, and of those with nearly the same."""
    hashes = [found for part in parts for found in part.hashes]
    if not hashes:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, first, exact = np.unique(np.concatenate(hashes), return_index=True, return_inverse=True)
    found = np.concatenate([found for part in parts for found in part.signatures])
    return exact, group_near_duplicates(found[first])[exact]
