"""What the encoder learns abuse from: rows, soft labels and marked words."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from model.attributes import ABUSE
from model.reading.characters import reading
from training.corpus.corpus import Corpus, joined
from training.corpus.training_table import counterfactual_corpus, read_training_table

#: The sources that the network's bias tells apart.
_SOURCES = (
    "jigsaw_wiki",
    "civil_toxic_spans_raw",
    "civil_weak_aayan",
    "davidson",
    "hatexplain",
    "edos",
    "reddit_misogyny",
    "hatemojibuild",
    "counterfactual",
    "spans_only",
)


#: Characters that the encoder is sure to see in training: padding must not push the abuse out of sight.
_MOST_PADDED = 280


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
    """Read all rows of the tier `open`, with the words that raters marked.

    The sentences of our own are made twice, from two seeds: what they teach
    is rare in everything else.
    """
    spans = pd.read_parquet(data / "abuse/train_spans.parquet")
    marks = {t.strip(): set(json.loads(s)) for t, s in zip(spans.text, spans.spans, strict=True)}
    corpus = joined([read_training_table(data, seed), counterfactual_corpus(seed), counterfactual_corpus(seed + 1)])
    rows = _rows(corpus, marks)
    nobody = np.full(len(ABUSE), np.nan, dtype=np.float32)
    for text, marked in marks.items():
        rows.append(_row(text, nobody, _SOURCES.index("spans_only"), 1.0, marked))
    return rows


def last_rows(rows: list[AbuseRow], seed: int) -> list[AbuseRow]:
    """Give sentences of our own that were not seen before, and as many of the others."""
    ours = _rows(joined([counterfactual_corpus(seed + 2), counterfactual_corpus(seed + 3)]), {})
    return ours + random.Random(seed).sample(rows, min(len(ours), len(rows)))


def _rows(corpus: Corpus, marks: dict[str, set[int]]) -> list[AbuseRow]:
    """Make rows of a corpus; marks that were used are taken out of `marks`."""
    rows = []
    for text, labels, source, weight in zip(corpus.texts, corpus.labels, corpus.sources, corpus.weights, strict=True):
        marked = marks.pop(text.strip(), None)
        if marked is not None:
            lead = len(text) - len(text.lstrip())
            marked = {i + lead for i in marked}
        rows.append(_row(text, labels, _SOURCES.index(source), float(weight), marked))
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
    if row.marked is not None or draw > 0.26:
        return row
    room = _MOST_PADDED - len(row.text)
    if draw < 0.14 and room > 40:
        other = rng.choice(benign)[:room]
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
