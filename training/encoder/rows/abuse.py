"""What the encoder learns abuse from: rows, soft labels, a teacher's scores and marked words."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.attributes import ABUSE
from model.reading.characters import reading
from model.reading.pieces import WHOLE, pieces
from training.corpus.corpus import Corpus
from training.corpus.data_folder import read_marked
from training.corpus.guide import ANNOTATED, HOUSE, NEW_YORK, RELABELLED, SENTENCES, guide_corpus
from training.corpus.relevance_rows import WRITTEN
from training.corpus.training_table import counterfactual_corpus, read_training_table
from training.encoder.recipe import Recipe

#: The sources that the network's bias tells apart. The first one, labelled by
#: our own guide, has none: it says what a score means.
_SOURCES = (
    "guide",
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
#: Rows at most of a public source, in one epoch: what people labelled
#: elsewhere gives breadth, and agrees less with the guide than its own rows.
_MOST = {
    "jigsaw_wiki": 16_000,
    "civil_weak_aayan": 6_000,
    "davidson": 2_000,
    "hatexplain": 5_000,
    "edos": 3_000,
    "reddit_misogyny": 3_000,
    "hatemojibuild": 4_000,
}
#: How often a row labelled by the guide comes in one epoch.
_REPEATED = {HOUSE: 3, ANNOTATED: 2, RELABELLED: 2, NEW_YORK: 2, SENTENCES: 2, WRITTEN: 2}
#: A label that is so far from what the teacher says is not believed.
_CONTRADICTS = 0.8
#: Characters that a token stands for, a little under the mean: civil texts around another one leave it in sight.
_A_TOKEN = 3.75
#: A civil text that is put around others is shorter.
_AROUND = 420
#: For fewer characters, no text is cut to fit beside another one.
_LEAST_ROOM = 40
#: Batches among whose rows those of like length are put together.
_SORTED = 50
#: No label of a civil text is higher.
_CIVIL = 0.15
#: Of a long text that is civil, or that nobody judged, so many pieces are learnt: those that look worst.
_PIECES = 5


@dataclass(frozen=True)
class AbuseRow:
    """One text as the encoder reads it.

    `labels` follow `ABUSE`, NaN where nobody was asked; `marked` tells for
    each character whether raters marked it, None where nobody was asked;
    `taught` is what the teacher gives, NaN where there is none. `origin`
    names the corpus's source, `source` numbers the network's bias for it.
    """

    text: str
    labels: NDArray[np.float32]
    origin: str
    source: int
    weight: float
    marked: NDArray[np.bool_] | None = None
    taught: NDArray[np.float32] | None = None
    repeated: int = 1


def read_as(text: str, marked: set[int] | None = None) -> tuple[str, NDArray[np.bool_] | None]:
    """Read a text character by character, and carry the marks along."""
    readings = [reading(character) for character in text]
    if marked is None:
        return "".join(readings), None
    flags = [i in marked for i, r in enumerate(readings) for _ in r]
    return "".join(readings), np.array(flags, dtype=bool)


def abuse_rows(data: Path, seed: int) -> list[AbuseRow]:
    """Read the rows: those labelled by the guide, sentences of our own, public ones of the tier `open`."""
    posts = read_marked(data)
    marks = {t.strip(): set(json.loads(s)) for t, s in zip(posts.text, posts.spans, strict=True)}
    guide, public = guide_corpus(data), read_training_table(data, seed)
    rows = list(_rows(guide, marks))
    known = {text.strip() for text in guide.texts}
    rows += _rows(counterfactual_corpus(seed), marks)
    for name, most in _MOST.items():
        of_source = np.flatnonzero(public.sources == name)
        chosen = np.random.default_rng(seed).permutation(of_source)[:most]
        rows += (row for row in _rows(public.rows(np.sort(chosen)), marks) if row.text.strip() not in known)
    # Posts that raters marked words in; that somebody called a post toxic tells little of it.
    nobody = np.full(len(ABUSE), np.nan, dtype=np.float32)
    for text, marked in marks.items():
        rows.append(_row(text, nobody, "spans_only", 1.0, marked))
    return rows


def _rows(corpus: Corpus, marks: dict[str, set[int]]) -> Iterator[AbuseRow]:
    """Make rows of a corpus; marks that were used are taken out of `marks`."""
    for text, labels, source, weight in zip(corpus.texts, corpus.labels, corpus.sources, corpus.weights, strict=True):
        marked = marks.pop(text.strip(), None)
        if marked is not None:
            lead = len(text) - len(text.lstrip())
            marked = {i + lead for i in marked}
        yield _row(text, labels, str(source), float(weight), marked)


def _row(text: str, labels: NDArray[np.float32], source: str, weight: float, marked: set[int] | None) -> AbuseRow:
    """Return a text as the encoder learns it, read as the scorer reads it."""
    text, flags = read_as(text, marked)
    number = 0 if source in _REPEATED else _SOURCES.index(source)
    return AbuseRow(text, labels, source, number, weight, flags, repeated=_REPEATED.get(source, 1))


def taught_by(rows: Sequence[AbuseRow], scores: NDArray[np.float32]) -> list[AbuseRow]:
    """Add the teacher's N x A probabilities to N rows, and drop the public rows that contradict it outright."""
    toxicity = ABUSE.index("toxicity")
    return [
        replace(row, taught=given)
        for row, given in zip(rows, scores, strict=True)
        if row.source == 0 or not abs(row.labels[toxicity] - given[toxicity]) > _CONTRADICTS
    ]


def in_worst_pieces(
    rows: Sequence[AbuseRow], probabilities: Callable[[Sequence[str]], NDArray[np.float32]]
) -> tuple[list[AbuseRow], list[AbuseRow]]:
    """Return the short texts, and the worst pieces of the long ones, as these are scored by their worst one.

    A text's labels hold for its worst piece, whichever that is (multiple-instance
    learning: Andrews et al. 2002, NeurIPS 15). So the texts are cut as a scorer cuts
    them, and `probabilities`, N texts to N x A, tell which of the pieces are the worst.
    """
    long = [row for row in rows if len(row.text) > WHOLE]
    if not long:
        return list(rows), []
    cuts = [_cut(row) for row in long]
    scores = probabilities([piece.text for cut in cuts for piece in cut])
    found, first = list[AbuseRow](), 0
    for cut in cuts:
        found += _worst(cut, scores[first : first + len(cut)])
        first += len(cut)
    return [row for row in rows if len(row.text) <= WHOLE], found


def _cut(row: AbuseRow) -> list[AbuseRow]:
    """Cut a row into the pieces that a scorer reads, each with its marks."""
    return [
        replace(row, text=row.text[start:end], marked=None if row.marked is None else row.marked[start:end])
        for start, end in pieces(row.text)
    ]


def _worst(cut: Sequence[AbuseRow], scores: NDArray[np.float32]) -> list[AbuseRow]:
    """Choose the pieces of one text that say what its labels say, each with the labels that are known of it."""
    labels = cut[0].labels
    so = np.flatnonzero(labels > _CIVIL)
    marked = [i for i, piece in enumerate(cut) if piece.marked is not None and piece.marked.any()]
    if not so.size:
        worst = np.argsort(-scores[:, ABUSE.index("toxicity")])
        return [cut[i] for i in [*marked, *(i for i in worst.tolist() if i not in marked)][:_PIECES]]
    candidates = np.array(marked or range(len(cut)))
    worst = candidates[scores[candidates][:, so].argmax(axis=0)]
    found = []
    for i in np.unique(worst).tolist():
        known = labels.copy()
        # What the text is by another piece, this one may not be.
        known[so[worst != i]] = np.nan
        found.append(replace(cut[i], labels=known))
    return found


def source_count() -> int:
    """Count the sources of labels, each of which has a bias of its own in the network."""
    return len(_SOURCES)


def civil_texts(rows: Sequence[AbuseRow]) -> list[str]:
    """Return civil texts of the guide's, to put around others."""
    return [row.text for row in rows if row.source == 0 and np.nanmax(row.labels) < _CIVIL and len(row.text) < _AROUND]


def disturbed(row: AbuseRow, rng: random.Random, civil: Sequence[str], most: int) -> AbuseRow:
    """Disturb a row, sometimes: typos, or civil texts around it, up to `most` characters in all.

    Rows with marked words are left alone, so that the marks stay right.
    """
    draw = rng.random()
    if row.marked is not None or draw > 0.45:
        return row
    if draw < 0.35 and civil:
        return replace(row, text=_among(row.text, rng, civil, most))
    words = row.text.split(" ")
    for _ in range(max(1, len(words) // 8)):
        i = rng.randrange(len(words))
        words[i] = _typo(words[i], rng)
    return replace(row, text=" ".join(words))


def _among(text: str, rng: random.Random, civil: Sequence[str], most: int) -> str:
    """Put civil texts before and after a text, up to a length that is drawn; none where there is no room."""
    before, after = list[str](), list[str]()
    room = rng.randint(min(len(text), most), most) - len(text)
    while room > _LEAST_ROOM:
        other = rng.choice(civil)
        other = other if len(other) < room else other[: max(0, other.rfind(" ", 0, room))]
        (before if rng.random() < 0.5 else after).append(other)
        room -= len(other) + 1
    return " ".join(part for part in (*before, text, *after) if part)


def _typo(word: str, rng: random.Random) -> str:
    """Misspell a word, in one of five ways."""
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


def in_batches(rows: Sequence[AbuseRow], recipe: Recipe) -> list[list[AbuseRow]]:
    """Return a recipe's batches, of like length, some of their rows disturbed, in an order that its seed decides."""
    rng, civil, batch = random.Random(recipe.seed), civil_texts(rows), recipe.batch
    most = int(_A_TOKEN * recipe.tokens)
    numbers = [i for i, row in enumerate(rows) for _ in range(row.repeated)]
    count, found = int(recipe.epochs * len(numbers) / batch), list[list[AbuseRow]]()
    while len(found) < count:
        order = rng.sample(numbers, len(numbers))
        for start in range(0, len(order), batch * _SORTED):
            # Disturbed before they are sorted: one row with civil words around it would make its whole batch long.
            drawn = [disturbed(rows[i], rng, civil, most) for i in order[start : start + batch * _SORTED]]
            near = sorted(drawn, key=lambda row: len(row.text))
            cuts = [near[i : i + batch] for i in range(0, len(near), batch)]
            rng.shuffle(cuts)
            found += cuts
    return found[:count]
