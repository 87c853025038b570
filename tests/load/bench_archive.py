"""How fast an archive is scored, and in how much memory: `make bench-archive`.

Runs `python -m training archive` on comments that are made up, of 40 to 300
characters, as its users run it. Memory is the most that the command and its
workers held together.
"""

import json
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import click
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from model.bench.text import comments

#: Comments that differ in more than a number.
_DISTINCT = 50_000
_LENGTHS = (40, 110, 110, 110, 300)
_ROWS = MappingProxyType({"accurate": 40_000, "fast": 2_000_000})


def write_comments(file: Path, rows: int, group: int) -> None:
    """Write comments, no two of them the same, in row groups of `group` rows."""
    made = [list(islice(comments(length, seed=i), _DISTINCT // len(_LENGTHS))) for i, length in enumerate(_LENGTHS)]
    texts = pa.array([text for together in zip(*made, strict=True) for text in together])
    schema = pa.schema([("id", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(file, schema) as writer:
        for start in range(0, rows, group):
            numbers = pa.array(range(start, min(start + group, rows)))
            ids = pc.cast(numbers, pa.string())
            taken = texts.take(pa.array([n % len(texts) for n in numbers.to_pylist()]))
            table = pa.table([ids, pc.binary_join_element_wise(taken, ids, " ")], schema=schema)
            writer.write_table(table, row_group_size=group)


def run(file: Path, out: Path, tier: str, workers: int) -> tuple[dict[str, float], float]:
    """Score a file; return the command's own summary, and the most memory that it held, in MB."""
    command = [sys.executable, "-m", "training", "archive", "--in", file, "--out", out]
    process = subprocess.Popen(  # noqa: S603
        [*map(str, command), "--bundle", tier, "--workers", str(workers)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, _memory(process.pid))
        time.sleep(0.2)
    if process.returncode:
        raise SystemExit(process.returncode)
    summary: dict[str, float] = json.loads((out / "_SUCCESS").read_text())
    return summary, most


def _memory(pid: int) -> float:
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    for process in family:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


@click.command(help=__doc__)
@click.option("--tier", "tiers", multiple=True, type=click.Choice(["accurate", "fast"]), default=("accurate", "fast"))
@click.option("--workers", "crews", multiple=True, type=int, default=(1, 2))
@click.option("--rows", type=int, help="Comments; for each tier what takes it some minutes, if left out.")
@click.option("--row-group", type=int, default=1 << 20, help="Rows of a row group.")
def main(tiers: tuple[str, ...], crews: tuple[int, ...], rows: int | None, row_group: int) -> None:
    """Print a table."""
    click.echo(
        "| tier | workers | comments | seconds | a second | a second and worker | MB | 100 million, core-hours |"
    )
    click.echo("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for tier in tiers:
            file = Path(folder, f"{tier}.parquet")
            write_comments(file, rows or _ROWS[tier], row_group)
            for workers in crews:
                found, memory = run(file, Path(folder, f"{tier}-{workers}"), tier, workers)
                cells = (
                    f"{found['rows']:,}",
                    f"{found['seconds']:,.0f}",
                    f"{found['rows'] / found['seconds']:,.0f}",
                    f"{found['rows'] / found['busy']:,.0f}",
                    f"{memory:,.0f}",
                    f"{1e8 / found['rows'] * found['busy'] / 3600:,.1f}",
                )
                click.echo(f"| {tier} | {workers} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
