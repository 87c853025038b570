"""How fast a bundle scores, what it weighs, and how others do on the same comments."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from model.bench.peers import Score, peers
from model.bench.text import comments
from model.bundling.manifest import bundle_path
from model.cores import cores
from model.errors import BundleError
from model.records import Comment
from model.scoring.loading import load_bundle
from model.scoring.scorer import Scorer

Progress = Callable[[str], None]

#: Comments that the peers are fitted to, where none are given.
_FITTED = 5000
_FEWEST_CALLS = 3
_MOST_CALLS = 1000
#: A call that would take this many times the seconds for all of them is left out.
_PATIENCE = 10


@dataclass(frozen=True, slots=True)
class Timing:
    """How fast one program scores batches of one size, of comments of one length.

    Attributes
    ----------
    scorer
        A bundle as it was named, or a peer.
    length
        Characters per comment, roughly.
    batch
        Comments in a call.
    calls
        How often it was called, with new comments each time.
    comments_per_second
        Over all calls.
    p50_ms, p95_ms
        Quantiles of the time of one call.
    """

    scorer: str
    length: int
    batch: int
    calls: int
    comments_per_second: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a bundle takes in a process of its own.

    `load_seconds` has the imports in it; `resident_mb` is the most memory
    that the process had, after 256 comments of 300 characters.
    """

    scorer: str
    load_seconds: float
    resident_mb: float
    disk_mb: float


@dataclass(frozen=True, slots=True)
class Bench:
    """All that was timed, on a machine with so many cores and so much else to do."""

    cores: int
    load_average: float | None
    footprints: tuple[Footprint, ...]
    timings: tuple[Timing, ...]
    missing: tuple[str, ...]

    def speed(self, scorer: str, length: int, batch: int) -> float | None:
        """Find the comments per second of one program, None where it was not timed."""
        cell = (scorer, length, batch)
        return next((t.comments_per_second for t in self.timings if (t.scorer, t.length, t.batch) == cell), None)


@dataclass(frozen=True, slots=True)
class Cells:
    """What is timed of each program: comments in a call, characters of a comment, and for how long, about.

    A call is always finished.
    """

    batches: Sequence[int] = (1, 16, 256, 2048)
    lengths: Sequence[int] = (110, 300)
    seconds: float = 2.0


def bench(
    bundles: Sequence[str],
    cells: Cells,
    *,
    texts: Sequence[str] = (),
    abusive: Sequence[bool] = (),
    with_peers: bool = True,
    progress: Progress = lambda _: None,
) -> Bench:
    """Time bundles, and the peers that are installed, in this process.

    Parameters
    ----------
    bundles
        Names or folders.
    cells
        What is timed of each.
    texts
        Where the comments' words come from; they are made up if left out.
    abusive
        Labels of `texts`, for the peers that learn; drawn at random if left
        out, which takes the same time to score.
    with_peers
        Time the others too.
    progress
        Is told what is timed next.
    """
    paths = {name: bundle_path(name) for name in bundles}
    footprints = []
    for name, path in paths.items():
        progress(f"{name}: load time and memory, in a process of its own")
        footprints.append(_footprint(name, path))
    timings: list[Timing] = []
    missing: list[str] = []
    for name, score in _scorers(paths, texts, abusive, missing, with_peers=with_peers):
        # As the commands and the service do.
        gc.freeze()
        speeds: dict[int, float] = {}
        for length in cells.lengths:
            for batch in sorted(cells.batches):
                if batch / speeds.get(length, np.inf) > _PATIENCE * cells.seconds:
                    progress(f"{name}: too slow for {batch} comments at once")
                    continue
                progress(f"{name}: {batch} at once, {length} characters")
                timings.append(_time(name, score, comments(length, texts), length, batch, cells.seconds))
                # The median: one call that waited for a core says nothing of the next size.
                speeds[length] = 1000 * batch / timings[-1].p50_ms
    average = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return Bench(cores(), average, tuple(footprints), tuple(timings), tuple(missing))


def _scorers(
    paths: dict[str, Path], texts: Sequence[str], abusive: Sequence[bool], missing: list[str], *, with_peers: bool
) -> Iterator[tuple[str, Score]]:
    """Yield what is timed: the bundles, then the peers."""
    for name, path in paths.items():
        yield name, _scorer(load_bundle(path))
    if not with_peers:
        return
    learnt = list(texts) or list(islice(comments(200), _FITTED))
    labels = list(abusive) or [bool(label) for label in np.random.default_rng(0).integers(0, 2, len(learnt))]
    if len(set(labels)) == 1:
        # A classifier needs both kinds, and takes the same time whatever they mean.
        labels[0] = not labels[0]
    for peer in peers(learnt, labels, next(iter(paths.values())) / "tokenizer.json"):
        if peer.score is None:
            missing.append(f"{peer.name}: {peer.missing}")
        else:
            yield peer.name, peer.score


def _scorer(scorer: Scorer) -> Score:
    """Return a bundle's scorer as a function of texts."""
    return lambda batch: scorer.score_many([Comment(text) for text in batch])


def _time(name: str, score: Score, stream: Iterator[str], length: int, batch: int, seconds: float) -> Timing:
    """Time a scorer on batches of texts."""
    score(list(islice(stream, min(batch, 16))))  # what is made ready on the first call is not timed
    took: list[float] = []
    while len(took) < _MOST_CALLS:
        chunk = list(islice(stream, batch))
        start = time.perf_counter()
        score(chunk)
        took.append(time.perf_counter() - start)
        if sum(took) >= seconds and (len(took) >= _FEWEST_CALLS or sum(took) >= _FEWEST_CALLS * seconds):
            break
    p50, p95 = np.quantile(took, (0.5, 0.95)).tolist()
    return Timing(name, length, batch, len(took), batch * len(took) / sum(took), 1000 * p50, 1000 * p95)


def _footprint(name: str, path: Path) -> Footprint:
    """Measure load time and memory of a bundle in a process of its own."""
    root = str(Path(__file__).resolve().parents[2])
    found = subprocess.run(  # noqa: S603 - this Python, and our own module
        [sys.executable, "-m", "model.bench.footprint", str(path.resolve())],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))},
    )
    if found.returncode:
        last = found.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise BundleError(f"{name!r} cannot be loaded in a process of its own: {last}")
    disk = sum(file.stat().st_size for file in path.iterdir() if file.is_file())
    return Footprint(name, **json.loads(found.stdout), disk_mb=disk / 2**20)
