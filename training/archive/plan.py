"""What an archive is made of: files, and runs of their rows, fixed before the first is scored."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from model.errors import InvalidInput
from model.tables.comments import comment_columns

#: Comments of a part: what is scored again if it is cut short. Three minutes
#: of the accurate tier, two seconds of the fast one.
PART_ROWS = 20_000
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Parquet file with `rows` comments; `url`, `bytes` and `modified` tell whether it is still the same."""

    url: str
    bytes: int
    modified: str | None
    rows: int


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that are scored together: `rows` of `source` after `skip`.

    `first` is the number of the first one among the rows of all sources.
    """

    name: str
    source: SourceFile
    skip: int
    rows: int
    first: int


@dataclass(frozen=True, slots=True)
class Plan:
    """An archive: what is scored, with what, into which parts.

    Attributes
    ----------
    bundle
        Version of the bundle.
    columns
        Of the parts, in order.
    articles
        SHA-256 of the file of articles, where there is one.
    part_rows
        Most rows of a part.
    """

    bundle: str
    columns: tuple[str, ...]
    articles: str | None
    sources: tuple[SourceFile, ...]
    part_rows: int = PART_ROWS

    @property
    def rows(self) -> int:
        """How many comments there are."""
        return sum(source.rows for source in self.sources)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts, in the order of the rows."""
        return tuple(self._parts())

    def _parts(self) -> Iterator[Part]:
        """Cut the source files into parts of equally many comments."""
        number = first = 0
        for source in self.sources:
            for skip in range(0, source.rows, self.part_rows):
                rows = min(self.part_rows, source.rows - skip)
                yield Part(f"part-{number:06d}.parquet", source, skip, rows, first)
                number += 1
                first += rows

    def to_json(self) -> str:
        """Write the plan down, the parts one a line."""
        about = json.dumps({"format": _FORMAT, **asdict(self)}, indent=1)
        parts = [
            json.dumps({"name": p.name, "url": p.source.url, "skip": p.skip, "rows": p.rows}) for p in self._parts()
        ]
        return about[:-2] + ',\n "parts": [\n  ' + ",\n  ".join(parts) + "\n ]\n}\n"

    @classmethod
    def from_json(cls, file: Path) -> "Plan":
        """Read what `to_json` wrote."""
        try:
            fields = json.loads(file.read_text())
            if fields.pop("format") != _FORMAT:
                raise InvalidInput(f"{str(file)!r} is the plan of another version: choose another folder.")
            del fields["parts"]
            sources = tuple(SourceFile(**source) for source in fields.pop("sources"))
            return cls(**{**fields, "columns": tuple(fields["columns"])}, sources=sources)
        except (ValueError, TypeError, KeyError) as error:
            raise InvalidInput(f"{str(file)!r} is not an archive's plan: {error}.") from error

    def difference(self, begun: "Plan") -> str | None:
        """Return, as a clause, how this differs from the plan that an archive was begun with; None if it does not."""
        if self.bundle != begun.bundle:
            return f"with bundle {begun.bundle}, and this one is {self.bundle}"
        if self.articles != begun.articles:
            return f"{_with_articles(begun.articles)}, and this time it is {_with_articles(self.articles)}"
        before, now = ({source.url: source for source in plan.sources} for plan in (begun, self))
        if gone := sorted(before.keys() - now.keys()):
            return f"with {gone[0]!r} too, which is not among the files now"
        if new := sorted(now.keys() - before.keys()):
            return f"without {new[0]!r}, which is among the files now"
        if changed := [url for url in before if before[url] != now[url]]:
            return f"before {changed[0]!r} was changed"
        return None if self == begun else "with other columns or parts"


def _with_articles(articles: str | None) -> str:
    """Say with which articles an archive is scored."""
    return "without articles" if articles is None else f"with articles of SHA-256 {articles[:8]}"


def sources_of(given: str) -> tuple[SourceFile, ...]:
    """Find the Parquet files that a path, a folder or a pattern names, on this machine or behind a URL.

    Raises
    ------
    InvalidInput
        If there is none, or one of them has no comments in it.
    """
    try:
        system, path = fsspec.core.url_to_fs(given)
        if system.isdir(path):
            found = system.glob(f"{path.rstrip('/')}/*.parquet")
        else:
            found = [path] if system.isfile(path) else system.glob(path)
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"{given!r} cannot be read: {error}.") from error
    if not found:
        raise InvalidInput(
            f"{given!r} names no Parquet file: name one, a folder of them, a quoted pattern, or one table of "
            f"another format."
        )
    with ThreadPoolExecutor(16) as pool:
        sources = tuple(pool.map(lambda name: _source(system, name), sorted(found)))
    if not any(source.rows for source in sources):
        raise InvalidInput(f"{given!r}: there is no comment in {len(sources)} files.")
    return sources


def _source(system: Any, path: str) -> SourceFile:
    """Describe a Parquet file of comments: rows, size and when it was modified."""
    with open_parquet(system, path) as file:
        _check_columns(path, file.schema_arrow)
        rows = file.metadata.num_rows
    try:
        modified = system.modified(path).isoformat()
    except NotImplementedError:
        # Not every store knows.
        modified = None
    return SourceFile(system.unstrip_protocol(path), system.size(path), modified, rows)


def open_parquet(system: Any, path: str) -> pq.ParquetFile:
    """Open a file so that only a buffer of it is in memory, not a row group."""
    try:
        return pq.ParquetFile(path, filesystem=system, buffer_size=1 << 20, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(f"{path!r} cannot be read: {str(error).splitlines()[0]}") from error


def _check_columns(path: str, schema: pa.Schema) -> None:
    """Refuse a Parquet file of an archive that has no column of texts."""
    columns = comment_columns(tuple(schema.names))
    if "text" not in columns:
        raise InvalidInput(f"{path!r} has no column 'text'; it has {', '.join(schema.names) or 'none'}.")
    kind = schema.field(columns["text"]).type
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    known: Sequence[Any] = (pa.string(), pa.large_string(), pa.string_view(), pa.null())
    if inner not in known:
        raise InvalidInput(f"{path!r}: the column {columns['text']!r} holds {kind}, not text.")


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
