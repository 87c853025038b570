"""Turn anybody's labels, however many, into one file of ours, and report what is in them."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from model.errors import InvalidInput
from training.corpus.corpus import Fingerprint
from training.corpus.newsroom_labels import labelled
from training.labels.columns import ATTRIBUTES, Hints
from training.labels.repeats import Leakage, Repeats, TextIndex
from training.labels.rows import FIELDS, NO_HINTS, Rows, read_label_rows, withdrawn_ids
from training.progress import Progress, silent

_ENDINGS = (".parquet", ".jsonl")
#: Rows between two lines of progress.
_PAUSE = 250_000
_TOLD = 5


@dataclass(slots=True)
class Counts:
    """What one source of labels holds.

    Attributes
    ----------
    rows
        That were read.
    labels
        `removed`, `kept` and `never reviewed`, of the rows that were taken.
    asked, yes
        Attribute to how many rows label it, and how many say yes.
    seen_because
        Why a person came to see the comments, and how often.
    withdrawn
        Rows of erased comments; they are left out.
    without_text, first_without_text
        Rows left out because they hold no comment, and the first of them.
    """

    source: str
    rows: int = 0
    labels: dict[str, int] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    yes: dict[str, int] = field(default_factory=dict)
    seen_because: dict[str, int] = field(default_factory=dict)
    withdrawn: int = 0
    without_text: int = 0
    first_without_text: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ingested:
    """The file that was written, and what it holds.

    Attributes
    ----------
    rows
        How many were written.
    fingerprint
        Of the labelled rows, as `training fit` writes it into the bundle.
    looked_at
        How many rows were searched for repeated texts.
    """

    out: str
    rows: int
    fingerprint: str
    sources: tuple[Counts, ...]
    looked_at: int
    repeats: Repeats
    leakage: tuple[Leakage, ...]


def ingest(
    sources: Sequence[str],
    out: Path,
    hints: Hints = NO_HINTS,
    *,
    limit: int | None = None,
    against: Sequence[str] = (),
    say: Progress = silent,
) -> Ingested:
    """Read labels and write them to one file; memory use does not grow with their number.

    Parameters
    ----------
    sources
        Files, folders or ids of the hub.
    out
        `.parquet` or `.jsonl`; it appears only when every row has been read and understood.
    hints
        What the user knows better of the sources.
    limit
        At most so many rows of each source.
    against
        Other files of labels, searched for the same texts.
    say
        Called with what each column is read as, and with progress.
    """
    if out.suffix not in _ENDINGS:
        raise InvalidInput(f"{str(out)!r} is none of {', '.join(_ENDINGS)}: the ending decides the format.")
    if not out.absolute().parent.is_dir():
        raise InvalidInput(f"There is no folder {str(out.parent)!r} to write {out.name!r} into.")
    gone = {comment_id for source in sources for comment_id in withdrawn_ids(source)}
    texts, fingerprint = TextIndex(), Fingerprint()
    counts = [Counts(source) for source in sources]
    written, name = 0, ""
    with _writer(out) as write:
        for count in counts:
            for read in read_label_rows(count.source, hints, limit=limit, say=say):
                rows = _usable(read, gone, count)
                write(rows)
                name = fingerprint.of(labelled(rows))
                texts.add(rows)
                if (written + len(rows)) // _PAUSE > written // _PAUSE:
                    say(f"{written + len(rows):,} rows")
                written += len(rows)
    return Ingested(
        out=str(out),
        rows=written,
        fingerprint=name,
        sources=tuple(counts),
        looked_at=len(texts),
        repeats=texts.repeats(),
        leakage=tuple(texts.leakage(_texts(other, replace(hints, columns={}), say), other) for other in against),
    )


def _usable(rows: Rows, gone: set[str], count: Counts) -> Rows:
    """Keep the rows that hold a comment or withdraw one, and count them."""
    columns = rows.columns
    count.rows += len(rows)
    chosen = []
    for i, text in enumerate(columns["text"]):
        if columns["withdrawn"][i]:
            # Older files may hold the comment: the row goes on withdrawing it.
            chosen.append(i)
            count.withdrawn += 1
        elif columns["comment_id"][i] in gone:
            count.withdrawn += 1
        elif not text.strip():
            count.without_text += 1
            count.first_without_text += [rows.numbers[i]][: _TOLD - len(count.first_without_text)]
        else:
            chosen.append(i)
            _more(count.labels, columns["label"][i] or "never reviewed")
            if because := columns["seen_because"][i]:
                _more(count.seen_because, because)
    found = rows.only(chosen)
    for name in ATTRIBUTES:
        said = [value for value in found.columns[name] if value is not None]
        if said:
            _more(count.asked, name, len(said))
            _more(count.yes, name, sum(value >= 0.5 for value in said))
    origin = Path(rows.source).name
    return Rows(rows.source, found.numbers, {**found.columns, "origin": [o or origin for o in found.columns["origin"]]})


def _more(counts: dict[str, int], name: str, by: int = 1) -> None:
    """Add to a count."""
    counts[name] = counts.get(name, 0) + by


def _texts(source: str, hints: Hints, say: Progress) -> TextIndex:
    """Index the texts of a source of labels, so that `ingest` can tell of repeats."""
    texts = TextIndex()
    for rows in read_label_rows(source, hints, say=say):
        texts.add(rows)
    return texts


@contextmanager
def _writer(out: Path) -> Iterator[Callable[[Rows], None]]:
    """Write rows to a file beside it, which takes its place once all went well."""
    part = out.with_name(f"{out.name}.part")
    try:
        with ExitStack() as stack:
            yield (_parquet if out.suffix == ".parquet" else _json_lines)(part, stack)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _parquet(part: Path, stack: ExitStack) -> Callable[[Rows], None]:
    """Return what writes label rows to a Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 - slow to import
    import pyarrow.parquet as pq  # noqa: PLC0415

    types = {
        **dict.fromkeys(FIELDS, pa.string()),
        **dict.fromkeys(ATTRIBUTES, pa.float32()),
        **dict.fromkeys(("batch", "blind", "withdrawn"), pa.bool_()),
        "time": pa.timestamp("us", tz="UTC"),
        "probability_seen": pa.float64(),
    }
    schema = pa.schema(list(types.items()))
    file = stack.enter_context(pq.ParquetWriter(part, schema, compression="zstd"))
    return lambda rows: file.write_table(pa.table(rows.columns, schema))


def _json_lines(part: Path, stack: ExitStack) -> Callable[[Rows], None]:
    """Return what writes label rows as JSON Lines; the first line names all columns, as Parquet does."""
    file = stack.enter_context(part.open("w", encoding="utf-8", errors="surrogatepass"))
    first = True

    def write(rows: Rows) -> None:
        nonlocal first
        for cells in zip(*(rows.columns[name] for name in FIELDS), strict=True):
            row = {name: cell for name, cell in zip(FIELDS, cells, strict=True) if first or cell is not None}
            first = False
            file.write(json.dumps(row, ensure_ascii=False, default=datetime.isoformat) + "\n")

    return write
