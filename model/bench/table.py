"""A bench as text for a terminal."""

from collections.abc import Sequence

from model.bench.measure import Bench

#: What the others' speeds are told in multiples of.
_ANCHORS = ("alt-profanity-check", "BERT-base, random")


def as_text(bench: Bench) -> str:
    """Write the tables, and what could not be timed."""
    footprints = [
        (f.scorer, f"{f.load_seconds:.2f}", f"{f.resident_mb:.0f}", f"{f.disk_mb:.1f}") for f in bench.footprints
    ]
    anchors = [name for name in _ANCHORS if any(t.scorer == name for t in bench.timings)]
    timings = []
    for t in bench.timings:
        ratios = []
        for name in anchors:
            anchor = bench.speed(name, t.length, t.batch)
            ratios.append("–" if anchor is None else f"{t.comments_per_second / anchor:.2f}")
        timings.append(
            (
                *(t.scorer, str(t.length), str(t.batch), f"{t.comments_per_second:,.0f}"),
                *(f"{t.p50_ms:.2f}", f"{t.p95_ms:.2f}", *ratios),
            )
        )
    parts = [
        _table(("bundle", "load, s", "peak memory, MB", "on disk, MB"), footprints),
        _table(
            ("scorer", "length", "batch", "comments/s", "p50, ms", "p95, ms", *(f"x {name}" for name in anchors)),
            timings,
        ),
        *(f"Not timed: {reason}." for reason in bench.missing),
    ]
    if bench.load_average is not None and bench.load_average > bench.cores + 0.5:
        parts.append(
            f"The load average is {bench.load_average:.1f} on {bench.cores} cores: others are at work here, and the "
            "figures are too low."
        )
    return "\n\n".join(parts)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align rows of a table for the terminal."""
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]

    def line(row: Sequence[str]) -> str:
        cells = zip(row, widths, strict=True)
        return "  ".join(cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(cells))

    return "\n".join([line(columns), "  ".join("-" * width for width in widths), *map(line, rows)])
