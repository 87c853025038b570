"""One part of an archive, from its rows to its file: what a worker does."""

import gc
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from uuid import uuid4

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from model.errors import BundleError, InvalidInput
from model.records import Article, Comment, Scores, Unscorable
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer
from model.tables.comments import as_comment, comment_columns, read_articles, words
from training.archive.plan import Part, SourceFile, open_parquet, sha256

#: Rows that are in memory at a time.
_CHUNK = 1024
_COLUMNS = ("text", "id", "article_id", "parent_text")
_open = threading.local()


@dataclass(frozen=True, slots=True)
class Job:
    """What all parts of an archive share; a `Job` and a `Part` are all that a worker is sent.

    Attributes
    ----------
    bundle, version
        What scores, and the version that it must have.
    columns
        Of the file that is written.
    out
        Its folder.
    articles, articles_sha256
        The file of articles, where there is one, and what must be in it.
    """

    bundle: str
    version: str
    columns: tuple[str, ...]
    out: str
    articles: str | None = None
    articles_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class FinishedPart:
    """A part that was scored: its rows, and the seconds a worker spent on it."""

    rows: int
    seconds: float


def score_part(job: Job, part: Part) -> FinishedPart:
    """Score a part, and write its file; under its name it is there whole or not at all."""
    scorer = _scorer(job.bundle, job.version)
    known = _articles(job.articles, job.articles_sha256) if job.articles is not None else {}
    start = time.monotonic()
    used: dict[str, Article] = {}
    if known:
        named = (key for batch in _rows(part, ("article_id",)) for key in batch.column("article_id").to_pylist())
        used = {key: known[key] for key in dict.fromkeys(map(words, named)) if key in known}
    ids: list[str | None] = []
    found: list[Scores | Unscorable] = []
    # A process for each core and a thread for each process: more would wait for each other.
    with threadpool_limits(1):
        for batch in _rows(part, _COLUMNS):
            comments = _comments(batch, part, len(ids))
            ids += [comment.id for comment in comments]
            found += scorer.score_each(comments, articles=used)
    if len(ids) != part.rows:
        raise InvalidInput(f"{part.source.url!r} was changed while it was read: it has fewer comments than before.")
    columns = {"id": pa.array(ids, pa.string())}
    for name in job.columns[1:]:
        # Rounded as `python -m model score` does.
        scores = [round(row[name], 6) if isinstance(row, Scores) and name in row.values else None for row in found]
        columns[name] = pa.array(scores, pa.float64())
    _write(pa.table(columns), Path(job.out, part.name))
    return FinishedPart(part.rows, time.monotonic() - start)


def _comments(batch: pa.RecordBatch, part: Part, done: int) -> list[Comment]:
    """Read a batch's rows as comments; say which row cannot be read."""
    first = part.first + done
    try:
        return [
            as_comment(row, f"{part.source.url!r}, row {part.skip + done + number + 1}", first + number)
            for number, row in enumerate(batch.to_pylist())
        ]
    except UnicodeDecodeError as error:
        start = part.skip + done + 1
        raise InvalidInput(
            f"{part.source.url!r}, rows {start} to {start + len(batch) - 1}: one of them is not UTF-8 ({error.reason})."
        ) from error


@lru_cache(maxsize=1)
def _scorer(bundle: str, version: str) -> Scorer:
    """Load the bundle on a worker, for one thread, and refuse another version than the archive's."""
    # The tokenizers start a thread for each core, too, unless they are told not to.
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    scorer = load_bundle(bundle, threads=1)
    if scorer.manifest.version != version:
        raise BundleError(
            f"The worker on {socket.gethostname()} has bundle {scorer.manifest.version} at {bundle!r}, but the "
            f"archive is being scored with {version}: put the same bundle there."
        )
    # As long as the worker lives: to look through it for garbage would take a fifth of the time.
    gc.freeze()
    return scorer


@lru_cache(maxsize=1)
def _articles(file: str, digest: str | None) -> dict[str, Article]:
    """Read the articles on a worker; refuse a file that was altered since the archive was begun."""
    if sha256(Path(file)) != digest:
        raise InvalidInput(f"{file!r} on {socket.gethostname()} does not hold the articles the archive was begun with.")
    return read_articles(file)


def _rows(part: Part, columns: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Yield a part's rows in batches, from a reader that stays open for the next part."""
    readers: dict[tuple[str, ...], _Reader] = _open.__dict__.setdefault("readers", {})
    reader = readers.get(columns)
    if reader is None or reader.source != part.source:
        reader = readers[columns] = _Reader(part.source, columns)
    return reader.rows(part.skip, part.rows)


class _Reader:
    """Reads a file's rows a batch at a time, and continues where it stopped.

    A Parquet file can be entered at a row group only. With a reader for each
    part, one row group of a hundred million rows would be read from its
    beginning five thousand times.
    """

    def __init__(self, source: SourceFile, columns: tuple[str, ...]) -> None:
        self.source = source
        system, path = fsspec.core.url_to_fs(source.url)
        if system.size(path) != source.bytes:
            raise InvalidInput(f"{source.url!r} was changed after the archive was begun: choose another --out.")
        self._file = open_parquet(system, path)
        found = comment_columns(tuple(self._file.schema_arrow.names))
        self._columns = {found[name]: name for name in columns if name in found}
        groups = self._file.metadata
        sizes = [groups.row_group(i).num_rows for i in range(groups.num_row_groups)]
        self._starts = list(accumulate(sizes[:-1], initial=0))
        self._enter(0)

    def _enter(self, group: int) -> None:
        """Go on reading at a row group."""
        self._next = self._starts[group]
        self._left: pa.RecordBatch | None = None
        groups = list(range(group, len(self._starts)))
        self._batches = self._file.iter_batches(_CHUNK, groups, list(self._columns), use_threads=False)

    def rows(self, skip: int, count: int) -> Iterator[pa.RecordBatch]:
        """Yield `count` rows after the first `skip`."""
        if not self._columns:
            return
        group = max(i for i, start in enumerate(self._starts) if start <= skip)
        if skip < self._next or self._starts[group] > self._next:
            self._enter(group)
        while count > 0:
            batch = self._left or self._batch()
            if batch is None:
                return
            passed = min(max(skip - self._next, 0), len(batch))
            taken = min(len(batch) - passed, count)
            self._next += passed + taken
            self._left = batch.slice(passed + taken) if passed + taken < len(batch) else None
            count -= taken
            if taken:
                yield batch.slice(passed, taken)

    def _batch(self) -> pa.RecordBatch | None:
        """Return the next rows under the names that we know, None at the end."""
        try:
            batch = next(self._batches, None)
            return batch and batch.rename_columns([self._columns[name] for name in batch.schema.names])
        except (pa.ArrowException, OSError) as error:
            raise InvalidInput(f"{self.source.url!r} cannot be read: {str(error).splitlines()[0]}") from error


def _write(table: pa.Table, file: Path) -> None:
    """Write a file that is there whole or not at all, whenever the power goes."""
    temporary = file.with_name(f".{file.name}.{uuid4().hex}")
    try:
        with temporary.open("wb") as content:
            pq.write_table(table, content)
            content.flush()
            os.fsync(content.fileno())
        temporary.replace(file)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def is_finished(job: Job, part: Part) -> bool:
    """Return whether a part's file is there, with all its rows."""
    try:
        found: int = pq.read_metadata(Path(job.out, part.name)).num_rows
    except (OSError, pa.ArrowException):
        return False
    return found == part.rows
