"""What the encoder learns abuse from: rows, soft labels and marked words."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.attributes import ABUSE
from model.characters import reading
from training.counterfactuals import counterfactuals

#: Columns of the training table, in the order of `ABUSE`.
_COLUMNS = ["toxicity", "severe_toxicity", "insult", "obscene", "threat", "identity_attack"]
#: Rows at most of a source, and its weight in the loss (reasons: docs/method.md).
_SOURCES = {
    "jigsaw_wiki": (40_000, 1.0),
    "civil_toxic_spans_raw": (20_000, 1.0),
    "civil_weak_aayan": (20_000, 0.6),
    "davidson": (5_000, 0.5),
    "hatexplain": (14_000, 0.8),
    "edos": (9_000, 0.8),
    "reddit_misogyny": (5_000, 1.0),
    "hatemojibuild": (6_000, 1.0),
    "counterfactual": (20_000, 1.0),
    "spans_only": (8_000, 1.0),
}


@dataclass(frozen=True)
class AbuseRow:
    """One text as the encoder reads it.

    `labels` follow `ABUSE`, NaN where nobody was asked; `marked` tells for
    each character whether raters marked it, None where nobody was asked.
    """

    text: str
    labels: NDArray[np.float32]
    source: int
    weight: float
    marked: NDArray[np.bool_] | None


def read_as(text: str, marked: set[int] | None = None) -> tuple[str, NDArray[np.bool_] | None]:
    """Read a text character by character, and carry the marks along."""
    readings = [reading(character) for character in text]
    if marked is None:
        return "".join(readings), None
    flags = [i in marked for i, r in enumerate(readings) for _ in r]
    return "".join(readings), np.array(flags, dtype=bool)


def abuse_rows(data: Path, seed: int) -> list[AbuseRow]:
    """Read all rows of the tier `open`, with the words that raters marked."""
    table = pd.read_parquet(data / "abuse/train.parquet")
    table = table[table.tier == "open"]
    table = pd.concat(
        [part.sample(min(len(part), _SOURCES[name][0]), random_state=seed) for name, part in table.groupby("source")]
    )
    spans = pd.read_parquet(data / "abuse/train_spans.parquet")
    marks = {t.strip(): set(json.loads(s)) for t, s in zip(spans.text, spans.spans, strict=True)}
    names = list(_SOURCES)
    rows = []
    for record in table.itertuples(index=False):
        marked = marks.pop(record.text.strip(), None)
        if marked is not None:
            lead = len(record.text) - len(record.text.lstrip())
            marked = {i + lead for i in marked}
        labels = np.array([getattr(record, c) for c in _COLUMNS], dtype=np.float32)
        rows.append(_row(record.text, labels, names.index(record.source), _SOURCES[record.source][1], marked))
    nobody = np.full(len(ABUSE), np.nan, dtype=np.float32)
    for text, marked in marks.items():
        rows.append(_row(text, nobody, names.index("spans_only"), 1.0, marked))
    for s in counterfactuals(seed):
        soft = [s.toxicity, s.severe_toxicity, s.insult, s.obscene, s.threat, s.identity_attack]
        labels = np.array([np.nan if x is None else x for x in soft], dtype=np.float32)
        rows.append(_row(s.text, labels, names.index("counterfactual"), 1.0, None))
    return rows


def source_count() -> int:
    """Count the sources, for the network's bias."""
    return len(_SOURCES)


def _row(text: str, labels: NDArray[np.float32], source: int, weight: float, marked: set[int] | None) -> AbuseRow:
    # No row is read beyond what the encoder can see of it.
    text, flags = read_as(text[:1200], marked)
    return AbuseRow(text, labels, source, weight, flags)


def disturbed(row: AbuseRow, rng: random.Random, benign: list[str]) -> AbuseRow:
    """Disturb a row, sometimes: typos, or benign words around it.

    Rows with marked words are left alone, so that the marks stay right.
    """
    draw = rng.random()
    if row.marked is not None or draw > 0.22:
        return row
    if draw < 0.08:
        other = rng.choice(benign)[:300]
        text = f"{row.text} {other}" if rng.random() < 0.5 else f"{other} {row.text}"
        return AbuseRow(text, row.labels, row.source, row.weight, None)
    words = row.text.split(" ")
    for _ in range(max(1, len(words) // 8)):
        i = rng.randrange(len(words))
        words[i] = _typo(words[i], rng)
    return AbuseRow(" ".join(words), row.labels, row.source, row.weight, None)


def _typo(word: str, rng: random.Random) -> str:
    if len(word) < 3:
        return word
    i = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(5)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[:i] + word[i + 1 :]
    if kind == 2:
        return word[:i] + word[i] + word[i:]
    if kind == 3:
        return word[:i] + "*" + word[i + 1 :]
    return word[:i] + " " + word[i:]
