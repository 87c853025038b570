"""`python -m model.bench.footprint BUNDLE`: load a bundle in a fresh process and print what that took."""

import json
import sys
import time
from itertools import islice
from pathlib import Path

_COMMENTS = 256


def main(bundle: str) -> None:
    """Print seconds to load, and the highest resident memory after some scoring, as JSON."""
    start = time.perf_counter()
    # The libraries' imports are a part of what a user waits for.
    from model.bench.text import comments  # noqa: PLC0415
    from model.records import Comment  # noqa: PLC0415
    from model.scoring.loading import load_bundle  # noqa: PLC0415

    scorer = load_bundle(bundle)
    loaded = time.perf_counter() - start
    scorer.score_many([Comment(text) for text in islice(comments(300), _COMMENTS)])
    sys.stdout.write(json.dumps({"load_seconds": loaded, "resident_mb": _peak_memory() / 2**20}))


def _peak_memory() -> int:
    """Return the most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage would tell of the process that started this one, where that was larger.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource  # noqa: PLC0415 - not on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(sys.argv[1])
