"""`python -m training ingest`: labels in."""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click

from training.cli.options import hints, say, value_hints, writable
from training.corpus import ingest as reading
from training.corpus.ingest import Counts, Ingested
from training.labels.repeats import Place


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File for the labels, .parquet or .jsonl.",
)
@click.option(
    "--map",
    "given",
    multiple=True,
    metavar="WHAT=COLUMN",
    help="Which column of every SOURCE holds what, where the guess is wrong: text=comment_body, label=outcome. "
    "label= means there is none. Repeatable.",
)
@value_hints
@click.option("--limit", type=click.IntRange(min=1), help="Read at most this many rows from each source.")
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    help="Labels set aside for measuring: report which of the texts are among them. Repeatable.",
)
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Also write the report as JSON.")
def ingest(
    sources: tuple[str, ...],
    out: Path,
    given: tuple[str, ...],
    limit: int | None,
    against: tuple[str, ...],
    report: Path | None,
) -> None:
    """Read labels from any source, of any size, check them and write them to one file.

    SOURCE is an export from GET /v1/labels, a .csv, .tsv, .xlsx, .jsonl, .json or .parquet
    file, a folder of them, or the id of a Hugging Face data set.
    See docs/retraining.md.
    """
    columns = {}
    for pair in given:
        role, equals, column = pair.partition("=")
        if not equals:
            raise click.UsageError(f"--map takes WHAT=COLUMN, such as text=comment_body, not {pair!r}.")
        columns[role] = column
    writable(report)

    told = replace(hints(), columns=columns)
    found = reading.ingest(sources, out, told, limit=limit, against=against, say=say)
    for line in _lines(found):
        click.echo(line)
    if report:
        report.write_text(json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n")


def _lines(found: Ingested) -> Iterator[str]:
    """Say what a table of labels holds: counts, repeats, contradictions."""
    for counts in found.sources:
        yield from _counted(counts)
    repeats = found.repeats
    if found.looked_at < found.rows:
        yield f"Of the first {found.looked_at:,} rows:"
    yield f"Rows that say what another one says: {repeats.exact:,}; nearly so: {repeats.near:,} more."
    yield f"Texts whose labels contradict each other: {repeats.contradictions:,}."
    for conflict in repeats.first:
        yield f"  {conflict.of}: yes in {_place(conflict.yes)}, no in {_place(conflict.no)}"
    for leakage in found.leakage:
        yield f"Texts that are also in {leakage.against}: {leakage.exact:,}; nearly so: {leakage.near:,} more."
        for here, there in leakage.first:
            yield f"  {_place(here)}, and {_place(there)}"
        if leakage.first:
            yield "  What is learnt from them cannot be measured there."
    yield f"{found.out}: {found.rows:,} rows, fingerprint {found.fingerprint or 'none: there is no label'}."


def _counted(counts: Counts) -> Iterator[str]:
    """Say how many rows and labels of each kind one source of labels has."""
    labels = ", ".join(f"{counts.labels.get(name, 0):,} {name}" for name in ("removed", "kept", "never reviewed"))
    yield f"{counts.source}: {counts.rows:,} rows; {labels}."
    if counts.asked:
        yield "  " + ", ".join(f"{name} {counts.yes[name]:,} of {asked:,}" for name, asked in counts.asked.items())
    if counts.seen_because:
        yield "  seen because of: " + ", ".join(f"{name} {count:,}" for name, count in counts.seen_because.items())
    if counts.withdrawn:
        yield f"  Of comments that were erased, which nothing is learnt from: {counts.withdrawn:,}."
    if counts.without_text:
        rows = ", ".join(map(str, counts.first_without_text))
        more = ", …" if counts.without_text > len(counts.first_without_text) else ""
        yield f"  Left out because they hold no comment: {counts.without_text:,} (row {rows}{more})."


def _place(place: Place) -> str:
    """Write where a label is: its file and row."""
    return f"{place.file}, row {place.row}"
