"""Score an archive of any size, on one core or many machines, and resume after a kill."""

import fcntl
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from model.bundling.manifest import bundle_path, verify
from model.errors import BelowlineError, InvalidInput
from model.tables.comments import read_articles
from training.archive.convert import as_parquet, drop_copies
from training.archive.part import FinishedPart, Job, is_finished, score_part
from training.archive.plan import Part, Plan, sha256, sources_of

_PLAN, _DONE, _LOCK = "_plan.json", "_SUCCESS", ".lock"
#: Parts for each core of a cluster that are under way: one is scored, one waits.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """What `score_archive` needs to know.

    Attributes
    ----------
    source
        A Parquet file, a folder of them, or a pattern; a path or a URL.
    out
        The folder of the parts.
    articles
        A file of articles, which a comment's `article_id` names.
    bundle
        `fast`, `accurate` or a folder.
    scheduler
        Address of a cluster's scheduler.
    workers
        Processes on this machine, where there is no scheduler; 1 is this one.
    """

    source: str
    out: Path
    articles: Path | None = None
    bundle: str = "accurate"
    scheduler: str | None = None
    workers: int = 2


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is now, and what the last run took.

    Attributes
    ----------
    bundle
        Version of what scored.
    rows, parts
        How many comments, and how many files of scores.
    scored
        How many comments this run scored.
    seconds
        How long it took, with the start of the workers.
    busy
        Seconds that the workers spent on comments, summed.
    """

    bundle: str
    rows: int
    parts: int
    scored: int
    seconds: float
    busy: float

    def sentences(self) -> str:
        """Sum up the run, and estimate what a hundred million comments would take."""
        done = f"{self.rows:,} comments in {self.parts} parts, scored with bundle {self.bundle}."
        if not self.scored:
            return f"{done} All of them were there before."
        hours = 1e8 / self.scored * self.busy / 3600
        return (
            f"{done}\nThis run: {self.scored:,} in {self.seconds:,.0f} s, {self.scored / self.seconds:,.0f} a second; "
            f"{self.scored / self.busy:,.0f} a second and worker, without its start. At this speed 100 million take "
            f"{hours:,.1f} core-hours: cores for a night of 8 hours, {math.ceil(hours / 8):,}."
        )


def score_archive(options: ArchiveOptions, progress: Callable[[int, int], None]) -> Summary:
    """Score what is not scored yet; `progress` is called with how many of how many comments are.

    Raises
    ------
    BelowlineError
        If it cannot start or continue, for example because `out` was begun
        with another with another bundle or other files.
    """
    plan, job = _planned(options)
    options.out.mkdir(parents=True, exist_ok=True)
    with _alone(options.out):
        _begin(options.out, plan)
        todo = [part for part in plan.parts if not is_finished(job, part)]
        scored = sum(part.rows for part in todo)
        done = plan.rows - scored
        progress(done, plan.rows)
        start = time.monotonic()
        busy = 0.0
        for part in _scored(options, job, todo):
            done += part.rows
            busy += part.seconds
            progress(done, plan.rows)
        summary = Summary(plan.bundle, plan.rows, len(plan.parts), scored, time.monotonic() - start, busy)
        _finish(options.out, job, plan, summary)
        # Readers' comments lie nowhere that nobody thinks of; a second run would make the same copy.
        drop_copies(options.out)
    return summary


def _planned(options: ArchiveOptions) -> tuple[Plan, Job]:
    """Verify the bundle and list the source files, and return what to score and with what."""
    path = bundle_path(options.bundle)
    manifest = verify(path)
    digest = None
    if options.articles is not None:
        # What is wrong with them is told now, not in the middle of the night.
        read_articles(str(options.articles))
        digest = sha256(options.articles)
    scored = (name for name in manifest.attributes if name != "off_topic" or digest)
    sources = sources_of(as_parquet(options.source, options.out))
    out = options.out.resolve()
    if any(source.url == (out / source.url.rpartition("/")[2]).as_uri() for source in sources):
        raise InvalidInput(f"{str(options.out)!r} holds the comments: the scores need a folder of their own.")
    plan = Plan(manifest.version, ("id", *scored), digest, sources)
    shipped = options.bundle in ("fast", "accurate")
    articles = str(options.articles.resolve()) if options.articles else None
    bundle = options.bundle if shipped else str(path.resolve())
    return plan, Job(bundle, plan.bundle, plan.columns, str(out), articles, digest)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep a second run out; the system releases the lock when the process ends, however it does."""
    with (out / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InvalidInput(f"Another run is writing to {str(out)!r}: wait for it, or stop it.") from error
        yield


def _begin(out: Path, plan: Plan) -> None:
    """Write the plan to the output folder; refuse a folder that was begun with another one."""
    file = out / _PLAN
    if file.exists():
        if difference := plan.difference(Plan.from_json(file)):
            raise InvalidInput(
                f"{str(out)!r} was begun {difference}: choose another --out, or repeat what it was begun with."
            )
    elif any(out.glob("*.parquet")):
        raise InvalidInput(f"{str(out)!r} holds files that are not an archive: choose another --out.")
    else:
        _write(file, plan.to_json())


def _scored(options: ArchiveOptions, job: Job, todo: Sequence[Part]) -> Iterator[FinishedPart]:
    """Score parts, in any order."""
    if options.scheduler is None and min(options.workers, len(todo)) <= 1:
        for part in todo:
            yield score_part(job, part)
    elif todo:
        from training.cluster import cluster  # noqa: PLC0415 - slow to import, and not needed on one core

        with cluster(options.scheduler, options.workers) as client:
            yield from _on_cluster(client, job, todo)


def _on_cluster(client: Any, job: Job, todo: Sequence[Part]) -> Iterator[FinishedPart]:
    """Have a Dask cluster's workers score the parts, and yield each one as it is finished."""
    from dask.distributed import KilledWorker, as_completed  # noqa: PLC0415 - slow to import
    from distributed.client import ClosedClientError  # noqa: PLC0415

    waiting = iter(todo)
    under_way: Any = as_completed(loop=client.loop)
    failure: Exception | None = None
    try:
        _submit(client, job, waiting, under_way)
        for future in under_way:
            failure = future.exception()
            if failure is not None:
                break
            _submit(client, job, waiting, under_way)
            yield future.result()
    except (CancelledError, ClosedClientError, OSError) as error:
        raise BelowlineError("The scheduler is gone. Run the same command again to resume.") from error
    if isinstance(failure, KilledWorker):
        name, times = str(failure.task).partition(" ")[0], failure.allowed_failures + 1
        raise BelowlineError(
            f"{name}: its worker died {times} times, as happens when memory runs out. Run the same command "
            f"again to resume."
        ) from failure
    if failure is not None:
        raise failure


def _submit(client: Any, job: Job, waiting: Iterator[Part], under_way: Any) -> None:
    """Hand parts to the workers, so many ahead that none of them waits."""
    # Workers come and go.
    cores = sum(client.nthreads().values())
    for part in islice(waiting, max(0, _AHEAD * max(cores, 1) - under_way.count())):
        # Only names and numbers travel. A store that fails for a moment must not end a night's work.
        under_way.add(client.submit(score_part, job, part, key=f"{part.name} ({time.time_ns()})", retries=2))


def _finish(out: Path, job: Job, plan: Plan, summary: Summary) -> None:
    """Check that every part was written, clear away what a kill left behind, and write the summary."""
    missing = [part.name for part in plan.parts if not is_finished(job, part)]
    if missing:
        raise BelowlineError(f"{missing[0]} was scored but is missing: do the workers write to {out}?")
    for left in out.glob(".part-*"):
        # What a kill cut short.
        left.unlink(missing_ok=True)
    if summary.scored or not (out / _DONE).exists():
        _write(out / _DONE, json.dumps(asdict(summary), indent=1) + "\n")


def _write(file: Path, text: str) -> None:
    """Write a file so that it is either complete or not there."""
    temporary = file.with_name(f".{file.name}")
    with temporary.open("w") as content:
        content.write(text)
        content.flush()
        os.fsync(content.fileno())
    temporary.replace(file)
